"""Signing in and out in the browser: the cookie's routes, called by the pages' forms."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import Field, SecretStr

from vibekanban.api.accounts import mail
from vibekanban.api.deps import CallerDep, LocaleDep, SessionDep
from vibekanban.api.wire import Wire
from vibekanban.core.settings import settings
from vibekanban.domains.accounts import sessions, signin, signup
from vibekanban.domains.accounts.models import Role

router = APIRouter(prefix="/auth", tags=["browser"], include_in_schema=False)


class SignIn(Wire):
    email: str = Field(max_length=254)
    password: SecretStr = Field(max_length=256)
    next: str = Field(default="", max_length=300)


class Registration(Wire):
    email: str = Field(max_length=254)
    name: str = Field(max_length=200)
    password: SecretStr = Field(max_length=256)
    role: Role = Role.TRAFICER


class Onward(Wire):
    """Where the browser goes next, with a full page load so that its socket is opened anew."""

    next: str


@router.post("/sign-in")
def sign_in(
    body: SignIn, request: Request, response: Response, locale: LocaleDep, caller: CallerDep
) -> Onward:
    """Open a browser session."""
    _, token = signin.for_browser(
        email=body.email,
        password=body.password.get_secret_value(),
        address=caller.address,
        user_agent=caller.user_agent,
        replaces=request.cookies.get(sessions.cookie_name()),
    )
    _remember(response, token)
    return Onward(next=_local(body.next) or _home(locale))


@router.post("/register", status_code=201)
def register(
    body: Registration,
    response: Response,
    session: SessionDep,
    locale: LocaleDep,
    caller: CallerDep,
) -> Onward:
    """Create a user and sign them in."""
    user = signup.register(
        session,
        email=body.email,
        name=body.name,
        password=body.password.get_secret_value(),
        role=body.role,
        locale=locale,
        mail=mail,
    )
    token = sessions.open_browser_session(session, user, address=caller.address, user_agent=caller.user_agent)
    _remember(response, token)
    return Onward(next=f"{_home(locale)}?welcome=1")


@router.post("/sign-out")
def sign_out(request: Request, response: Response, session: SessionDep, locale: LocaleDep) -> Onward:
    """End the browser's session; signing out twice is fine."""
    signed_in = sessions.authenticate(
        session, bearer=None, cookie=request.cookies.get(sessions.cookie_name())
    )
    if signed_in is not None:
        sessions.end(session, signed_in.user.id, signed_in.session.id)
    response.delete_cookie(sessions.cookie_name(), path="/", secure=settings().secure_cookies, httponly=True)
    return Onward(next="/en/sign-in" if locale == "en" else "/sign-in")


def _remember(response: Response, token: str) -> None:
    response.set_cookie(
        sessions.cookie_name(),
        token,
        max_age=int(sessions.LONGEST.total_seconds()),
        path="/",
        secure=settings().secure_cookies,
        httponly=True,
        samesite="lax",
    )


def _home(locale: str) -> str:
    return "/en/app" if locale == "en" else "/app"


def _local(target: str) -> str:
    """A path of our own pages, or nothing: a link may not send people elsewhere after signing in."""
    plain = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if plain and "\\" not in target and "\n" not in target else ""
