"""Tools that change campaigns, ad sets and ads: names, budgets, bids, schedules; and that archive or delete."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import model_validator

from vibekanban.domains.access.models import Scope
from vibekanban.domains.meta.models import Level
from vibekanban.domains.tools import settable, writing
from vibekanban.domains.tools.shapes import Reference
from vibekanban.domains.tools.tool import Context, Done
from vibekanban.domains.tools.writing import Writing


class Update(Writing):
    """Only what is given is changed; money is in the account's currency, major units."""

    _TARGET: ClassVar[str] = "id"

    @model_validator(mode="after")
    def _something(self) -> Update:
        if not self.fields():
            raise ValueError("nothing to change")
        return self

    def fields(self) -> dict[str, Any]:
        """What was given, as the fields of an edit."""
        return settable.given(self, {self._TARGET})


class _OfCampaign(Update):
    _TARGET = "campaign_id"
    campaign_id: Reference


class _OfAdSet(Update):
    _TARGET = "ad_set_id"
    ad_set_id: Reference


class _OfAd(Update):
    _TARGET = "ad_id"
    ad_id: Reference


UpdateCampaign = settable.changing(_OfCampaign, Level.CAMPAIGN)
UpdateAdSet = settable.changing(_OfAdSet, Level.AD_SET)
UpdateAd = settable.changing(_OfAd, Level.AD)


class Remove(Writing):
    """Archived objects keep their numbers and can only be deleted; deleting takes the children along."""

    level: Literal["campaign", "adset", "ad"]
    id: Reference
    how: Literal["archive", "delete"] = "archive"


def campaign(context: Context, asked: _OfCampaign) -> Done:
    return _update(context, asked, "update_campaign", Level.CAMPAIGN, asked.campaign_id)


def ad_set(context: Context, asked: _OfAdSet) -> Done:
    return _update(context, asked, "update_ad_set", Level.AD_SET, asked.ad_set_id)


def ad(context: Context, asked: _OfAd) -> Done:
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
