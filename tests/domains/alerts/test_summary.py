"""Who gets a daily summary and when: by the reader's own clock, once for each of their days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from tests.factories.accounts import a_user
from tests.factories.alerts import an_alert
from tests.factories.meta import a_connection, an_account
from vibekanban.core import security
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.accounts.models import User
from vibekanban.domains.alerts import summary
from vibekanban.domains.alerts.models import Alert, AlertLeaf, AlertType, SummarySchedule
from vibekanban.domains.meta.models import MetaAccount

Database = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def user(session: Session) -> User:
    return a_user(session, timezone="Europe/Madrid")


@pytest.fixture
def account(session: Session, user: User) -> MetaAccount:
    return an_account(session, a_connection(session, user))


def _subscribed(session: Session, user: User, account: MetaAccount, hour: int = 8) -> None:
    """As if it had been long ago."""
    summary.subscribe(session, user.id, account_ids=[account.id], hour=hour)
    session.exec(select(Alert)).one().created_at = datetime(2026, 1, 1, tzinfo=UTC)
    session.exec(select(SummarySchedule)).one().sent_for = None
    session.flush()


def _due(session: Session, *moments: str) -> list[str]:
    """The days that become due at these moments, each settled as a job would."""
    days = []
    for moment in moments:
        for one in summary.due(session, datetime.fromisoformat(moment)):
            assert summary.settle(session, one.user_id, one.day)
            days.append(one.day.isoformat())
    return days


def test_subscribing_makes_an_alert_that_never_fires(
    session: Session, user: User, account: MetaAccount
) -> None:
    wish = summary.subscribe(session, user.id, account_ids=[account.id], hour=7)
    assert (wish.account_ids, wish.hour) == ([account.id], 7)
    alert = session.exec(select(Alert)).one()
    assert (alert.type, alert.channels, alert.name) == (
        AlertType.DAILY_SUMMARY,
        ["email"],
        "Resumen diario",
    )
    assert session.exec(select(AlertLeaf)).all() == []


def test_accounts_leave_and_come_back_under_the_same_alert(
    session: Session, user: User, account: MetaAccount
) -> None:
    summary.subscribe(session, user.id, account_ids=[account.id], hour=7)
    assert summary.subscribe(session, user.id, account_ids=[], hour=7).account_ids == []
    assert summary.subscribe(session, user.id, account_ids=[account.id], hour=7).account_ids == [account.id]
    assert session.exec(select(Alert)).one().is_active


def test_nobody_reads_another_persons_account(session: Session, account: MetaAccount) -> None:
    with pytest.raises(NotFound):
        summary.subscribe(session, a_user(session).id, account_ids=[account.id], hour=8)


def test_there_is_no_hour_24(session: Session, user: User) -> None:
    with pytest.raises(Invalid):
        summary.subscribe(session, user.id, account_ids=[], hour=24)


def test_the_hour_is_that_of_the_readers_day(session: Session, user: User, account: MetaAccount) -> None:
    _subscribed(session, user, account)
    assert _due(session, "2026-11-24T06:59:00Z") == []
    assert _due(session, "2026-11-24T07:00:00Z") == ["2026-11-24"]


def test_a_day_is_due_once_however_often_is_asked(session: Session, user: User, account: MetaAccount) -> None:
    _subscribed(session, user, account)
    asked = [f"2026-11-{day}T{hour:02}:05:00Z" for day in (24, 25) for hour in range(24)]
    assert _due(session, *asked) == ["2026-11-24", "2026-11-25"]


@pytest.mark.parametrize(
    ("hour", "first"),
    # the clocks go forward at 2:00 on 2027-03-28 and back at 3:00 on 2026-10-25: 2:30 is missing or comes twice
    [(2, date(2027, 3, 27)), (3, date(2027, 3, 27)), (2, date(2026, 10, 24)), (3, date(2026, 10, 24))],
)
def test_each_day_is_due_once_when_the_clocks_change(
    session: Session, user: User, account: MetaAccount, hour: int, first: date
) -> None:
    _subscribed(session, user, account, hour)
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    asked = [(start + timedelta(minutes=15 * n)).isoformat() for n in range(4 * 70)]
    days = _due(session, *asked)
    assert days == [(first + timedelta(days=n)).isoformat() for n in range(3)]


def test_a_reader_who_travels_west_reads_no_day_twice(
    session: Session, user: User, account: MetaAccount
) -> None:
    _subscribed(session, user, account)
    assert _due(session, "2026-11-24T07:05:00Z") == ["2026-11-24"]
    user.timezone = "America/Los_Angeles"
    session.flush()
    assert _due(session, "2026-11-24T16:05:00Z") == []
    assert _due(session, "2026-11-25T16:05:00Z") == ["2026-11-25"]


def test_what_was_slept_through_is_made_up_the_same_day_and_not_later(
    session: Session, user: User, account: MetaAccount
) -> None:
    _subscribed(session, user, account)
    assert _due(session, "2026-11-22T21:00:00Z", "2026-11-24T21:00:00Z") == ["2026-11-22", "2026-11-24"]


def test_the_last_call_is_three_hours_later(session: Session, user: User, account: MetaAccount) -> None:
    _subscribed(session, user, account)
    calls = [
        summary.due(session, datetime(2026, 11, 24, hour, minute, tzinfo=UTC))[0].last_call
        for hour, minute in ((7, 5), (9, 59), (10, 0))
    ]
    assert calls == [False, False, True]


def test_an_alert_of_the_type_is_enough_and_its_hour_is_the_usual_one(
    session: Session, user: User, account: MetaAccount
) -> None:
    alert = an_alert(session, account, type=AlertType.DAILY_SUMMARY, condition={}, channels=["email"])
    alert.created_at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    session.flush()
    assert _due(session, "2026-11-24T12:30:00Z") == []  # made after the hour: from tomorrow on
    assert _due(session, "2026-11-25T07:00:00Z") == ["2026-11-25"]


@pytest.mark.parametrize("values", [{"is_active": False}, {"channels": []}])
def test_an_alert_that_is_off_or_wants_no_e_mail_sends_none(
    session: Session, user: User, account: MetaAccount, values: dict[str, object]
) -> None:
    alert = an_alert(
        session,
        account,
        **{"type": AlertType.DAILY_SUMMARY, "condition": {}, "channels": ["email"], **values},
    )
    alert.created_at = datetime(2026, 1, 1, tzinfo=UTC)
    session.flush()
    assert _due(session, "2026-11-25T07:00:00Z") == []


def test_an_alert_of_another_type_without_a_condition_is_refused(
    session: Session, account: MetaAccount
) -> None:
    with pytest.raises(Invalid):
        an_alert(session, account, condition={})


def test_somebody_who_left_gets_none(session: Session, user: User, account: MetaAccount) -> None:
    _subscribed(session, user, account)
    user.is_active = False
    session.flush()
    assert _due(session, "2026-11-25T07:00:00Z") == []


def test_the_link_of_a_summary_ends_them_all(session: Session, user: User, account: MetaAccount) -> None:
    _subscribed(session, user, account)
    summary.unsubscribe(session, security.sign_link(summary.UNSUBSCRIBE, user.id))
    session.expire_all()
    assert summary.wish(session, user.id).account_ids == []
    assert _due(session, "2026-11-25T07:00:00Z") == []


def _links(user: User) -> Iterator[str]:
    yield ""
    yield "no.token.atall"
    yield security.sign_link("another purpose", user.id)
    yield security.sign(user.id, user.id)[0]


def test_no_other_link_ends_them(session: Session, user: User, account: MetaAccount) -> None:
    _subscribed(session, user, account)
    for link in _links(user):
        with pytest.raises(NotFound):
            summary.unsubscribe(session, link)
    assert summary.wish(session, user.id).account_ids == [account.id]


def test_a_link_of_a_summary_signs_nobody_in(user: User) -> None:
    assert security.read(security.sign_link(summary.UNSUBSCRIBE, user.id)) is None


def test_of_two_at_once_one_settles_a_day(database: Database) -> None:
    with database() as session:
        user_id = a_user(session).id

    def settle(_n: int) -> bool:
        with database() as session:
            return summary.settle(session, user_id, date(2026, 11, 24))

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(settle, range(8))) == [False] * 7 + [True]
