"""What routes ask for: a transaction, the signed-in user, the caller's language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from vibekanban.core import db, i18n
from vibekanban.core.errors import Forbidden, NotSignedIn
from vibekanban.domains.accounts import sessions
from vibekanban.domains.accounts.models import Role, User


def _session() -> Iterator[Session]:
    with db.transaction() as session:
        yield session


# function scope: the commit happens before the answer is sent, so a failed commit is never a 201
SessionDep = Annotated[Session, Depends(_session, scope="function")]


def _locale(request: Request) -> i18n.Locale:
    return i18n.accepted(request.headers.get("accept-language"))


LocaleDep = Annotated[i18n.Locale, Depends(_locale)]


def _signed_in(request: Request, session: SessionDep) -> sessions.SignedIn:
    """The session behind `Authorization: Bearer <JWT>` or the browser's cookie."""
    found = sessions.authenticate(
        session,
        bearer=request.headers.get("authorization"),
        cookie=request.cookies.get(sessions.COOKIE),
    )
    if found is None:
        raise NotSignedIn()
    return found


SignedInDep = Annotated[sessions.SignedIn, Depends(_signed_in)]


def _user(signed_in: SignedInDep) -> User:
    return signed_in.user


CurrentUser = Annotated[User, Depends(_user)]


def _admin(user: CurrentUser) -> User:
    if user.role is not Role.ADMIN:
        raise Forbidden()
    return user


AdminUser = Annotated[User, Depends(_admin)]
