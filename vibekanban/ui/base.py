"""What every page shares: who is looking, in which language, and how a use case is run for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import reflex as rx
from sqlmodel import Session

from vibekanban.core import db, i18n
from vibekanban.core.errors import NotSignedIn
from vibekanban.domains.accounts import hot, queries

P = ParamSpec("P")
T = TypeVar("T")


class Viewer(rx.State):
    """The person behind this tab. Written only by the gate, from the session cookie."""

    name: str = ""
    email: str = ""
    role: str = ""
    signed_in: bool = False
    _user_id: str = ""

    def _remember(self, seen: hot.Seen | None) -> None:
        self._user_id = str(seen.user_id) if seen else ""
        self.name = seen.name if seen else ""
        self.email = seen.email if seen else ""
        self.role = seen.role.value if seen else ""
        self.signed_in = seen is not None


def locale_of(state: Any) -> i18n.Locale:
    """The language of the page the event came from: everything under /en is English."""
    path = state.router.url.path
    return "en" if path == "/en" or path.startswith("/en/") else "es"


async def user_id(state: rx.State) -> UUID:
    """The signed-in person's id; NotSignedIn when there is none."""
    viewer = await state.get_state(Viewer)
    if not viewer._user_id:
        raise NotSignedIn()
    return UUID(viewer._user_id)


async def run(
    state: rx.State, work: Callable[Concatenate[Session, UUID, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run a use case for the signed-in person, in a transaction of its own, off the event loop."""
    return await db.run(work, await user_id(state), *args, **kwargs)


def path(locale: str, route: str) -> str:
    """The address of a page in a language."""
    return f"/en{route}".rstrip("/") or "/en" if locale == "en" else route


def uuid_of(text: str) -> UUID | None:
    """An id of the address or of a form; None when it is none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def day_of(text: str) -> date | None:
    """A day of the address or of a form; None when it is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


async def between(state: rx.State, since: str, until: str) -> tuple[datetime | None, datetime | None]:
    """The moments that a first and a last day of a form stand for, in the person's timezone."""
    user = await run(state, queries.user)
    zone = ZoneInfo(user.timezone if user else "UTC")
    first, last = day_of(since), day_of(until)
    return (
        datetime.combine(first, time.min, zone) if first else None,
        datetime.combine(last + timedelta(days=1), time.min, zone) if last and last < date.max else None,
    )
