"""Routes of one's own account: registering, signing in, sessions, passwords."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from vibekanban.api.deps import CallerDep, CurrentUser, LocaleDep, SessionDep, SignedInDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Page, Wire, example
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn, TooMany
from vibekanban.core.shapes import Moment
from vibekanban.domains.accounts import links, people, recovery, sessions, signin, signup
from vibekanban.domains.accounts.errors import (
    AlreadyVerified,
    BadCredentials,
    EmailTaken,
    LinkExpired,
    SignInLocked,
)
from vibekanban.domains.accounts.models import Role, SessionKind
from vibekanban.domains.notifications import outbox

router = APIRouter(prefix="/api/auth", tags=["Accounts"])
mail: links.Mail = outbox.post


class UserOut(Wire):
    """A person as they see themself."""

    id: UUID
    email: str
    name: str
    role: Role
    is_verified: bool
    locale: str
    timezone: str

    model_config = example(
        {
            "id": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d",
            "email": "tania@example.com",
            "name": "Tania Ríos",
            "role": "TRAFICER",
            "isVerified": True,
            "locale": "es",
            "timezone": "Europe/Madrid",
        }
    )


class Registration(Wire):
    email: str = Field(max_length=254)
    name: str = Field(min_length=1, max_length=120)
    password: str = Field(min_length=1, max_length=1000, description="10 to 200 characters")
    role: Literal["TRAFICER", "EMPRESARIO"] = "TRAFICER"

    model_config = example(
        {
            "email": "tania@example.com",
            "name": "Tania Ríos",
            "password": "una frase larga",
            "role": "TRAFICER",
        }
    )


class Credentials(Wire):
    email: str = Field(max_length=254)
    password: str = Field(max_length=1000)

    model_config = example({"email": "tania@example.com", "password": "una frase larga"})


class TokenOut(Wire):
    """A fresh API token: send it as `Authorization: Bearer …`."""

    token: str
    expires_at: Moment
    user: UserOut


class LinkToken(Wire):
    token: str = Field(max_length=200, description="From the link in the e-mail")

    model_config = example({"token": "vkl_9kq1…"})


class Address(Wire):
    email: str = Field(max_length=254)

    model_config = example({"email": "tania@example.com"})


class NewPassword(Wire):
    token: str = Field(max_length=200, description="From the link in the e-mail")
    password: str = Field(max_length=1000)

    model_config = example({"token": "vkl_9kq1…", "password": "otra frase larga"})


class ChangedPassword(Wire):
    current_password: str = Field(max_length=1000)
    password: str = Field(max_length=1000)

    model_config = example({"currentPassword": "una frase larga", "password": "otra frase larga"})


class ProfileChange(Wire):
    name: str | None = Field(None, min_length=1, max_length=120)
    locale: Literal["es", "en"] | None = None
    timezone: str | None = Field(None, max_length=64)

    model_config = example({"name": "Tania Ríos", "locale": "en", "timezone": "America/Bogota"})


class SessionOut(Wire):
    """One sign-in of yours."""

    id: UUID
    kind: SessionKind
    address: str
    user_agent: str
    created_at: Moment
    last_seen_at: Moment
    expires_at: Moment
    current: bool


def _token(opened: sessions.Opened) -> TokenOut:
    return TokenOut(
        token=opened.token, expires_at=opened.expires_at, user=UserOut.model_validate(opened.user)
    )


@router.post(
    "/register",
    status_code=201,
    responses=responses(EmailTaken, Invalid, TooMany),
)
def register(body: Registration, session: SessionDep, caller: CallerDep, locale: LocaleDep) -> TokenOut:
    """Create an account and sign in; a link that proves the address is sent by e-mail."""
    user = signup.register(
        session,
        email=body.email,
        name=body.name,
        password=body.password,
        role=Role(body.role),
        locale=locale,
        mail=mail,
    )
    return _token(
        sessions.open_api_session(session, user, address=caller.address, user_agent=caller.user_agent)
    )


@router.post("/login", responses=responses(BadCredentials, SignInLocked))
def login(body: Credentials, caller: CallerDep) -> TokenOut:
    """Sign in; five wrong passwords in a row lock the account for a while, longer each time."""
    return _token(
        signin.for_api(
            email=body.email,
            password=body.password,
            address=caller.address,
            user_agent=caller.user_agent,
        )
    )


@router.post("/logout", status_code=204, responses=responses(NotSignedIn))
def logout(session: SessionDep, signed_in: SignedInDep) -> None:
    """End the session of this token; the token is dead at once."""
    sessions.end(session, signed_in.user.id, signed_in.session.id)


@router.get("/me", responses=responses(NotSignedIn))
def me(user: CurrentUser) -> UserOut:
    """Who is signed in."""
    return UserOut.model_validate(user)


@router.patch("/me", responses=responses(NotSignedIn, Invalid))
def change_me(body: ProfileChange, session: SessionDep, user: CurrentUser) -> UserOut:
    """Change one's own name, language or timezone."""
    changed = people.update_profile(
        session, user.id, name=body.name, locale=body.locale, timezone=body.timezone
    )
    return UserOut.model_validate(changed)


@router.post("/verify-email", status_code=204, responses=responses(LinkExpired))
def verify_email(body: LinkToken, session: SessionDep) -> None:
    """Prove an address with the link's token."""
    signup.verify(session, body.token)


@router.post("/verify-email/resend", status_code=202, responses=responses(NotSignedIn, AlreadyVerified))
def resend_verification(session: SessionDep, user: CurrentUser) -> None:
    """Send the link again; the one sent before stops working."""
    signup.send_verification(session, user, mail=mail)


@router.post("/forgot-password", status_code=202, responses=responses(Invalid))
def forgot_password(body: Address, session: SessionDep) -> None:
    """Send a link for a new password, if anybody has that address; the answer is always the same."""
    recovery.ask(session, body.email)


@router.post("/reset-password", status_code=204, responses=responses(LinkExpired))
def reset_password(body: NewPassword, session: SessionDep) -> None:
    """Set a new password with the link's token; every session of the account ends."""
    recovery.reset(session, body.token, body.password)


@router.post("/password", status_code=204, responses=responses(NotSignedIn, Invalid, SignInLocked))
def change_password(body: ChangedPassword, signed_in: SignedInDep) -> None:
    """Change one's own password; every other session ends."""
    recovery.change(signed_in.user.id, body.current_password, body.password, keeping=signed_in.session.id)


@router.get("/sessions", responses=responses(NotSignedIn))
def list_sessions(session: SessionDep, signed_in: SignedInDep) -> Page[SessionOut]:
    """One's live sessions, the latest seen first; `current` is the one of this call."""
    return Page(
        items=[
            SessionOut(
                id=found.id,
                kind=found.kind,
                address=found.address,
                user_agent=found.user_agent,
                created_at=found.created_at,
                last_seen_at=found.last_seen_at,
                expires_at=found.expires_at,
                current=found.id == signed_in.session.id,
            )
            for found in sessions.live(session, signed_in.user.id)
        ]
    )


@router.delete("/sessions", status_code=204, responses=responses(NotSignedIn))
def end_other_sessions(session: SessionDep, signed_in: SignedInDep) -> None:
    """End every session but the one of this call."""
    sessions.end_all(session, signed_in.user.id, but=signed_in.session.id)


@router.delete("/sessions/{session_id}", status_code=204, responses=responses(NotSignedIn, NotFound))
def end_session(session_id: UUID, session: SessionDep, user: CurrentUser) -> None:
    """End one session."""
    sessions.end(session, user.id, session_id)
