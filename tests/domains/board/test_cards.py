from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.board import a_task
from tests.factories.meta import a_campaign, a_connection, an_account, an_ad_set
from vibekanban.core import columns
from vibekanban.core.errors import NotFound
from vibekanban.domains.board import cards
from vibekanban.domains.board.filters import Filters, Sort
from vibekanban.domains.board.models import Stage
from vibekanban.domains.meta import metrics
from vibekanban.domains.meta.models import MetaAccount


def shown(session: Session, user_id: UUID, filters: Filters | None = None) -> dict[str, list[str]]:
    """The titles of every column that has cards."""
    found = cards.columns(session, user_id, filters)
    return {column.stage.value: [card.title for card in column.cards] for column in found if column.cards}


@pytest.mark.parametrize(
    ("values", "stage"),
    [
        ({}, Stage.RUNNING),
        ({"status": "PAUSED", "effective_status": "PAUSED"}, Stage.PAUSED),
        ({"effective_status": "WITH_ISSUES"}, Stage.ATTENTION),
        ({"issues": [{"level": "AD"}]}, Stage.ATTENTION),
        ({"issues": [{"level": "AD"}], "status": "PAUSED"}, Stage.PAUSED),
        ({"stop_time": columns.now() - timedelta(days=1)}, Stage.DONE),
        ({"status": "ARCHIVED", "updated_time": columns.now()}, Stage.DONE),
        ({"missing_at": columns.now()}, Stage.DONE),
    ],
)
def test_what_meta_says_of_a_campaign_is_its_column(
    session: Session, account: MetaAccount, values: dict[str, object], stage: Stage
) -> None:
    campaign = a_campaign(session, account, **values)
    assert cards.card(session, account.user_id, campaign.id).stage is stage


def test_what_has_been_over_for_long_is_not_on_the_board(session: Session, account: MetaAccount) -> None:
    long_ago = columns.now() - timedelta(days=60)
    a_campaign(session, account, stop_time=long_ago)
    a_campaign(session, account, status="ARCHIVED", updated_time=long_ago)
    old = a_task(session, a_user(session, id=columns.new_id()), stage=Stage.DONE)
    old.done_at = long_ago
    session.flush()
    assert shown(session, account.user_id) == shown(session, old.user_id) == {}


def test_a_card_shows_todays_numbers_and_how_they_pace(session: Session, account: MetaAccount) -> None:
    campaign = a_campaign(
        session,
        account,
        today=metrics.local_today(account),
        today_spend_micros=20_000_000,
        today_revenue_micros=50_000_000,
        today_conversions_micros=3_000_000,
    )
    found = cards.card(session, account.user_id, campaign.id)
    assert (found.spend, found.conversions, found.roas, found.budget) == (
        Decimal(20),
        Decimal(3),
        Decimal("2.5"),
        Decimal(50),
    )
    assert found.pace is None  # nobody has looked today


def test_numbers_of_another_day_are_zero(session: Session, account: MetaAccount) -> None:
    yesterday = metrics.local_today(account) - timedelta(days=1)
    campaign = a_campaign(session, account, today=yesterday, today_spend_micros=5)
    found = cards.card(session, account.user_id, campaign.id)
    assert (found.spend, found.roas) == (Decimal(0), None)


def test_the_daily_budget_of_ad_sets_that_run_is_the_campaigns(
    session: Session, account: MetaAccount
) -> None:
    campaign = a_campaign(session, account, daily_budget=None)
    an_ad_set(session, campaign, daily_budget=1000)
    an_ad_set(session, campaign, daily_budget=550)
    an_ad_set(session, campaign, daily_budget=9999, status="PAUSED")
    assert cards.card(session, account.user_id, campaign.id).budget == Decimal("15.50")


def test_a_column_says_what_it_spends_in_each_currency(session: Session, account: MetaAccount) -> None:
    today = metrics.local_today(account)
    yen = an_account(session, a_connection(session, a_user(session), user_id=account.user_id), currency="JPY",
                     timezone=account.timezone)  # fmt: skip
    for place, micros in ((account, 7), (account, 8), (yen, 100)):
        a_campaign(session, place, today=today, today_spend_micros=micros, today_revenue_micros=1)
    (running,) = [one for one in cards.columns(session, account.user_id) if one.stage is Stage.RUNNING]
    assert running.total == 3
    assert [(one.currency, one.spend_micros, one.daily_budget) for one in running.sums] == [
        ("EUR", 15, 10000),
        ("JPY", 100, 5000),
    ]


def test_a_column_counts_all_of_its_cards_and_shows_the_first(session: Session, account: MetaAccount) -> None:
    for _ in range(3):
        a_campaign(session, account)
    (running,) = [
        one for one in cards.columns(session, account.user_id, limit=2) if one.stage is Stage.RUNNING
    ]
    assert (running.total, len(running.cards)) == (3, 2)


def test_cards_are_found_by_account_kind_and_text(session: Session, account: MetaAccount) -> None:
    a_campaign(session, account, name="Rebajas")
    other = an_account(session, a_connection(session, a_user(session), user_id=account.user_id), name="Norte")
    a_campaign(session, other, name="Verano")
    cards_of = {
        "account": Filters(account=str(other.id)),
        "kind": Filters(kind="task"),
        "q": Filters(q="REBA"),
        "account's name": Filters(q="norte"),
    }
    assert {name: shown(session, account.user_id, asked) for name, asked in cards_of.items()} == {
        "account": {"running": ["Verano"]},
        "kind": {},
        "q": {"running": ["Rebajas"]},
        "account's name": {"running": ["Verano"]},
    }


def test_cards_are_sorted_as_asked(session: Session, account: MetaAccount) -> None:
    today = metrics.local_today(account)
    a_campaign(session, account, name="B", today=today, today_spend_micros=10, today_revenue_micros=1)
    a_campaign(session, account, name="A", today=today, today_spend_micros=5, today_revenue_micros=50)
    order = {sort: shown(session, account.user_id, Filters(sort=sort))["running"] for sort in Sort}
    assert order[Sort.MANUAL] == order[Sort.SPEND] == ["B", "A"]
    assert order[Sort.ROAS] == order[Sort.NAME] == ["A", "B"]


def test_nobody_sees_anothers_cards(session: Session, account: MetaAccount) -> None:
    campaign = a_campaign(session, account)
    stranger = a_user(session)
    assert shown(session, stranger.id) == {}
    with pytest.raises(NotFound):
        cards.card(session, stranger.id, campaign.id)
    with pytest.raises(NotFound):
        cards.columns(session, stranger.id, Filters(account=str(account.id)))
