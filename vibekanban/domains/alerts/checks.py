"""Conditions that have a name of their own because people ask for them by it; each is a tree of plain ones."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from vibekanban.core import wrong
from vibekanban.core.errors import Invalid


class _Check(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    check: str


class ZeroDelivery(_Check):
    """Nothing is delivered, though it should be."""

    hours: Annotated[int, Field(ge=1, le=72)] = 3

    def written(self) -> dict[str, Any]:
        return {"metric": "impressions", "operator": "=", "value": 0, "window": f"last_{self.hours}h"}


class TrackingLoss(_Check):
    """People click and few of them convert any more: a pixel or a page is broken.

    By the rate and not by the count: Meta tells of conversions by the day, and a day under way has fewer.
    """

    clicks: Annotated[int, Field(ge=1, le=1_000_000)] = 50
    drop: Annotated[float, Field(ge=1, le=100)] = 80
    periods: Annotated[int, Field(ge=1, le=28)] = 7

    def written(self) -> dict[str, Any]:
        return {
            "metric": "conversionRate",
            "operator": "<=",
            "value": -self.drop,
            "compare": "baseline",
            "periods": self.periods,
            "window": "today",
            "minimum": {"metric": "clicks", "value": self.clicks},
        }


class CreativeFatigue(_Check):
    """Fewer of those who see it click, though it is shown more, or Meta itself says that it is worn out."""

    drop: Annotated[float, Field(ge=1, le=100)] = 20
    days: Annotated[int, Field(ge=1, le=30)] = 7
    impressions: Annotated[int, Field(ge=0, le=100_000_000)] = 1000

    def written(self) -> dict[str, Any]:
        window = f"last_{self.days}d"
        minimum = {"metric": "impressions", "value": self.impressions}
        change = {"compare": "previous", "window": window, "minimum": minimum}
        return {
            "any": [
                {"metric": "wornAds", "operator": ">=", "value": 1},
                {
                    "all": [
                        {"metric": "ctr", "operator": "<=", "value": -self.drop, **change},
                        {"metric": "impressions", "operator": ">=", "value": 0, **change},
                    ]
                },
            ]
        }


class Disapproval(_Check):
    """Ads were rejected."""

    ads: Annotated[int, Field(ge=1, le=10_000)] = 1

    def written(self) -> dict[str, Any]:
        return {"metric": "disapprovedAds", "operator": ">=", "value": self.ads}


class Trouble(_Check):
    """Meta reports something that hinders delivery."""

    def written(self) -> dict[str, Any]:
        return {"metric": "troubledObjects", "operator": ">=", "value": 1}


CHECKS: dict[str, type[ZeroDelivery | TrackingLoss | CreativeFatigue | Disapproval | Trouble]] = {
    "zeroDelivery": ZeroDelivery,
    "trackingLoss": TrackingLoss,
    "creativeFatigue": CreativeFatigue,
    "disapproval": Disapproval,
    "trouble": Trouble,
}


def written(document: dict[str, Any], at: str) -> dict[str, Any]:
    """The plain condition of a check."""
    kind = CHECKS.get(str(document["check"]))
    if kind is None:
        raise Invalid.choice(f"{at}.check", CHECKS)
    try:
        return kind.model_validate(document).written()
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join([at, *(str(part) for part in first["loc"])])
        key, about = wrong.told(first)
        raise Invalid({place: key}, about={place: about}) from error
