"""Reading numbers: exact sums, ratios after summing, the same answers on both shapes of the store."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.domains.meta.conftest import Store
from tests.factories.metrics import DAY, a_fact, a_row, write
from vibekanban.core import columns, pools
from vibekanban.core.errors import Invalid
from vibekanban.domains.meta import conversions, hot, insights, metrics
from vibekanban.domains.meta.metrics import Range, Scope
from vibekanban.domains.meta.models import Level

SHOP = Scope(uuid4(), "EUR", "Europe/Madrid")
TODAY = metrics.local_today(SHOP)
DAYS = [DAY + timedelta(days=offset) for offset in range(5)]
SPAN = Range(DAYS[0], DAYS[-1])


def series(store: Store, scope: Scope = SHOP, asked: Range = SPAN, campaign: str = "1201") -> dict[str, Any]:
    with store() as session:
        return json.loads(metrics.series(session, scope, Level.CAMPAIGN, campaign, asked))


def summary(store: Store, asked: Range) -> dict[str, Any]:
    with store() as session:
        return json.loads(metrics.summary(session, SHOP, asked))


def an_account_fact(day: date, **values: Any) -> insights.Fact:
    return insights.fact(a_row(day=day, **values), Level.ACCOUNT)


def test_ratios_are_derived_after_summing(store: Store) -> None:
    with store() as session:
        facts = [
            a_fact(day=DAYS[0], impressions="100", clicks="10", spend="10.00"),
            a_fact(day=DAYS[1], impressions="900", clicks="10", spend="0.01"),
        ]
        write(session, SHOP.id, facts, since=SPAN.since, until=SPAN.until)
    totals = series(store)["totals"]
    assert totals == {
        "spend": "10.01", "impressions": 1000, "clicks": 20, "linkClicks": 30, "conversions": 4,
        "revenue": "99.80", "ctr": 2.0, "cpc": "0.5005", "cpm": "10.0100", "cpa": "2.5025", "roas": 9.97,
        "cpp": None, "reach": None, "frequency": None,
    }  # fmt: skip


def test_a_ratio_without_a_divisor_is_null(store: Store) -> None:
    nothing = {"impressions": "0", "clicks": "0", "spend": "0", "actions": [], "action_values": []}
    with store() as session:
        write(session, SHOP.id, [a_fact(**nothing)])
    row = series(store)["rows"][0]
    assert [row[name] for name in ("ctr", "cpc", "cpm", "cpa", "roas")] == [None] * 5


@pytest.mark.parametrize(
    ("currency", "spend", "shown"),
    [
        ("EUR", "1234567.89", "1234567.89"),
        ("EUR", "5", "5.00"),
        ("JPY", "1200", "1200"),
        ("EUR", "0.0049", "0.0049"),
    ],
)
def test_money_is_exact_with_the_decimals_of_its_currency(
    store: Store, currency: str, spend: str, shown: str
) -> None:
    with store() as session:
        write(session, SHOP.id, [a_fact(spend=spend)])
    scope = Scope(SHOP.id, currency, SHOP.timezone)
    assert series(store, scope)["totals"]["spend"] == shown


def test_days_of_several_attributions_are_one_row(store: Store) -> None:
    with store() as session:
        write(session, SHOP.id, [a_fact(), a_fact(attribution_setting="1d_click")])
    rows = series(store)["rows"]
    assert [(row["date"], row["spend"]) for row in rows] == [(DAY.isoformat(), "24.68")]


def test_a_day_is_final_once_it_was_read_after_meta_stopped_restating_it(store: Store) -> None:
    old, recent = TODAY - timedelta(days=40), TODAY - timedelta(days=20)
    asked = Range(old, TODAY)
    with store() as session:
        write(session, SHOP.id, [a_fact(day=old), a_fact(day=recent)], since=old, until=TODAY)
    assert [row["final"] for row in series(store, asked=asked)["rows"]] == [True, False]


def test_a_day_that_was_not_read_since_it_matured_is_not_final(store: Store) -> None:
    old = TODAY - timedelta(days=40)
    with store() as session:
        read_at = columns.now() - timedelta(days=39)
        write(session, SHOP.id, [a_fact(day=old)], since=old, until=old, read_at=read_at)
    answer = series(store, asked=Range(old, TODAY))
    assert answer["rows"][0]["final"] is False
    assert answer["fetchedAt"] == read_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_nothing_known_is_an_empty_answer_and_not_a_failure(store: Store) -> None:
    answer = series(store, campaign="none")
    assert answer["rows"] == []
    assert answer["totals"]["spend"] == "0.00"
    assert answer["fetchedAt"] is None


def test_categories_are_cut_by_day_and_added_up(store: Store) -> None:
    facts = [
        insights.fact(a_row(age=age, spend=spend), Level.CAMPAIGN, breakdown="age")
        for age, spend in (("18-24", "1.00"), ('25-"34', "2.00"))
    ]
    with store() as session:
        write(session, SHOP.id, facts, breakdown="age")
        cut = json.loads(metrics.cuts(session, SHOP, Level.CAMPAIGN, "1201", SPAN, "age"))
    assert [(row["value"], row["spend"]) for row in cut["rows"]] == [("18-24", "1.00"), ('25-"34', "2.00")]
    assert cut["totals"]["spend"] == "3.00"


@pytest.mark.parametrize("length", [1, 3, 6, 7, 8, 13, 14, 20, 21, 45, 90])
@pytest.mark.parametrize("shift", range(3))
def test_a_summary_of_weeks_and_days_is_the_sum_of_the_days(store: Store, length: int, shift: int) -> None:
    first = DAY - timedelta(days=100)
    days = [first + timedelta(days=offset) for offset in range(110)]
    with store() as session:
        campaigns = [
            a_fact(campaign, day, spend=f"{index}.{number:02d}")
            for number, campaign in enumerate(("1201", "1202"))
            for index, day in enumerate(days)
        ]
        write(session, SHOP.id, campaigns, since=days[0], until=days[-1])
    asked = Range(days[5 + shift * 2], days[5 + shift * 2 + length - 1])
    index = days.index(asked.since)
    expected = sum(range(index, index + length))
    found = {row["metaCampaignId"]: row["spend"] for row in summary(store, asked)["campaigns"]}
    assert found == {"1201": f"{expected}.00", "1202": f"{expected + length / 100:.2f}"}


def test_a_summary_holds_the_period_before_and_what_no_campaign_explains(store: Store) -> None:
    before = DAYS[0] - timedelta(days=1)
    with store() as session:
        account = [an_account_fact(day, spend="10.00") for day in (before, *DAYS)]
        write(
            session, SHOP.id, account, since=DAYS[0] - timedelta(days=5), until=DAYS[-1], level=Level.ACCOUNT
        )
        write(
            session, SHOP.id, [a_fact(day=day, spend="7.50") for day in DAYS], since=DAYS[0], until=DAYS[-1]
        )
    found = summary(store, SPAN)
    assert found["totals"]["spend"] == "50.00"
    assert found["previous"]["spend"] == "10.00"
    assert found["previousComplete"] is True
    assert [day["date"] for day in found["days"]] == [day.isoformat() for day in DAYS]
    assert found["unlisted"]["spend"] == "12.50"


def test_a_period_before_that_was_not_read_is_told(store: Store) -> None:
    with store() as session:
        write(session, SHOP.id, [an_account_fact(DAY)], since=DAYS[0], until=DAYS[-1], level=Level.ACCOUNT)
    assert summary(store, SPAN)["previousComplete"] is False


def test_another_event_counts_every_stored_day_anew(store: Store) -> None:
    with store() as session:
        write(session, SHOP.id, [a_fact(day=day) for day in DAYS], since=SPAN.since, until=SPAN.until)
        assert conversions.recount(session, SHOP.id, "lead") == len(DAYS)
    totals = series(store)["totals"]
    assert (totals["conversions"], totals["revenue"]) == (25, "0.00")
    with store() as session:
        weeks = session.execute(
            text(
                "SELECT sum(conversions_micros), sum(revenue_micros) FROM metric_weeks WHERE account_id = :id"
            ),
            {"id": SHOP.id},
        ).one()
        assert tuple(map(int, weeks)) == (25_000_000, 0)
        assert conversions.recount(session, SHOP.id, None) == len(DAYS)
    assert series(store)["totals"]["revenue"] == "249.50"


def test_counting_anew_is_no_restatement_of_metas(store: Store) -> None:
    with store() as session:
        write(session, SHOP.id, [a_fact()])
        conversions.recount(session, SHOP.id, "lead")
        assert write(session, SHOP.id, [a_fact(event="lead")]).restated == 0


def test_events_to_choose_from_are_those_that_happened(store: Store) -> None:
    with store() as session:
        write(session, SHOP.id, [a_fact()])
        assert conversions.seen(session, SHOP) == [
            conversions.Seen("lead", 0),
            conversions.Seen("omni_purchase", 0),
        ]


def test_what_happened_in_the_last_30_days_is_counted_once(store: Store) -> None:
    long_ago = TODAY - timedelta(days=30)
    with store() as session:
        for day in (TODAY, TODAY - timedelta(days=29), long_ago):
            for level, fact in ((Level.ACCOUNT, an_account_fact(day)), (Level.CAMPAIGN, a_fact(day=day))):
                write(session, SHOP.id, [fact], since=day, until=day, level=level)
        counted = {one.action_type: one.count for one in conversions.seen(session, SHOP)}
    assert counted == {"lead": 10, "omni_purchase": 4}


def test_a_range_that_meta_does_not_keep_is_refused() -> None:
    with pytest.raises(Invalid):
        metrics.chosen(TODAY, TODAY - timedelta(days=1200), TODAY)


async def _asynchronous(asked: Range) -> dict[str, str]:
    values = metrics.series_values(SHOP, Level.CAMPAIGN, "1201", asked)
    hours = metrics.series_values(SHOP, Level.CAMPAIGN, "1201", asked, breakdown="hour")
    async with pools.opened():
        return {
            "series": await hot.series(values),
            "cuts": await hot.cuts(hours),
            "summary": await hot.summary(metrics.summary_values(SHOP, asked)),
        }


def test_the_asynchronous_twins_answer_the_same(database: object) -> None:
    import asyncio

    from vibekanban.core import db

    hour: dict[str, Any] = {insights.HOURLY: "07:00:00 - 07:59:59"}
    with db.metrics_transaction() as session:
        write(session, SHOP.id, [a_fact(day=day) for day in DAYS], since=SPAN.since, until=SPAN.until)
        facts = [insights.fact(a_row(**hour), Level.CAMPAIGN, breakdown="hour")]
        write(session, SHOP.id, facts, breakdown="hour")
        write(session, SHOP.id, [an_account_fact(DAY)], level=Level.ACCOUNT)
    with db.metrics_transaction() as session:
        read = {
            "series": metrics.series(session, SHOP, Level.CAMPAIGN, "1201", SPAN),
            "cuts": metrics.cuts(session, SHOP, Level.CAMPAIGN, "1201", SPAN, "hour"),
            "summary": metrics.summary(session, SHOP, SPAN),
        }
    assert asyncio.run(_asynchronous(SPAN)) == read
    assert '"value":"07"' in read["cuts"]
