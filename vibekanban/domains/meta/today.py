"""Today's counts of campaigns, kept beside them for lists that show many accounts at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from vibekanban.domains.meta import metrics
from vibekanban.domains.meta.models import MetaAccount

COUNTS = ("spend_micros", "impressions", "clicks", "conversions_micros", "revenue_micros")
_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in COUNTS)
_ARRAYS = ", ".join(f"CAST(:{name} AS bigint[])" for name in COUNTS)
_NEW = ", ".join(f"coalesce(i.{name}, 0)" for name in COUNTS)
_KEEP = f"""
UPDATE campaigns c SET today = :day, {", ".join(f"today_{name} = coalesce(i.{name}, 0)" for name in COUNTS)}
FROM campaigns k LEFT JOIN (
    SELECT meta_id, {_SUMS} FROM unnest(CAST(:ids AS text[]), {_ARRAYS}) AS u(meta_id, {", ".join(COUNTS)})
    GROUP BY meta_id
) i ON i.meta_id = k.meta_id
WHERE k.account_id = :account AND c.id = k.id
  AND (c.today, {", ".join(f"c.today_{name}" for name in COUNTS)}) IS DISTINCT FROM (CAST(:day AS date), {_NEW})
"""
_STORED = f"""
SELECT object_id, {_SUMS} FROM metric_facts
WHERE account_id = :account AND level = 'campaign' AND breakdown = '' AND day = :day GROUP BY object_id
"""


class Counts(Protocol):
    """A campaign's counts of a day."""

    @property
    def object_id(self) -> str: ...
    @property
    def spend_micros(self) -> int: ...
    @property
    def impressions(self) -> int: ...
    @property
    def clicks(self) -> int: ...
    @property
    def conversions_micros(self) -> int: ...
    @property
    def revenue_micros(self) -> int: ...


def keep(session: Session, account_id: UUID, day: date, counted: Iterable[Counts]) -> None:
    """Write a day's counts beside the campaigns of an account; a campaign without delivery shows zero."""
    rows = list(counted)
    values = {name: [getattr(row, name) for row in rows] for name in COUNTS}
    ids = [row.object_id for row in rows]
    session.execute(text(_KEEP), {"account": account_id, "day": day, "ids": ids, **values})


def recounted(session: Session, store: Session, account: MetaAccount) -> None:
    """Bring the counts up to what the metrics store says, after conversions were counted anew."""
    day = metrics.local_today(account)
    stored = store.execute(text(_STORED), {"account": account.id, "day": day}).all()
    keep(session, account.id, day, stored)  # pyright: ignore[reportArgumentType] - rows have these names
