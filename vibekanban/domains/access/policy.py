"""The limits an owner sets for a token: what its calls may change, by how much, when, and what a person decides."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from vibekanban.core import wrong
from vibekanban.core.errors import Invalid
from vibekanban.domains.access.models import Scope

WRITES = tuple(scope for scope in Scope if scope is not Scope.READ)
# what pydantic has no name for, or says too generally
OWN = {
    "unknown_timezone": "accounts.field.timezone",
    "verb_that_reads": "field.choice",
    "string_pattern_mismatch": "mcp.fields.currency",
}
Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
Amount = Annotated[Decimal, Field(gt=0, max_digits=15, decimal_places=2)]


class Rules(BaseModel):
    """Base of the parts of a policy: camelCase outside, nothing unknown."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", hide_input_in_errors=True
    )


class QuietHours(Rules):
    """From one local time to another, over midnight when the end is earlier: nothing but pausing meanwhile."""

    start: time
    end: time
    timezone: str = "UTC"

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in available_timezones():
            raise PydanticCustomError("unknown_timezone", "unknown timezone")
        return value

    def hold(self, moment: datetime) -> bool:
        local = moment.astimezone(ZoneInfo(self.timezone)).time().replace(tzinfo=None)
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end


class Approval(Rules):
    """Which calls wait for a person: these verbs, and budgets that move by more than this."""

    verbs: list[Scope] = Field(default_factory=list, max_length=10)
    above_percent: int | None = Field(None, ge=0, le=10_000)
    expires_hours: int = Field(24, ge=1, le=168)

    @field_validator("verbs")
    @classmethod
    def _writes(cls, value: list[Scope]) -> list[Scope]:
        if Scope.READ in value:
            raise PydanticCustomError(
                "verb_that_reads", "reading", {"expected": ", ".join(one.value for one in WRITES)}
            )
        return list(dict.fromkeys(value))


class Policy(Rules):
    """All limits of a token; an empty one allows what its scopes allow.

    Budgets are of one object in major units by currency. Where a ceiling is set, a currency that it does not
    name has no budget at all: a limit that is not understood must not be a hole. Percents compare with the
    budget before the call, and with the budget of 24 hours ago.
    """

    max_daily_budget: dict[Currency, Amount] = Field(default_factory=dict, max_length=20)
    max_lifetime_budget: dict[Currency, Amount] = Field(default_factory=dict, max_length=20)
    max_percent_per_call: int | None = Field(None, ge=1, le=10_000)
    max_percent_per_day: int | None = Field(None, ge=1, le=10_000)
    max_writes_per_day: int | None = Field(None, ge=0, le=100_000)
    quiet_hours: QuietHours | None = None
    dry_run: bool = Field(False, description="Every write answers what it would do, and does not do it")
    approval: Approval | None = None

    @classmethod
    def read(cls, written: dict[str, Any]) -> Policy:
        """A policy as it was given or stored; Invalid names every field that is wrong, as policy.<field>."""
        try:
            return cls.model_validate(written)
        except ValidationError as error:
            fields: dict[str, str] = {}
            about: dict[str, dict[str, str]] = {}
            for item in error.errors(include_url=False, include_input=False):
                place = ".".join(str(part)[:40] for part in ("policy", *item["loc"]) if part != "[key]")
                fields[place], about[place] = wrong.told(item)
                if item["type"] in OWN:
                    fields[place] = OWN[item["type"]]
            raise Invalid(fields, about=about) from None

    @property
    def written(self) -> dict[str, Any]:
        """As it is stored and answered: only what was set."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


class Reason(StrEnum):
    """Why a policy says no, or asks a person; each has a sentence in both languages."""

    QUIET_HOURS = "quiet_hours"
    DAILY_CEILING = "daily_ceiling"
    LIFETIME_CEILING = "lifetime_ceiling"
    PERCENT_PER_CALL = "percent_per_call"
    PERCENT_PER_DAY = "percent_per_day"
    WRITES_PER_DAY = "writes_per_day"
    APPROVAL_VERB = "approval_verb"
    APPROVAL_PERCENT = "approval_percent"
