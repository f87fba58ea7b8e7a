"""Which cards are shown and in which order: of the page, of the API and of saved views alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from vibekanban.core.errors import Invalid
from vibekanban.domains.board import sources

ME, NOBODY = "me", "none"
MOST_TEXT = 100


class Sort(StrEnum):
    """MANUAL is as people arranged the cards, the rest of a column by urgency and spend."""

    MANUAL = "manual"
    SPEND = "spend"
    ROAS = "roas"
    NAME = "name"
    DUE = "due"
    NEWEST = "newest"


@dataclass(frozen=True)
class Filters:
    """`assignee` is a person's id, `me` or `none`; empty texts let everything through.

    `currency` is what totals are in, empty for the one that most accounts have.
    """

    account: str = ""
    assignee: str = ""
    kind: str = ""
    label: str = ""
    q: str = ""
    sort: Sort = Sort.MANUAL
    snoozed: bool = False
    currency: str = ""

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Self:
        """From what a door was given; Invalid names the field that makes no sense, unknown names are ignored."""
        text = {
            name: str(given.get(name) or "").strip() for name in ("account", "assignee", "kind", "label", "q")
        }
        wrong, about = (
            {},
            {"kind": {"expected": ", ".join(sources.KINDS)}, "sort": {"expected": ", ".join(Sort)}},
        )
        if text["account"] and _uuid(text["account"]) is None:
            wrong["account"] = "board.field.account"
        if text["assignee"] not in {"", ME, NOBODY} and _uuid(text["assignee"]) is None:
            wrong["assignee"] = "board.field.assignee"
        if text["kind"] and text["kind"] not in sources.KINDS:
            wrong["kind"] = "field.choice"
        sort = str(given.get("sort") or Sort.MANUAL)
        if sort not in set(Sort):
            wrong["sort"] = "field.choice"
        currency = str(given.get("currency") or "").strip().upper()
        if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            wrong["currency"] = "board.field.currency"
        if wrong:
            raise Invalid(wrong, about=about)
        text["label"], text["q"] = (text[name].replace("\x00", "")[:MOST_TEXT] for name in ("label", "q"))
        snoozed = str(given.get("snoozed") or "").lower() in {"1", "true"}
        return cls(**text, sort=Sort(sort), snoozed=snoozed, currency=currency)

    def kept(self) -> dict[str, Any]:
        """What differs from showing everything, as plain values."""
        nothing = asdict(Filters())
        return {name: value for name, value in asdict(self).items() if value != nothing[name]}

    @property
    def account_id(self) -> UUID | None:
        return _uuid(self.account)

    def assignee_id(self, me: UUID) -> UUID | None:
        """Whose cards are asked for, when it is a person's."""
        return me if self.assignee == ME else _uuid(self.assignee)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
