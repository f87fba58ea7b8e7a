"""What can go wrong with tokens and the calls made with them."""

from __future__ import annotations

from vibekanban.core.errors import Conflict, Forbidden, NotSignedIn


class BadToken(NotSignedIn):
    """Absent, unknown, revoked, expired or rotated away: the caller cannot tell which."""

    code = "bad_token"


class TokenRevoked(Conflict):
    """A revoked token can not be rotated or renamed."""

    code = "token_revoked"


class TooManyTokens(Conflict):
    code = "too_many_tokens"


class ScopeMissing(Forbidden):
    """The token may not use this verb."""

    code = "scope_missing"


class TokenStopped(Forbidden):
    """Its owner stopped this token, or all programs, until further notice."""

    code = "token_stopped"
