"""What routes ask for: a transaction, the signed-in user, the caller's language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from sqlmodel import Session

from vibekanban.core import db, i18n
from vibekanban.core.errors import Forbidden, NotSignedIn
from vibekanban.domains.accounts import hot, sessions
from vibekanban.domains.accounts.models import Role, User


def _session() -> Iterator[Session]:
    with db.transaction() as session:
        yield session


# function scope: the commit happens before the answer is sent, so a failed commit is never a 201
SessionDep = Annotated[Session, Depends(_session, scope="function")]


def _locale(request: Request) -> i18n.Locale:
    return i18n.accepted(request.headers.get("accept-language"))


LocaleDep = Annotated[i18n.Locale, Depends(_locale)]


@dataclass(frozen=True)
class Caller:
    """Where a request comes from, as a session remembers it."""

    address: str
    user_agent: str


def _caller(request: Request) -> Caller:
    address = request.scope.get("state", {}).get("address", "")
    return Caller(address, request.headers.get("user-agent", ""))


CallerDep = Annotated[Caller, Depends(_caller)]

# these two only declare in the reference how a route is called; `_signed_in` reads the headers itself
_TOKEN = Security(HTTPBearer(auto_error=False, scheme_name="token", bearerFormat="JWT"))
_COOKIE = Security(APIKeyCookie(auto_error=False, scheme_name="cookie", name=sessions.COOKIE))
SECURITY = [_TOKEN, _COOKIE]


def _signed_in(
    request: Request, session: SessionDep, _token: object = _TOKEN, _cookie: object = _COOKIE
) -> sessions.SignedIn:
    """The session behind `Authorization: Bearer <JWT>` or the browser's cookie."""
    found = sessions.authenticate(
        session,
        bearer=request.headers.get("authorization"),
        cookie=request.cookies.get(sessions.cookie_name()),
    )
    if found is None:
        raise NotSignedIn()
    return found


SignedInDep = Annotated[sessions.SignedIn, Depends(_signed_in)]


async def _seen(request: Request, _token: object = _TOKEN, _cookie: object = _COOKIE) -> hot.Seen:
    """Who calls, for routes that hold no transaction of their own."""
    found = await hot.authenticate(
        bearer=request.headers.get("authorization"),
        cookie=request.cookies.get(sessions.cookie_name()),
    )
    if found is None:
        raise NotSignedIn()
    return found


SeenDep = Annotated[hot.Seen, Depends(_seen)]


def _user(signed_in: SignedInDep) -> User:
    return signed_in.user


CurrentUser = Annotated[User, Depends(_user)]


def _admin(user: CurrentUser) -> User:
    if user.role is not Role.ADMIN:
        raise Forbidden()
    return user


AdminUser = Annotated[User, Depends(_admin)]
