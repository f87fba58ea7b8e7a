"""Tools that change campaigns, ad sets and ads: names, budgets, bids, schedules; and that archive or delete."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, model_validator

from vibekanban.domains.access.models import Scope
from vibekanban.domains.meta.models import Level
from vibekanban.domains.tools import writing
from vibekanban.domains.tools.shapes import Optional, Reference
from vibekanban.domains.tools.tool import Context, Done
from vibekanban.domains.tools.writing import Writing

Money = Annotated[Decimal, Field(gt=0, max_digits=15, decimal_places=2)]
Name = Annotated[str, Field(min_length=1, max_length=400)]
Strategy = Literal[
    "LOWEST_COST_WITHOUT_CAP", "COST_CAP", "LOWEST_COST_WITH_BID_CAP", "LOWEST_COST_WITH_MIN_ROAS"
]


class Update(Writing):
    """Only what is given is changed; money is in the account's currency, major units."""

    _TARGET = "id"

    @model_validator(mode="after")
    def _something(self) -> Update:
        if not self.fields():
            raise ValueError("nothing to change")
        return self

    def fields(self) -> dict[str, Any]:
        """What was given, as the fields of an edit."""
        skipped = {"reason", "dry_run", "idempotency_key", self._TARGET}
        return {name: getattr(self, name) for name in sorted(self.model_fields_set - skipped)}


class UpdateCampaign(Update):
    _TARGET = "campaign_id"
    campaign_id: Reference
    name: Name | Optional = None
    daily_budget: Money | Optional = None
    lifetime_budget: Money | Optional = None
    bid_strategy: Strategy | Optional = None
    spend_cap: Money | Optional = None
    stop_time: AwareDatetime | Optional = None


class UpdateAdSet(Update):
    _TARGET = "ad_set_id"
    ad_set_id: Reference
    name: Name | Optional = None
    daily_budget: Money | Optional = None
    lifetime_budget: Money | Optional = None
    bid_strategy: Strategy | Optional = None
    bid_amount: Money | Optional = None
    end_time: AwareDatetime | Optional = None


class UpdateAd(Update):
    _TARGET = "ad_id"
    ad_id: Reference
    name: Name | Optional = None
    creative_id: Reference | Optional = None


class Remove(Writing):
    """Archived objects keep their numbers and can only be deleted; deleting takes the children along."""

    level: Literal["campaign", "adset", "ad"]
    id: Reference
    how: Literal["archive", "delete"] = "archive"


def campaign(context: Context, asked: UpdateCampaign) -> Done:
    return _update(context, asked, "update_campaign", Level.CAMPAIGN, asked.campaign_id)


def ad_set(context: Context, asked: UpdateAdSet) -> Done:
    return _update(context, asked, "update_ad_set", Level.AD_SET, asked.ad_set_id)


def ad(context: Context, asked: UpdateAd) -> Done:
    return _update(context, asked, "update_ad", Level.AD, asked.ad_id)


def remove(context: Context, asked: Remove) -> Done:
    status = {"archive": "ARCHIVED", "delete": "DELETED"}[asked.how]
    return writing.edit(
        context,
        asked,
        tool="remove_object",
        verb=Scope.DELETE,
        level=Level(asked.level),
        reference=asked.id,
        fields={"status": status},
        words=asked.how,
    )


def _update(context: Context, asked: Update, tool: str, level: Level, reference: str) -> Done:
    return writing.edit(
        context,
        asked,
        tool=tool,
        verb=Scope.EDIT,
        level=level,
        reference=reference,
        fields=asked.fields(),
        words="edit",
    )
