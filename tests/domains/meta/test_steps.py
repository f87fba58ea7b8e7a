"""Steps of a sync with a Meta that is played by hand, for what the sandbox can not be told to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import text
from sqlmodel import select

from tests.domains.meta.test_syncing import Database
from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.factories.metrics import a_row
from vibekanban.clients.meta.errors import TooMuchData
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import columns, db
from vibekanban.domains.meta import conversions, metrics, steps, syncs
from vibekanban.domains.meta.models import Campaign, Level, MetaAccount, SyncKind


class Meta:
    """Answers every insights call with the rows it was given; `refused` levels and hours are too much for it."""

    def __init__(self, rows: list[dict[str, Any]], *, refused: tuple[str, ...] = ()) -> None:
        self.rows = rows
        self.refused = refused
        self.asked: list[dict[str, Any]] = []

    def pages(self, _path: str, **asked: Any) -> Iterator[list[dict[str, Any]]]:
        self.asked.append(asked)
        if ("hour" if "breakdowns" in asked else asked["level"]) in self.refused:
            raise TooMuchData()
        yield [] if "breakdowns" in asked else self.rows


def work(database: Database, meta: Meta, **account: Any) -> steps.Work:
    with database() as session:
        made = an_account(session, a_connection(session, a_user(session)), **account)
        for meta_id in ("1201", "1202"):
            a_campaign(session, made, meta_id=meta_id, today_spend_micros=5, today=columns.now().date())
        sync = syncs.request(session, made.user_id, made.id, SyncKind.TODAY)
    return steps.Work(made, sync, cast(Gateway, meta))


def zone(hour: int) -> str:
    """A timezone where it is that hour now."""
    offset = (hour - columns.now().hour + 11) % 24 - 11
    return f"Etc/GMT{-offset:+d}"


def test_a_day_too_large_for_its_hours_is_read_without_them(database: Database) -> None:
    doing = work(database, Meta([], refused=("hour",)), timezone=zone(12))
    cast(Any, doing.meta).rows = [a_row("1201", doing.today, spend="7.50")]
    assert steps.today(doing).over
    with database() as session:
        shown = {row.meta_id: row.today_spend_micros for row in session.exec(select(Campaign))}
        assert session.get_one(MetaAccount, doing.account.id).today_synced_at is not None
    assert shown == {"1201": 7_500_000, "1202": 0}


def test_yesterday_is_read_with_today_until_the_night_is_over(database: Database) -> None:
    for hour, days in ((1, 2), (12, 1)):
        meta = Meta([])
        doing = work(database, meta, timezone=zone(hour))
        steps.today(doing)
        first = doing.today - timedelta(days=days - 1)
        assert {asked["time_range"]["since"] for asked in meta.asked} == {first.isoformat()}


def test_what_yesterday_spent_is_not_shown_as_todays(database: Database) -> None:
    doing = work(database, Meta([]), timezone=zone(1))
    yesterday = doing.today - timedelta(days=1)
    cast(Any, doing.meta).rows = [
        a_row("1201", yesterday, spend="9.00"),
        a_row("1201", doing.today, spend="1.00"),
    ]
    steps.today(doing)
    with database() as session:
        shown = session.execute(
            text("SELECT today_spend_micros FROM campaigns WHERE meta_id = '1201'")
        ).scalar_one()
    assert shown == 1_000_000


def test_ads_of_today_are_read_half_hourly(database: Database) -> None:
    meta = Meta([])
    doing = work(database, meta)
    steps.today_details(doing)
    steps.today_details(doing)
    assert [asked["level"] for asked in meta.asked] == ["adset", "ad"]


def test_ads_too_many_for_one_call_are_left_to_their_reports(database: Database) -> None:
    meta = Meta([], refused=("adset",))
    assert steps.today_details(work(database, meta)).over
    assert [asked["level"] for asked in meta.asked] == ["adset"]


def test_a_first_month_too_large_for_one_call_is_left_to_its_reports(database: Database) -> None:
    doing = work(database, Meta([], refused=("campaign",)))
    assert steps.month(doing).over
    with db.metrics_transaction() as session:
        day = metrics.local_today(doing.account)
        read = session.execute(
            text("SELECT DISTINCT level FROM metric_coverage WHERE account_id = :account AND day = :day"),
            {"account": doing.account.id, "day": day},
        ).scalars()
        assert list(read) == [Level.ACCOUNT.value]


def test_todays_conversions_are_kept_beside_the_campaign_and_follow_what_counts(database: Database) -> None:
    doing = work(database, Meta([]), timezone=zone(12))
    cast(Any, doing.meta).rows = [a_row("1201", doing.today)]
    steps.today(doing)

    def kept() -> tuple[int, int]:
        with database() as session:
            row = session.exec(select(Campaign).where(Campaign.meta_id == "1201")).one()
            return row.today_conversions_micros, row.today_revenue_micros

    assert kept() == (2_000_000, 49_900_000)
    conversions.declare(doing.account.user_id, doing.account.id, "lead")
    assert kept() == (5_000_000, 0)
