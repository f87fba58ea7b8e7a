"""Where somebody wants to be told of what by default, and the hours in which only urgent things may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from vibekanban.core.columns import now
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.accounts import queries as people
from vibekanban.domains.notifications import queries
from vibekanban.domains.notifications.kinds import USUAL, Subject
from vibekanban.domains.notifications.models import NotificationPreferences

EMAIL = "email"


@dataclass(frozen=True)
class Quiet:
    """From one time of the day until another, past midnight when it ends before it begins."""

    since: time
    until: time

    def ends(self, local: datetime) -> datetime | None:
        """When the quiet around a local moment ends; None when it is not quiet then."""
        at = local.time().replace(tzinfo=None)
        over_night = self.until <= self.since
        inside = (at >= self.since or at < self.until) if over_night else self.since <= at < self.until
        if not inside:
            return None
        day = local.date() + timedelta(days=1 if over_night and at >= self.since else 0)
        # the timezone says what that time is on that day, also when clocks change in between
        return datetime.combine(day, self.until, local.tzinfo).astimezone(UTC)


@dataclass(frozen=True)
class Preferences:
    """Channels by subject (`"email"` and ids of channels), and the quiet hours if there are any."""

    routes: Mapping[Subject, tuple[str, ...]]
    quiet: Quiet | None


def preferences(session: Session, user_id: UUID) -> Preferences:
    """Somebody's wishes; channels that were removed meanwhile are left out."""
    kept = session.get(NotificationPreferences, user_id)
    routes = kept.routes if kept else {}
    there = {EMAIL, *(str(one.id) for one in queries.channels(session, user_id))}
    quiet = (
        Quiet(kept.quiet_from, kept.quiet_until) if kept and kept.quiet_from and kept.quiet_until else None
    )
    return Preferences(
        {subject: tuple(one for one in _of(routes, subject) if one in there) for subject in Subject},
        quiet,
    )


def _of(routes: Mapping[str, Sequence[str]], subject: Subject) -> Sequence[str]:
    chosen = routes.get(subject.value)
    return USUAL[subject] if chosen is None else chosen  # an empty choice is one too


def choose(session: Session, user_id: UUID, subject: Subject, channels: Sequence[str]) -> None:
    """Send what is about a subject to these channels from now on; Invalid when one is not the user's."""
    there = {EMAIL, *(str(one.id) for one in queries.channels(session, user_id))}
    if not set(channels) <= there:
        raise Invalid({"routes": "channels.fields.unknown"})
    kept = _kept(session, user_id)
    kept.routes = {**kept.routes, subject.value: list(dict.fromkeys(channels))}
    session.flush()


def keep_quiet(session: Session, user_id: UUID, quiet: Quiet | None) -> None:
    """Hold back what is not urgent in these hours of every day; None: never."""
    if quiet is not None and quiet.since == quiet.until:
        raise Invalid({"quietHours": "channels.fields.quiet_same"})
    kept = _kept(session, user_id)
    kept.quiet_from, kept.quiet_until = (quiet.since, quiet.until) if quiet else (None, None)
    session.flush()


def quiet_until(session: Session, user_id: UUID, timezone: str) -> datetime | None:
    """When somebody's quiet hours end, if now is in them."""
    quiet = preferences(session, user_id).quiet
    return quiet.ends(now().astimezone(ZoneInfo(timezone))) if quiet else None


def _kept(session: Session, user_id: UUID) -> NotificationPreferences:
    """Somebody's row, made when it is missing; two at once wait for each other at the person."""
    if people.user_for_update(session, user_id) is None:
        raise NotFound()
    kept = session.get(NotificationPreferences, user_id, populate_existing=True)
    if kept is None:
        kept = NotificationPreferences(user_id=user_id)
        session.add(kept)
    return kept
