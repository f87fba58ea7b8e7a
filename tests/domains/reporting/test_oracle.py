"""Every level, day and breakdown equals the sandbox's truth to the cent, after Meta restated all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tests.conftest import Sandbox
from tests.domains.meta.test_syncing import Database, connected, drain
from tests.domains.reporting.test_reconciliation import frozen_at, the_account
from vibekanban.core import db
from vibekanban.domains.meta import insights, metrics, syncs
from vibekanban.domains.meta.models import MEASURED, Level, MetaAccount, SyncKind
from vibekanban.domains.reporting.definitions import Breakdown

DAYS = 3
COUNTED = ("impressions", "clicks", "link_clicks", "spend_micros", "purchases", "value_micros")
SEEN = 4  # of these many; purchases outside of Meta have neither an hour nor a region
WITHOUT_PURCHASES = {Breakdown.HOUR, Breakdown.REGION}
Cells = dict[tuple[str, str, str], tuple[int, ...]]


@dataclass(frozen=True)
class Cut:
    """A level by days and categories."""

    account: MetaAccount
    level: Level
    breakdown: Breakdown
    since: date
    until: date

    @property
    def kept(self) -> int:
        return SEEN if self.breakdown in WITHOUT_PURCHASES else len(COUNTED)

    def stored(self) -> Cells:
        """What we hold, by object, day and category."""
        query = text(
            "SELECT object_id, day, breakdown_value, impressions, clicks, link_clicks, spend_micros,"
            " conversions_micros / 1000000, revenue_micros FROM metric_facts WHERE account_id = :account"
            " AND level = :level AND breakdown = :breakdown AND day BETWEEN :since AND :until"
        )
        values = {
            "account": self.account.id, "level": self.level.value, "breakdown": self.breakdown.value,
            "since": self.since, "until": self.until,
        }  # fmt: skip
        with db.metrics_transaction() as store:
            rows = store.execute(query, values).all()
        return {
            (self._named(row[0]), str(row[1]), self._category(row[2])): tuple(row[3 : 3 + self.kept])
            for row in rows
        }

    def true(self, sandbox: Sandbox) -> Cells:
        """What the sandbox knows; there is no row where nothing happened."""
        query: dict[str, Any] = {
            "account": self.account.meta_account_id, "level": self.level.value,
            "since": self.since, "until": self.until,
        }  # fmt: skip
        query["breakdown"] = insights.cut(self.breakdown.value).get("breakdowns", "")
        items = sandbox.admin.get("/_sandbox/oracle", params=query).raise_for_status().json()["items"]
        cells = {
            (self._named(one["id"]), one["date"], self._category("|".join(one["cut"]))): tuple(
                one[name] for name in COUNTED[: self.kept]
            )
            for one in items
        }
        return {key: counts for key, counts in cells.items() if any(counts)}

    def _named(self, object_id: str) -> str:
        return "" if self.level is Level.ACCOUNT else object_id

    def _category(self, value: str) -> str:
        return value[:2] if self.breakdown is Breakdown.HOUR else value


def cuts(account: MetaAccount) -> Iterator[Cut]:
    today = metrics.local_today(account)
    since, until = today - timedelta(days=5 + DAYS), today - timedelta(days=6)
    for level in MEASURED:
        for breakdown in Breakdown:
            yield Cut(account, level, breakdown, since, until)


def read(database: Database, user_id: UUID, cut: Cut) -> None:
    """Ask Meta for a breakdown, as a report does."""
    with database() as session:
        syncs.request(
            session, user_id, cut.account.id, SyncKind.BREAKDOWN, since=cut.since, until=cut.until, level=cut.level,
            breakdown=cut.breakdown.value,
        )  # fmt: skip
    drain()


def test_every_level_day_and_breakdown_is_true_to_the_cent_after_meta_restated_them(
    database: Database, sandbox: Sandbox
) -> None:
    frozen_at(sandbox, days_ago=4)
    user_id, account_id = connected(database, sandbox, "lucia")
    drain()
    account = the_account(database, account_id)
    first: dict[tuple[Level, Breakdown], Cells] = {}
    for cut in cuts(account):
        if cut.breakdown is Breakdown.NONE:
            first[cut.level, cut.breakdown] = cut.stored()
    frozen_at(sandbox, days_ago=0)
    with database() as session:
        syncs.request(session, user_id, account_id, SyncKind.TRAILING)
    drain()
    walked = 0
    for cut in cuts(account):
        if cut.breakdown is not Breakdown.NONE:
            read(database, user_id, cut)
        held, truth = cut.stored(), cut.true(sandbox)
        assert held == truth, (cut.level, cut.breakdown)
        assert {day for _, day, _ in held} == {str(cut.since + timedelta(days=n)) for n in range(DAYS)}
        assert first.get((cut.level, cut.breakdown)) != held
        walked += 1
    assert walked == len(MEASURED) * len(Breakdown)
