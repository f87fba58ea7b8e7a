"""The tree of expected failures; API, pages and MCP render the same sentence for each.

AppError
├── Invalid            422  field errors
│   └── Malformed      400
├── NotSignedIn        401
├── Forbidden          403  a role is missing (never used for another tenant's object)
├── NotFound           404  absent, or not yours
├── Conflict           409
├── TooMany            429
└── OutsideFailed      502  another service refused, failed (503) or was too slow (504)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

from vibekanban.core import i18n


class AppError(Exception):
    """Base of every expected failure; anything else is a bug and becomes a 500.

    Its sentence is `errors.<code>` in the catalogues, formatted with `params`.
    """

    code: ClassVar[str] = "unexpected"
    status: ClassVar[int] = 500

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__(f"{self.code} {params}" if params else self.code)

    @property
    def details(self) -> dict[str, Any]:
        """What a program may use; JSON-serialisable."""
        return dict(self.params)

    def sentence(self, locale: str) -> str:
        """What is told to a person, in their language."""
        return i18n.say(locale, f"errors.{self.code}", **self.params)

    def hint(self, locale: i18n.Locale) -> str:
        """What a program does next, and what it leaves alone."""
        texts = i18n.catalogue(locale)
        return texts.get(f"hints.{self.code}") or texts[f"hints.{self.status // 100}xx"]


class Malformed(AppError):
    code = "malformed"
    status = 400


class Invalid(AppError):
    """One or more fields are wrong; `fields` maps a field's name to the key of its sentence.

    `about` holds by field what its sentence names, such as the values that are allowed.
    """

    code = "invalid"
    status = 422

    def __init__(
        self,
        fields: dict[str, str] | None = None,
        *,
        about: Mapping[str, Mapping[str, Any]] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self.fields = fields or {}
        self.about = dict(about or {})

    @classmethod
    def choice(cls, field: str, allowed: Iterable[str]) -> Self:
        """A field that has to be one of these."""
        return cls({field: "field.choice"}, about={field: {"expected": ", ".join(allowed)}})

    def reasons(self, locale: str) -> dict[str, str]:
        """What is wrong with each field, in the reader's language."""
        return {
            name: i18n.say(locale, key, **self.params, **self.about.get(name, {}))
            for name, key in self.fields.items()
        }


class NotSignedIn(AppError):
    code = "not_signed_in"
    status = 401


class Forbidden(AppError):
    code = "forbidden"
    status = 403


class NotFound(AppError):
    """Absent or another tenant's: the caller can not tell which."""

    code = "not_found"
    status = 404


class Conflict(AppError):
    code = "conflict"
    status = 409


class TooMany(AppError):
    """`retry_after` is in seconds."""

    code = "too_many_requests"
    status = 429

    def __init__(self, retry_after: int, **params: Any) -> None:
        super().__init__(retry_after=retry_after, **params)
        self.retry_after = retry_after

    @property
    def details(self) -> dict[str, Any]:
        return {"retryAfter": self.retry_after}


class OutsideFailed(AppError):
    """Another service did not do its part; `service` names it."""

    code = "outside_failed"
    status = 502


class OutsideUnavailable(OutsideFailed):
    code = "outside_unavailable"
    status = 503


class OutsideTimeout(OutsideFailed):
    code = "outside_timeout"
    status = 504
