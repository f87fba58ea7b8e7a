"""What can go wrong with people, sign-in and sessions."""

from __future__ import annotations

from vibekanban.core.errors import Conflict, Invalid, Malformed, NotSignedIn, TooMany


class EmailTaken(Conflict):
    code = "email_taken"


class BadCredentials(NotSignedIn):
    """Wrong password or unknown address: the caller can not tell which."""

    code = "bad_credentials"


class SignInLocked(TooMany):
    """Too many wrong passwords in a row; also said for a right one, and for addresses nobody has."""

    code = "sign_in_locked"


class LinkExpired(Invalid):
    """The link from the e-mail was used, replaced or is too old."""

    code = "link_expired"


class CannotChangeYourself(Conflict):
    """An administrator can neither deactivate nor demote themself."""

    code = "cannot_change_yourself"


class RoleNotGrantable(Conflict):
    """ESTRATEGA comes by an approved application, ADMIN by the command line."""

    code = "role_not_grantable"


class AlreadyVerified(Conflict):
    code = "already_verified"


class BadIdempotencyKey(Malformed):
    code = "idempotency_key"


class IdempotencyRunning(Conflict):
    """The first request under this key has not been answered yet."""

    code = "idempotency_running"


class IdempotencyReused(Invalid):
    """The key was used with another request."""

    code = "idempotency_reused"
