"""Telling somebody something once."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.notifications import a_notification
from vibekanban.core import events
from vibekanban.core.columns import now
from vibekanban.domains.accounts.models import User
from vibekanban.domains.notifications import inbox


def _write(session: Session, user: User) -> bool:
    return inbox.write(session, user.id, "connection_needs_reauth", {"name": "Ana"}, dedupe_key="the same")


def test_the_same_thing_is_told_once(session: Session) -> None:
    user = a_user(session)
    assert _write(session, user)
    assert not _write(session, user)
    assert len(inbox.lines(session, user.id, "es")) == 1


def test_two_people_are_told_the_same_thing(session: Session) -> None:
    assert _write(session, a_user(session))
    assert _write(session, a_user(session))


def test_open_pages_hear_how_many_lines_are_unread(session: Session) -> None:
    user = a_user(session)
    _write(session, user)
    (message,) = session.info[events.PENDING]
    assert b'"unread":1' in message
    assert str(user.id).encode() in message


def test_a_line_is_read_in_the_readers_language(session: Session) -> None:
    user = a_user(session)
    a_notification(session, user)
    spanish, english = (inbox.lines(session, user.id, locale)[0] for locale in ("es", "en"))
    assert spanish.title != english.title
    assert "Ana" in spanish.body
    assert "Ana" in english.body


def test_nobody_marks_anothers_line_read(session: Session) -> None:
    mine, other = a_user(session), a_user(session)
    theirs = a_notification(session, other)
    assert inbox.mark_read(session, mine.id, [theirs.id]) == 0
    assert len(inbox.lines(session, other.id, "es", unread=True)) == 1


def test_a_line_read_twice_stays_as_it_was_read_first(session: Session) -> None:
    user = a_user(session)
    line = a_notification(session, user)
    inbox.mark_read(session, user.id)
    session.refresh(line)
    first = line.read_at
    inbox.mark_read(session, user.id, [line.id])
    session.refresh(line)
    assert line.read_at == first


def test_lines_of_half_a_year_ago_are_forgotten(session: Session) -> None:
    user = a_user(session)
    old, new = a_notification(session, user), a_notification(session, user)
    old.created_at = now() - timedelta(days=181)
    session.flush()
    assert inbox.forget_old(session) == 1
    assert [line.id for line in inbox.lines(session, user.id, "es")] == [new.id]
