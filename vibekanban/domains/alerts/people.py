"""How many people were reached, for conditions that ask: not a sum, so Meta is asked before the pass."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import Session, col, or_, select

from vibekanban.core import db
from vibekanban.domains.alerts.measures import PEOPLE
from vibekanban.domains.alerts.models import AlertLeaf
from vibekanban.domains.meta import reach
from vibekanban.domains.meta.models import Level, MetaAccount

Wanted = tuple[Level, date, date]


def bring(account_id: UUID) -> int:
    """Ask Meta for what the account's alerts need and we do not hold; says how many ranges were new."""
    with db.transaction() as session:
        account = session.get(MetaAccount, account_id)
        if account is None or account.today_synced_at is None:
            return 0
        wanted = _wanted(session, account, account.today_synced_at)
    if not wanted:
        return 0
    today = account.today_synced_at.astimezone(ZoneInfo(account.timezone)).date()
    with db.metrics_transaction() as store:
        stale = [one for one in wanted if reach.stale(_read_at(store, account_id, one), one[2], today)]
    return sum(reach.bring(account_id, level, since, until) for level, since, until in stale)


def _wanted(session: Session, account: MetaAccount, at: datetime) -> list[Wanted]:
    """The ranges of the leaves, as the pass will read them."""
    today = at.astimezone(ZoneInfo(account.timezone)).date()
    query = (
        select(AlertLeaf.level, AlertLeaf.span, AlertLeaf.length)
        .where(
            AlertLeaf.account_id == account.id,
            or_(AlertLeaf.divisor == PEOPLE, AlertLeaf.dividend == PEOPLE),
        )
        .order_by(col(AlertLeaf.level), col(AlertLeaf.span), col(AlertLeaf.length))
        .distinct()
    )
    found = []
    for level, span, length in session.exec(query):
        until = today if span == "today" else today - timedelta(days=1)
        found.append((Level(level), until - timedelta(days=length - 1), until))
    return found


def _read_at(store: Session, account_id: UUID, wanted: Wanted) -> datetime | None:
    level, since, until = wanted
    return store.execute(
        text(
            "SELECT max(fetched_at) FROM metric_reach WHERE account_id = :account AND level = :level"
            " AND since = :since AND until = :until"
        ),
        {"account": account_id, "level": level.value, "since": since, "until": until},
    ).scalar()
