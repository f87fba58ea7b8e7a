"""Telling somebody over chosen channels: everywhere once, nowhere they did not choose."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session, select

from tests.factories.accounts import a_user
from tests.factories.notifications import a_channel
from vibekanban.core.columns import new_id
from vibekanban.domains.accounts.models import User
from vibekanban.domains.notifications import channels
from vibekanban.domains.notifications.models import Delivery, Email, Notification


def _tell(session: Session, user: User, to: list[str | UUID], key: str = "same") -> None:
    channels.deliver(
        session,
        user.id,
        kind="connection_needs_reauth",
        data={"name": "Ana", "href": "/app/accounts"},
        channels=to,
        dedupe_key=key,
    )


def test_the_inbox_is_told_whatever_was_chosen(session: Session) -> None:
    user = a_user(session)
    _tell(session, user, [])
    line = session.exec(select(Notification)).one()
    assert (line.user_id, line.params, line.href) == (user.id, {"name": "Ana"}, "/app/accounts")
    assert session.exec(select(Email)).all() == []


def test_each_chosen_channel_gets_one_delivery(session: Session) -> None:
    user = a_user(session)
    first, second = a_channel(session, user), a_channel(session, user)
    _tell(session, user, ["email", first.id, str(second.id)])
    assert {one.channel_id for one in session.exec(select(Delivery))} == {first.id, second.id}
    assert session.exec(select(Email)).one().to_email == user.email


def test_a_repeated_call_adds_nothing(session: Session) -> None:
    user = a_user(session)
    channel = a_channel(session, user)
    for _ in range(2):
        _tell(session, user, ["email", channel.id, channel.id])
    assert len(session.exec(select(Delivery)).all()) == 1
    assert len(session.exec(select(Email)).all()) == 1
    assert len(session.exec(select(Notification)).all()) == 1


def test_a_channel_chosen_later_is_told_what_it_missed_and_only_that(session: Session) -> None:
    user = a_user(session)
    channel = a_channel(session, user)
    _tell(session, user, ["email"])
    _tell(session, user, ["email", channel.id])
    assert len(session.exec(select(Delivery)).all()) == 1
    assert len(session.exec(select(Email)).all()) == 1


def test_somebody_elses_channel_is_passed_over(session: Session) -> None:
    user, other = a_user(session), a_user(session)
    _tell(session, user, [a_channel(session, other).id, new_id()])
    assert session.exec(select(Delivery)).all() == []


def test_a_channel_that_is_off_is_passed_over(session: Session) -> None:
    user = a_user(session)
    _tell(session, user, [a_channel(session, user, is_active=False).id])
    assert session.exec(select(Delivery)).all() == []


def test_somebody_who_left_gets_no_messages(session: Session) -> None:
    user = a_user(session, is_active=False)
    _tell(session, user, ["email", a_channel(session, user).id])
    assert session.exec(select(Delivery)).all() == []
    assert session.exec(select(Email)).all() == []


def test_long_keys_do_not_meet_in_the_e_mails(session: Session) -> None:
    user = a_user(session)
    for end in "ab":
        _tell(session, user, ["email"], key="k" * 150 + end)
    assert len(session.exec(select(Email)).all()) == 2
