"""A report's answer: rows that add up to the account, what filters hide, what nobody lists, and how it is counted."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.factories.metrics import a_fact, a_row, write
from vibekanban.core import db
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta import insights, metrics, reach
from vibekanban.domains.meta.metrics import Range
from vibekanban.domains.meta.models import Campaign, Level, MetaAccount
from vibekanban.domains.reporting import explorer, sheets
from vibekanban.domains.reporting.definitions import Definition
from vibekanban.domains.reporting.explorer import Answer
from vibekanban.domains.reporting.figures import Metric

Database = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Shop:
    """A person, their account, and its campaigns."""

    user: User
    account: MetaAccount
    alive: Campaign
    other: Campaign
    archived: Campaign


@pytest.fixture
def shop(database: Database) -> Shop:
    """Today 30.00 of the account are spent: 12.34 by one campaign, 5.00 by another, the rest by gone ones."""
    with database() as session:
        user = a_user(session)
        account = an_account(session, a_connection(session, user))
        alive, other = a_campaign(session, account, name="Alfa"), a_campaign(session, account, name="Beta")
        archived = a_campaign(session, account, name="Vieja", effective_status="ARCHIVED")
    told(account, [a_fact(alive.meta_id), a_fact(other.meta_id, spend="5.00", actions=[], action_values=[])])
    told(account, [an_account_fact(account, spend="30.00", impressions="3000")], Level.ACCOUNT)
    return Shop(user, account, alive, other, archived)


def an_account_fact(account: MetaAccount, **values: Any) -> insights.Fact:
    return insights.fact(a_row(account_id=account.meta_account_id, **values), Level.ACCOUNT)


def told(account: MetaAccount, facts: list[insights.Fact], level: Level = Level.CAMPAIGN) -> None:
    """The facts as of today, all that there is at the level."""
    today = metrics.local_today(account)
    moved = [insights.Fact(**{**vars(fact), "day": today}) for fact in facts]
    with db.metrics_transaction() as store:
        write(store, account.id, moved, since=today, until=today, level=level)


def answer(database: Database, shop: Shop, **asked: Any) -> Answer:
    definition = Definition.model_validate({"account_id": shop.account.id, "preset": "today", **asked})
    with database() as session:
        return explorer.explore(session, shop.user.id, definition)


def spent(figures: Any) -> str:
    return str(figures.value(Metric.SPEND))


def test_rows_and_what_nobody_lists_are_the_accounts_total(database: Database, shop: Shop) -> None:
    found = answer(database, shop)
    assert [line.name for line in found.lines] == ["Alfa", "Beta"]
    assert spent(found.rest.now) == "12.66"
    assert sum((line.now.spend_micros for line in found.lines), found.rest.now.spend_micros) == 30_000_000
    assert spent(found.total.now) == "30"


def test_an_archived_campaign_is_in_the_row_of_the_gone_whole(database: Database, shop: Shop) -> None:
    facts = [a_fact(shop.alive.meta_id), a_fact(shop.archived.meta_id, spend="7.00")]
    told(shop.account, facts)
    found = answer(database, shop)
    assert [line.name for line in found.lines] == ["Alfa"]
    assert spent(found.rest.now) == "17.66"


def test_an_archived_campaign_is_shown_to_whoever_asks_for_it(database: Database, shop: Shop) -> None:
    told(shop.account, [a_fact(shop.alive.meta_id), a_fact(shop.archived.meta_id, spend="7.00")])
    found = answer(database, shop, statuses=["ARCHIVED"])
    assert [line.name for line in found.lines] == ["Vieja"]
    assert spent(found.hidden.now) == "12.34"
    assert spent(found.rest.now) == "10.66"


def test_what_a_filter_hides_is_a_row_of_its_own(database: Database, shop: Shop) -> None:
    found = answer(database, shop, where=["spend>10"])
    assert [line.name for line in found.lines] == ["Alfa"]
    assert (found.hidden_count, spent(found.hidden.now), spent(found.rest.now)) == (1, "5", "12.66")


def test_a_filter_on_a_ratio_leaves_out_rows_that_have_none(database: Database, shop: Shop) -> None:
    assert [line.name for line in answer(database, shop, where=["cpa<100"]).lines] == ["Alfa"]


def test_a_name_is_found_by_a_part_of_it(database: Database, shop: Shop) -> None:
    assert [line.name for line in answer(database, shop, q="BET").lines] == ["Beta"]


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("-spend", ["Alfa", "Beta"]),
        ("spend", ["Beta", "Alfa"]),
        ("-name", ["Beta", "Alfa"]),
        ("cpa", ["Alfa", "Beta"]),
        ("-cpa", ["Alfa", "Beta"]),
    ],
)
def test_rows_come_in_the_order_asked_for_and_what_lacks_the_metric_last(
    database: Database, shop: Shop, order: str, names: list[str]
) -> None:
    assert [line.name for line in answer(database, shop, sort=order).lines] == names


def test_every_row_says_how_its_conversions_are_counted(database: Database, shop: Shop) -> None:
    line = answer(database, shop).lines[0]
    assert (line.events, line.windows) == (("omni_purchase",), ("7d_click_1d_view",))


def test_different_attribution_settings_side_by_side_are_flagged(database: Database, shop: Shop) -> None:
    other = a_fact(shop.other.meta_id, attribution_setting="1d_click")
    told(shop.account, [a_fact(shop.alive.meta_id), other])
    found = answer(database, shop)
    assert found.mixed_windows
    assert found.windows == ("1d_click", "7d_click_1d_view")
    assert not answer(database, shop, q="Alfa").mixed_windows


def test_the_period_before_is_beside_every_number(database: Database, shop: Shop) -> None:
    yesterday = metrics.local_today(shop.account) - timedelta(days=1)
    with db.metrics_transaction() as store:
        fact = a_fact(shop.alive.meta_id, yesterday, spend="2.00")
        write(store, shop.account.id, [fact], since=yesterday, until=yesterday)
    found = answer(database, shop)
    before = found.lines[0].before
    assert found.compared == Range(yesterday, yesterday)
    assert before is not None
    assert spent(before) == "2"
    assert answer(database, shop, compare="none").lines[0].before is None


def test_days_that_were_not_read_at_the_level_are_counted(database: Database, shop: Shop) -> None:
    assert answer(database, shop).missing_days == 0
    assert answer(database, shop, preset="last_7_days").missing_days == 6
    assert answer(database, shop, level="ad").missing_days == 1


def test_people_are_what_meta_said_and_never_a_sum(database: Database, shop: Shop) -> None:
    today = metrics.local_today(shop.account)
    with db.metrics_transaction() as store:
        reach._keep(store, shop.account.id, Level.CAMPAIGN, {(shop.alive.meta_id, today, today): (400, 1000)})
    found = answer(database, shop)
    assert found.lines[0].now.value(Metric.REACH) == 400
    assert found.lines[0].now.value(Metric.FREQUENCY) == Decimal("2.5000")
    assert found.lines[1].now.value(Metric.REACH) is None
    assert found.total.now.value(Metric.REACH) is None


def test_metrics_are_derived_as_the_stores_own_statements_derive_them(database: Database, shop: Shop) -> None:
    today = metrics.local_today(shop.account)
    with db.metrics_transaction() as store:
        scope, days = metrics.Scope(shop.account.id, "EUR", "Europe/Madrid"), Range(today, today)
        said = json.loads(metrics.series(store, scope, Level.CAMPAIGN, shop.alive.meta_id, days))["totals"]
    figures = answer(database, shop).lines[0].now
    assert {name: figures.written(Metric(name), "EUR") for name in said} == said


def test_another_persons_account_is_not_there(database: Database, shop: Shop) -> None:
    with database() as session:
        stranger = a_user(session)
    definition = Definition(account_id=shop.account.id)
    with database() as session, pytest.raises(NotFound):
        explorer.explore(session, stranger.id, definition)


@pytest.mark.parametrize(
    "wrong",
    [
        {"metrics": []},
        {"metrics": ["money"]},
        {"where": ["spend=5"]},
        {"where": ["spend>1"] * 6},
        {"sort": "colour"},
        {"level": "creative"},
        {"preset": "custom"},
        {"q": "a\x00b"},
        {"since": 20, "until": 30, "preset": "custom"},
    ],
)
def test_a_definition_that_means_nothing_is_refused(shop: Shop, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Definition.model_validate({"account_id": shop.account.id, **wrong})


def test_a_range_that_ends_before_it_begins_is_refused(database: Database, shop: Shop) -> None:
    with pytest.raises(Invalid):
        answer(database, shop, preset="custom", since="2026-03-02", until="2026-03-01")


def test_the_sheet_adds_up_and_names_event_and_attribution_beside_conversions(
    database: Database, shop: Shop
) -> None:
    found = answer(database, shop, compare="none", metrics=["spend", "conversions"])
    header, *rows = [sheets.header(found, "es"), *sheets.rows(found, "es")]
    assert header[-3:] == ["Evento de conversión", "Ventana de atribución", "Moneda"]
    column = header.index("Gasto")
    *parts, total = [Decimal(row[column]) for row in rows]
    assert sum(parts) == total == Decimal("30.00")
    assert rows[0][-3:] == ["omni_purchase", "7d_click_1d_view", "EUR"]


def test_a_name_that_a_spreadsheet_would_run_is_made_harmless(database: Database, shop: Shop) -> None:
    with database() as session:
        session.get_one(Campaign, shop.alive.id).name = "=HYPERLINK(1)"
    found = answer(database, shop)
    text = sheets.csv_text(found, "en")
    assert "'=HYPERLINK(1)" in text
