"""What an edit meets at Meta, as the rules look at it, and what they find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic.alias_generators import to_camel

from vibekanban.core import columns
from vibekanban.domains.editing import fields
from vibekanban.domains.editing.limits import Limits
from vibekanban.domains.meta.models import Level


@dataclass(frozen=True)
class Situation:
    """What an edit meets: Meta's rows of the object (empty while it is being made) and of its campaign."""

    level: Level
    currency: str
    values: Mapping[str, Any]
    row: Mapping[str, Any] = field(default_factory=dict)
    campaign: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits | None = None
    now: datetime = field(default_factory=columns.now)

    @property
    def making(self) -> bool:
        return not self.row

    def then(self, name: str) -> Any:
        """The value of a field once the edit is done."""
        if name in self.values:
            return self.values[name]
        return self.held(name)

    def held(self, name: str) -> Any:
        """The value at Meta."""
        found = fields.known(self.level, name, making=True)
        return fields.read(found, self.row) if found else None

    @property
    def holder(self) -> Mapping[str, Any]:
        """The campaign's own row: an ad set looks at the campaign above it."""
        return self.row if self.level is Level.CAMPAIGN else self.campaign

    @property
    def campaign_holds(self) -> bool:
        """Whether the campaign holds the budget."""
        return any(amount(self.holder, name) for name in fields.BUDGETS)


class Findings:
    """What is wrong, by field; a sentence may name an amount."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.params: dict[str, str] = {}

    def add(self, name: str, rule: str, **params: str) -> None:
        self.fields.setdefault(to_camel(name), f"editing.rule.{rule}")
        self.params |= params


Rule = Callable[[Situation, Findings], None]


def amount(row: Mapping[str, Any], name: str) -> int:
    return int(row.get(name) or 0)
