"""What goes where by default, and quiet hours that hold back what is not urgent."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from tests.factories.accounts import a_user
from tests.factories.notifications import a_channel
from vibekanban.core.columns import now
from vibekanban.core.errors import Invalid
from vibekanban.core.i18n import catalogue
from vibekanban.domains.accounts.models import User
from vibekanban.domains.notifications import channels, deliveries, outbox, preferences
from vibekanban.domains.notifications.kinds import KINDS, USUAL, Subject
from vibekanban.domains.notifications.models import Delivery, Email
from vibekanban.domains.notifications.preferences import Quiet

MADRID = ZoneInfo("Europe/Madrid")
NIGHT = Quiet(time(22), time(8))
ALWAYS_QUIET = Quiet(time(12), time(11, 59, 59, 999999))


@pytest.fixture
def user(session: Session) -> User:
    return a_user(session)


def test_every_kind_has_its_texts() -> None:
    texts = catalogue("es").keys()
    assert [one for one in KINDS if not {f"notifications.{one}.body", f"emails.{one}.body"} & texts] == []


def test_what_nobody_chose_goes_where_it_usually_goes(session: Session, user: User) -> None:
    assert preferences.preferences(session, user.id).routes == USUAL


def test_a_choice_decides_where_notices_go(session: Session, user: User) -> None:
    channel = a_channel(session, user)
    preferences.choose(session, user.id, Subject.CONNECTIONS, [str(channel.id)])
    channels.tell(session, user.id, "connection_expires", dedupe_key="one", name="Ana", days=3)
    assert session.exec(select(Email)).all() == []
    assert session.exec(select(Delivery)).one().channel_id == channel.id


def test_choosing_nothing_leaves_the_inbox_alone(session: Session, user: User) -> None:
    preferences.choose(session, user.id, Subject.CONNECTIONS, [])
    channels.tell(session, user.id, "connection_expires", dedupe_key="one", name="Ana", days=3)
    assert session.exec(select(Email)).all() == []


def test_somebody_elses_channel_is_not_chosen(session: Session, user: User) -> None:
    theirs = a_channel(session, a_user(session))
    with pytest.raises(Invalid):
        preferences.choose(session, user.id, Subject.ALERTS, [str(theirs.id)])


def test_a_channel_that_was_removed_is_no_choice_any_more(session: Session, user: User) -> None:
    channel = a_channel(session, user)
    preferences.choose(session, user.id, Subject.ALERTS, ["email", str(channel.id)])
    session.delete(channel)
    session.flush()
    assert preferences.preferences(session, user.id).routes[Subject.ALERTS] == ("email",)


@pytest.mark.parametrize(
    ("local", "ends"),
    [
        ("2026-11-24T21:59", None),
        ("2026-11-24T22:00", datetime(2026, 11, 25, 7, 0, tzinfo=UTC)),
        ("2026-11-25T03:00", datetime(2026, 11, 25, 7, 0, tzinfo=UTC)),
        ("2026-11-25T08:00", None),
        # the clocks go forward and back on these nights
        ("2027-03-27T23:00", datetime(2027, 3, 28, 6, 0, tzinfo=UTC)),
        ("2026-10-24T23:00", datetime(2026, 10, 25, 7, 0, tzinfo=UTC)),
    ],
)
def test_the_quiet_of_a_night_ends_in_the_morning(local: str, ends: datetime | None) -> None:
    assert NIGHT.ends(datetime.fromisoformat(local).replace(tzinfo=MADRID)) == ends


def test_the_quiet_of_a_siesta_ends_the_same_day() -> None:
    siesta = Quiet(time(14), time(16, 30))
    assert siesta.ends(datetime(2026, 7, 1, 15, tzinfo=MADRID)) == datetime(2026, 7, 1, 14, 30, tzinfo=UTC)
    assert siesta.ends(datetime(2026, 7, 1, 17, tzinfo=MADRID)) is None


def test_what_can_wait_waits_for_the_end_of_the_quiet_hours(session: Session, user: User) -> None:
    channel = a_channel(session, user)
    preferences.keep_quiet(session, user.id, ALWAYS_QUIET)
    preferences.choose(session, user.id, Subject.CONNECTIONS, ["email", str(channel.id)])
    channels.tell(session, user.id, "connection_expires", dedupe_key="one", name="Ana", days=3)
    email, delivery = session.exec(select(Email)).one(), session.exec(select(Delivery)).one()
    assert email.not_before is not None
    assert email.not_before > now()
    assert delivery.due_at == email.not_before
    assert outbox.claim(session, email.id) is None
    assert deliveries.claim(session, delivery.id) is None
    assert (outbox.sweep(session), deliveries.sweep(session)) == (0, 0)


def test_what_is_urgent_does_not_wait(session: Session, user: User) -> None:
    preferences.keep_quiet(session, user.id, ALWAYS_QUIET)
    channels.tell(session, user.id, "connection_needs_reauth", dedupe_key="one", name="Ana")
    assert session.exec(select(Email)).one().not_before is None


def test_quiet_hours_are_lifted(session: Session, user: User) -> None:
    preferences.keep_quiet(session, user.id, ALWAYS_QUIET)
    preferences.keep_quiet(session, user.id, None)
    assert preferences.quiet_until(session, user.id, user.timezone) is None


def test_quiet_hours_that_never_end_are_refused(session: Session, user: User) -> None:
    with pytest.raises(Invalid):
        preferences.keep_quiet(session, user.id, Quiet(time(8), time(8)))
