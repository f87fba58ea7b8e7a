"""Routes of monthly targets."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from vibekanban.api.board_shapes import TargetOut
from vibekanban.api.deps import CurrentUser, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Day, Page, Wire, example
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.domains.board import pacing

router = APIRouter(prefix="/api/board/targets", tags=["Board"])


class TargetIn(Wire):
    """What an account, or one campaign of it, is meant to spend in a month, in the account's currency."""

    account_id: UUID
    campaign_id: UUID | None = None
    month: Day | None = Field(None, description="Any day of it; absent: the account's month under way")
    amount: Decimal = Field(max_digits=20, description="In major units")

    model_config = example(
        {
            "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
            "campaignId": None,
            "month": "2026-11-01",
            "amount": "3000.00",
        }
    )


@router.get("", responses=responses(NotSignedIn))
def target_list(
    session: SessionDep,
    user: CurrentUser,
    month: Annotated[Day | None, Query(description="Any day of it; absent: all")] = None,
) -> Page[TargetOut]:
    """Your targets with where they stand, newest month first."""
    standing = {one.target.id: one for one in pacing.standings(session, user.id)}
    found = pacing.targets(session, user.id, month)
    return Page(items=[TargetOut.of(target, standing.get(target.id)) for target in found])


@router.put("", responses=responses(NotSignedIn, NotFound, Invalid))
def aim(body: TargetIn, session: SessionDep, user: CurrentUser) -> TargetOut:
    """Set the target of a month; the one there was is replaced."""
    target = pacing.aim(
        session,
        user.id,
        account_id=body.account_id,
        campaign_id=body.campaign_id,
        month=body.month,
        amount=body.amount,
    )
    standing = {one.target.id: one for one in pacing.standings(session, user.id, account_id=body.account_id)}
    return TargetOut.of(target, standing.get(target.id))


@router.delete("/{target_id}", status_code=204, responses=responses(NotSignedIn, NotFound))
def forget(target_id: UUID, session: SessionDep, user: CurrentUser) -> Response:
    """Take a target away."""
    pacing.forget(session, user.id, target_id)
    return Response(status_code=204)
