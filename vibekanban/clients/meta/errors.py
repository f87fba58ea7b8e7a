"""What Meta can answer instead of data.

MetaError (an OutsideFailed: 502 unless said otherwise)
├── NeedsReauth        the token is dead: the person must sign in at Meta again
├── NeedsUserAction    Meta asks the person something; the token may still be good
├── NeedsPermission    a scope or an asset is missing
├── AppMisconfigured   our app secret or proof is wrong: an operator's concern
├── Throttled          `until`: when to come back
├── TooMuchData        ask for less, or asynchronously
├── Refused            validation: Meta's own title and message
│   └── Unrecognised   a code that is not in our table
├── CursorExpired      Meta forgot the place in a listing: it begins anew
├── Missing            absent, or invisible to this token
├── Blocked            abuse or ban: no more writes
├── VersionRetired     an operator's concern
├── Transient          temporary, by Meta's own word
├── BadGateway         no JSON, no answer, or too late
└── UnknownOutcome     a write whose answer never came
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from vibekanban.core.columns import now
from vibekanban.core.errors import OutsideFailed


class MetaError(OutsideFailed):
    """Base; `meta_code` and `subcode` are Meta's, `trace` its fbtrace_id."""

    code = "meta_failed"

    def __init__(
        self, *, meta_code: int | None = None, subcode: int | None = None, trace: str = "", **params: Any
    ) -> None:
        super().__init__(service="meta", **params)
        self.meta_code = meta_code
        self.subcode = subcode
        self.trace = trace

    @property
    def details(self) -> dict[str, Any]:
        found = {**self.params, "metaCode": self.meta_code, "metaSubcode": self.subcode}
        return {name: value for name, value in found.items() if value is not None}


class NeedsReauth(MetaError):
    code = "meta_needs_reauth"
    status = 409


class NeedsUserAction(MetaError):
    code = "meta_needs_user_action"
    status = 409


class NeedsPermission(MetaError):
    """`scopes` are those Meta names, if it names any."""

    code = "meta_needs_permission"
    status = 409

    def __init__(self, *, scopes: list[str] | None = None, **known: Any) -> None:
        super().__init__(**known)
        self.scopes = scopes or []


class AppMisconfigured(MetaError):
    code = "meta_app_misconfigured"


class Throttled(MetaError):
    """`until` is when the block ends, as far as Meta told."""

    code = "meta_throttled"
    status = 503

    def __init__(self, until: datetime, **params: Any) -> None:
        super().__init__(**params)
        self.until = until

    @property
    def retry_after(self) -> int:
        return max(1, int((self.until - now()).total_seconds()) + 1)

    @property
    def details(self) -> dict[str, Any]:
        return {**super().details, "retryAfter": self.retry_after}


class TooMuchData(MetaError):
    code = "meta_too_much_data"


class Refused(MetaError):
    """Meta's validation; `title` and `message` are in the language Meta chose, `blamed` names fields."""

    code = "meta_refused"
    status = 422

    def __init__(self, *, title: str = "", message: str = "", blamed: list[str] | None = None, **known: Any):
        super().__init__(message=message or title, **known)
        self.title = title
        self.blamed = blamed or []

    @property
    def details(self) -> dict[str, Any]:
        fields = [{"field": name, "message": self.params["message"]} for name in self.blamed]
        told = {"title": self.title} if self.title else {}
        return {**super().details, **told, **({"fields": fields} if fields else {})}


class Unrecognised(Refused):
    """Final for a write; a read may try twice more."""


class CursorExpired(MetaError):
    """A page can not be gone on from; what was read until there is good."""

    code = "meta_cursor_expired"


class Missing(MetaError):
    code = "meta_missing"
    status = 409


class Blocked(MetaError):
    code = "meta_blocked"
    status = 409


class VersionRetired(MetaError):
    code = "meta_version_retired"


class Transient(MetaError):
    code = "meta_transient"
    status = 503


class BadGateway(MetaError):
    code = "meta_unreachable"


class UnknownOutcome(MetaError):
    code = "meta_unknown_outcome"
