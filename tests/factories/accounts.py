"""People and their sessions for tests."""

from __future__ import annotations

from functools import lru_cache
from itertools import count
from typing import Any

from sqlmodel import Session

from vibekanban.core import security
from vibekanban.domains.accounts import sessions
from vibekanban.domains.accounts.models import User

PASSWORD = "una frase bastante larga"
_numbers = count(1)


@lru_cache
def _hash() -> str:
    """Hashed once: argon2 is slow on purpose."""
    return security.hash_password(PASSWORD)


def a_user(session: Session, **values: Any) -> User:
    """A verified media buyer whose password is PASSWORD."""
    number = next(_numbers)
    given: dict[str, Any] = {
        "email": f"persona{number}@example.com",
        "name": f"Persona {number}",
        "password_hash": _hash(),
        "is_verified": True,
        **values,
    }
    user = User(**given)
    session.add(user)
    session.flush()
    return user


def a_session(session: Session, user: User) -> sessions.Opened:
    """A signed-in API session; its `token` goes into `Authorization: Bearer …`."""
    return sessions.open_api_session(session, user, address="127.0.0.1", user_agent="tests")


def a_browser_session(session: Session, user: User) -> str:
    """A signed-in browser; answers the cookie's value."""
    return sessions.open_browser_session(session, user, address="127.0.0.1", user_agent="tests")


def bearer(session: Session, user: User) -> dict[str, str]:
    """The header of a signed-in API call."""
    return {"Authorization": f"Bearer {a_session(session, user).token}"}


class Postbox:
    """What would have been sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []

    def __call__(
        self, session: Session, user: User, kind: str, *, dedupe_key: str, href: str, **params: str
    ) -> None:
        self.sent.append((user.email, kind, href))

    @property
    def token(self) -> str:
        """The token of the last link."""
        return self.sent[-1][2].partition("token=")[2]
