"""Why a row of a bulk edit can not be, kept in both languages so that it can be shown whenever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vibekanban.core import i18n
from vibekanban.core.errors import AppError, Invalid


@dataclass(frozen=True)
class Trouble:
    """`code` is for programs, `said` for people, by language; `fields` names which were wrong, and why."""

    code: str
    said: dict[str, str]
    fields: dict[str, str]

    @classmethod
    def of(cls, error: AppError) -> Trouble:
        wrong = error.fields if isinstance(error, Invalid) else {}
        return cls(error.code, {locale: _said(error, locale) for locale in i18n.LOCALES}, dict(wrong))

    @classmethod
    def stored(cls, code: str, kept: dict[str, Any]) -> Trouble:
        return cls(code, dict(kept.get("said") or {}), dict(kept.get("fields") or {}))

    @property
    def kept(self) -> dict[str, Any]:
        return {"said": self.said, "fields": self.fields}

    def sentence(self, locale: str) -> str:
        return self.said.get(i18n.known(locale)) or i18n.say(locale, f"errors.{self.code}")


def _said(error: AppError, locale: str) -> str:
    """The fields' own reasons say more than that something is wrong."""
    if isinstance(error, Invalid) and error.fields:
        return " ".join(dict.fromkeys(error.reasons(locale).values()))
    return error.sentence(locale)
