"""Routes of whom an ad set can reach: what there is to aim at, and how many people that is."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from vibekanban.api.deps import SeenDep
from vibekanban.api.meta_media import READING, AccountId
from vibekanban.api.wire import Wire, example
from vibekanban.domains.editing import audiences
from vibekanban.domains.editing.audiences import Sought, Target

router = APIRouter(prefix="/api/meta/targeting", tags=["Campaigns"])


class TargetOut(Wire):
    """`key` is what `targeting` calls it; `people` is about how many Meta counts; a place has the code of its `country`.

    The `kind` of a detail is the member of `flexible_spec` that it belongs in.
    """

    key: str
    name: str
    kind: str
    about: str
    people: int | None
    country: str


class TargetsOut(Wire):
    items: list[TargetOut]

    model_config = example(
        {
            "items": [
                {
                    "key": "743265",
                    "name": "Madrid",
                    "kind": "city",
                    "about": "España",
                    "people": None,
                    "country": "ES",
                }
            ]
        }
    )


class EstimateIn(Wire):
    """`targeting` as Meta writes it."""

    account_id: UUID
    targeting: dict[str, Any]
    optimization_goal: str = Field("REACH", max_length=60)

    model_config = example(
        {
            "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
            "targeting": {"geo_locations": {"countries": ["ES"]}, "genders": [2]},
            "optimizationGoal": "LINK_CLICKS",
        }
    )


class EstimateOut(Wire):
    """People a month; null while Meta can not say."""

    least: int | None
    most: int | None

    model_config = example({"least": 1800000, "most": 2100000})


@router.get("", responses=READING)
def search(
    seen: SeenDep,
    account_id: AccountId,
    kind: Sought,
    q: Annotated[str, Query(min_length=1, max_length=100)],
) -> TargetsOut:
    """Places, interests, any details or languages by a part of their name."""
    return _out(audiences.search(seen.user_id, account_id, kind, q))


@router.get("/audiences", responses=READING)
def custom_audiences(seen: SeenDep, account_id: AccountId) -> TargetsOut:
    """The account's custom audiences, for `custom_audiences` and `excluded_custom_audiences`."""
    return _out(audiences.custom_audiences(seen.user_id, account_id))


@router.post("/estimate", responses=READING)
def estimate(body: EstimateIn, seen: SeenDep) -> EstimateOut:
    """How many people a targeting reaches."""
    found = audiences.estimate(seen.user_id, body.account_id, body.targeting, body.optimization_goal)
    return EstimateOut(least=found.least, most=found.most)


def _out(found: list[Target]) -> TargetsOut:
    return TargetsOut(
        items=[TargetOut(**{name: getattr(one, name) for name in TargetOut.model_fields}) for one in found]
    )
