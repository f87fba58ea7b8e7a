"""Reports that people keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.meta import a_connection, an_account
from tests.factories.reporting import a_report
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta.models import Level, MetaAccount
from vibekanban.domains.reporting import saved
from vibekanban.domains.reporting.definitions import Definition
from vibekanban.domains.reporting.errors import TooManyReports
from vibekanban.domains.reporting.models import Cadence
from vibekanban.domains.reporting.schedules import Schedule

MONDAYS = Schedule(Cadence.WEEKLY, hour=8, weekday=1)


@pytest.fixture
def owner(session: Session) -> User:
    return a_user(session)


@pytest.fixture
def account(session: Session, owner: User) -> MetaAccount:
    return an_account(session, a_connection(session, owner))


def test_a_kept_report_asks_for_what_it_was_made_with(session: Session, account: MetaAccount) -> None:
    report = a_report(session, account, level="ad", where=["spend>100", "roas<1.5"], q="rebajas")
    found = saved.report(session, account.user_id, report.id).definition
    assert (found.level, found.where, found.q) == (Level.AD, ["spend>100", "roas<1.5"], "rebajas")


def test_reports_are_listed_newest_first_and_by_account(
    session: Session, owner: User, account: MetaAccount
) -> None:
    other = an_account(session, a_connection(session, owner))
    names = [
        a_report(session, account, name="Uno").name,
        a_report(session, other, name="Dos").name,
    ]
    assert [kept.report.name for kept in saved.reports(session, owner.id)] == names[::-1]
    of_one = saved.reports(session, owner.id, account_id=account.id)
    assert [kept.report.name for kept in of_one] == ["Uno"]


def test_a_duplicate_asks_the_same_and_is_not_sent(session: Session, account: MetaAccount) -> None:
    report = a_report(session, account, schedule=MONDAYS, level="adset")
    copy = saved.duplicate(session, account.user_id, report.id, "Otro")
    assert (copy.report.name, copy.definition.level) == ("Otro", Level.AD_SET)
    assert (copy.report.cadence, copy.report.next_due_at) == (Cadence.NONE, None)


def test_only_what_is_given_changes(session: Session, account: MetaAccount) -> None:
    report = a_report(session, account, schedule=MONDAYS)
    due = report.next_due_at
    changed = saved.change(session, account.user_id, report.id, name="  Los   lunes ").report
    assert (changed.name, changed.cadence, changed.next_due_at) == ("Los lunes", Cadence.WEEKLY, due)


def test_a_paused_report_is_not_due_until_it_goes_on(session: Session, account: MetaAccount) -> None:
    report = a_report(session, account, schedule=MONDAYS)
    paused = Schedule(Cadence.WEEKLY, hour=8, weekday=1, is_paused=True)
    assert saved.change(session, account.user_id, report.id, schedule=paused).report.next_due_at is None
    assert saved.change(session, account.user_id, report.id, schedule=MONDAYS).report.next_due_at is not None


def test_a_report_that_was_deleted_is_gone(session: Session, account: MetaAccount) -> None:
    report = a_report(session, account)
    saved.delete(session, account.user_id, report.id)
    with pytest.raises(NotFound):
        saved.report(session, account.user_id, report.id)


@pytest.mark.parametrize("name", ["", "   ", "a\x00b", "x" * 121])
def test_a_name_that_is_none_is_refused(session: Session, account: MetaAccount, name: str) -> None:
    with pytest.raises(Invalid):
        a_report(session, account, name=name)


def test_nobody_keeps_more_than_they_can_look_at(
    session: Session, account: MetaAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved, "MOST", 1)
    a_report(session, account)
    with pytest.raises(TooManyReports):
        a_report(session, account)


@pytest.mark.parametrize(
    "use",
    [
        lambda session, user_id, report: saved.report(session, user_id, report.id),
        lambda session, user_id, report: saved.change(session, user_id, report.id, name="Mío"),
        lambda session, user_id, report: saved.duplicate(session, user_id, report.id, "Mío"),
        lambda session, user_id, report: saved.delete(session, user_id, report.id),
        lambda session, user_id, report: saved.create(
            session, user_id, "Mío", Definition(account_id=report.account_id)
        ),
    ],
)
def test_another_persons_report_or_account_is_not_there(
    session: Session, account: MetaAccount, use: Callable[..., Any]
) -> None:
    report, stranger = a_report(session, account), a_user(session)
    with pytest.raises(NotFound):
        use(session, stranger.id, report)
