from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.factories.metrics import a_fact, write
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.board import pacing
from vibekanban.domains.board.models import PacingTarget
from vibekanban.domains.board.pacing import Standing
from vibekanban.domains.meta import metrics
from vibekanban.domains.meta.models import Level, MetaAccount

Database = Callable[[], AbstractContextManager[Session]]
THOUSAND = Decimal(1000)


def test_a_month_has_one_target_an_account_and_one_a_campaign(session: Session, account: MetaAccount) -> None:
    campaign = a_campaign(session, account)
    given: dict[str, Any] = {"account_id": account.id}
    first = pacing.aim(session, account.user_id, amount=THOUSAND, **given)
    again = pacing.aim(session, account.user_id, amount=Decimal("1500.50"), **given)
    other = pacing.aim(session, account.user_id, amount=Decimal(300), campaign_id=campaign.id, **given)
    assert first.id == again.id != other.id
    assert again.amount_micros == 1_500_500_000
    assert len(pacing.targets(session, account.user_id)) == 2
    pacing.aim(session, account.user_id, amount=THOUSAND, month=date(2020, 5, 17), **given)
    assert pacing.targets(session, account.user_id, date(2020, 5, 1))[0].month == date(2020, 5, 1)


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "1e13"])
def test_a_target_is_an_amount(session: Session, account: MetaAccount, amount: str) -> None:
    with pytest.raises(Invalid):
        pacing.aim(session, account.user_id, account_id=account.id, amount=Decimal(amount))


def test_targets_are_ones_own(session: Session, account: MetaAccount) -> None:
    stranger = a_user(session)
    target = pacing.aim(session, account.user_id, account_id=account.id, amount=THOUSAND)
    with pytest.raises(NotFound):
        pacing.aim(session, stranger.id, account_id=account.id, amount=THOUSAND)
    with pytest.raises(NotFound):
        pacing.forget(session, stranger.id, target.id)
    assert pacing.standings(session, stranger.id) == pacing.targets(session, stranger.id) == []
    pacing.forget(session, account.user_id, target.id)
    assert pacing.targets(session, account.user_id) == []


def test_a_campaign_of_another_account_has_no_target_here(session: Session, account: MetaAccount) -> None:
    other = an_account(session, a_connection(session, a_user(session), user_id=account.user_id))
    campaign = a_campaign(session, other)
    with pytest.raises(NotFound):
        pacing.aim(session, account.user_id, account_id=account.id, amount=THOUSAND, campaign_id=campaign.id)


def test_what_was_spent_this_month_is_added_up_by_level(database: Database) -> None:
    with database() as session:
        account = an_account(session, a_connection(session, a_user(session)))
        campaign = a_campaign(session, account)
        today = metrics.local_today(account)
        last_month = today.replace(day=1) - timedelta(days=1)
        facts = [a_fact(campaign.meta_id, day, spend="10.00") for day in (today, last_month)]
        write(session, account.id, facts, since=last_month, until=today)
        whole = [a_fact(account.meta_account_id, today, spend="25.00")]
        write(session, account.id, whole, since=today, until=today, level=Level.ACCOUNT)
        given: dict[str, Any] = {"account_id": account.id, "amount": THOUSAND}
        pacing.aim(session, account.user_id, **given)
        pacing.aim(session, account.user_id, campaign_id=campaign.id, **given)
    with database() as session:
        found = pacing.standings(session, account.user_id)
    assert [(one.name, one.spent) for one in found] == [(account.name, 25), (campaign.name, 10)]
    assert {one.projected for one in found} == {None}  # nobody has read today's numbers


def test_the_month_ends_where_its_time_so_far_leads(session: Session, account: MetaAccount) -> None:
    zone = ZoneInfo(account.timezone)
    first = metrics.local_today(account).replace(day=1)
    days = ((first + timedelta(days=32)).replace(day=1) - first).days
    account.today_synced_at = datetime(first.year, first.month, 1, tzinfo=zone) + timedelta(days=days / 4)
    assert pacing._projected(account, Decimal(300)) == pytest.approx(Decimal(1200), abs=Decimal(3))
    account.today_synced_at = datetime(first.year, first.month, 1, 6, tzinfo=zone)
    assert pacing._projected(account, Decimal(300)) is None
    account.today_synced_at = datetime(first.year, first.month, 1, tzinfo=zone) - timedelta(days=1)
    assert pacing._projected(account, Decimal(300)) is None


@pytest.mark.parametrize(
    ("projected", "verdict"), [("1101", "over"), ("1050", "even"), ("899", "under"), (None, "")]
)
def test_a_tenth_off_the_target_is_said(account: MetaAccount, projected: str | None, verdict: str) -> None:
    target = PacingTarget(
        user_id=account.user_id,
        account_id=account.id,
        month=date(2026, 3, 1),
        amount_micros=1_000_000_000,
        currency="EUR",
    )
    expected = None if projected is None else Decimal(projected)
    assert Standing(target, account, None, Decimal(0), expected).verdict == verdict
