"""Passwords, signed API tokens and random bearer tokens."""

from __future__ import annotations

import hashlib
import secrets
import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

import jwt

from vibekanban.core import columns
from vibekanban.core.settings import settings

with warnings.catch_warnings():
    # passlib 1.7.4 asks argon2-cffi for a version attribute that is on its way out
    warnings.simplefilter("ignore")
    from passlib.context import CryptContext

    _passwords = CryptContext(
        schemes=["argon2"], argon2__memory_cost=19456, argon2__time_cost=2, argon2__parallelism=1
    )
    _DUMMY = _passwords.hash(secrets.token_hex(16))


def hash_password(password: str) -> str:
    return _passwords.hash(password)


def password_matches(password: str, hashed: str | None) -> bool:
    """Constant-time for unknown users too: without a hash a dummy is verified and False returned."""
    matches = _passwords.verify(password, hashed or _DUMMY)
    return matches and hashed is not None


def password_outdated(hashed: str) -> bool:
    return _passwords.needs_update(hashed)


def new_token(prefix: str) -> tuple[str, bytes]:
    """A random bearer token and the hash that is stored in its place."""
    token = f"{prefix}_{secrets.token_urlsafe(32)}"
    return token, token_hash(token)


def token_hash(token: str) -> bytes:
    """SHA-256: enough for 256 random bits, and one indexed look-up."""
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True)
class Claims:
    """What an API token says: which session of which user."""

    session_id: UUID
    user_id: UUID
    expires_at: datetime


def sign(session_id: UUID, user_id: UUID, *, lifetime: timedelta | None = None) -> tuple[str, datetime]:
    """An HS256 token for the API and when it expires."""
    expires_at = columns.now() + (lifetime or settings().jwt_lifetime)
    claims = {"sid": str(session_id), "sub": str(user_id), "exp": expires_at, "iat": columns.now()}
    return jwt.encode(claims, settings().jwt_secret, algorithm="HS256"), expires_at


def read(token: str) -> Claims | None:
    """The claims of a token we signed that is still good; None otherwise."""
    try:
        claims = _signed(token, settings().jwt_secret)
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        return None
    return claims if claims.expires_at > columns.now() else None


@lru_cache(maxsize=5000)
def _signed(token: str, secret: str) -> Claims:
    """Good tokens are remembered: every request is read several times, and programs send theirs again and again."""
    claims = jwt.decode(token, secret, algorithms=["HS256"], options={"require": ["exp", "sid", "sub"]})
    expires_at = datetime.fromtimestamp(claims["exp"], tz=columns.UTC)
    return Claims(UUID(claims["sid"]), UUID(claims["sub"]), expires_at)


def sign_link(purpose: str, user_id: UUID) -> str:
    """What a link in an e-mail carries to do one harmless thing for somebody who is not signed in; it never ends."""
    return jwt.encode({"sub": str(user_id), "aud": purpose}, settings().jwt_secret, algorithm="HS256")


def read_link(purpose: str, token: str) -> UUID | None:
    """Whose link of that purpose we signed; None when it is no such link."""
    try:
        claims = jwt.decode(
            token,
            settings().jwt_secret,
            algorithms=["HS256"],
            audience=purpose,
            options={"require": ["sub", "aud"]},
        )
        return UUID(claims["sub"])
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        return None
