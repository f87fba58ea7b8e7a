"""Routes of one ad account: what it counts as a conversion."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from vibekanban.api.deps import CurrentUser, SeenDep, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.meta_connections import AccountOut
from vibekanban.api.wire import Wire, example
from vibekanban.core import db
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.domains.meta import accounts, conversions, insights

router = APIRouter(tags=["Meta Ads"], prefix="/api/meta/accounts")


class AccountIn(Wire):
    """`conversionEvent` is an action type the account has seen; null goes back to the default order."""

    conversion_event: str | None = Field(default=None, max_length=120)

    model_config = example({"conversionEvent": "lead"})


class EventOut(Wire):
    action_type: str
    count: float = Field(description="In the last 30 days of the account")

    model_config = Wire.model_config | {"from_attributes": True}


class EventsOut(Wire):
    """What the account may count; `defaultOrder` is tried in turn while nothing is declared."""

    conversion_event: str | None
    default_order: list[str]
    items: list[EventOut]

    model_config = example(
        {
            "conversionEvent": None,
            "defaultOrder": list(insights.PURCHASES),
            "items": [{"actionType": "omni_purchase", "count": 214.0}, {"actionType": "lead", "count": 31.0}],
        }
    )


@router.patch("/{account_id}", responses=responses(NotSignedIn, NotFound, Invalid))
def change(account_id: UUID, body: AccountIn, seen: SeenDep) -> AccountOut:
    """Say which action type counts as a conversion; every stored number is counted anew by it."""
    if "conversion_event" in body.model_fields_set:
        conversions.declare(seen.user_id, account_id, body.conversion_event)
    with db.transaction() as session:
        return AccountOut.of(accounts.one(session, seen.user_id, account_id))


@router.get("/{account_id}/conversion-events", responses=responses(NotSignedIn, NotFound))
def events(account_id: UUID, session: SessionDep, user: CurrentUser) -> EventsOut:
    """The action types an account has seen, the most frequent of the last 30 days first."""
    offer = conversions.offered(session, user.id, account_id)
    return EventsOut(
        conversion_event=offer.account.conversion_event,
        default_order=list(insights.PURCHASES),
        items=[EventOut.model_validate(one) for one in offer.events],
    )
