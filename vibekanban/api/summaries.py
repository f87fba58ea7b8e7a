"""Routes of the daily summary: what one gets of it, and ending it by the link of an e-mail."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse
from pydantic import Field

from vibekanban.api.deps import CurrentUser, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Wire, example
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.domains.alerts import summary

router = APIRouter(prefix="/api/notifications", tags=["Notifications"])

Token = Annotated[str, Query(max_length=500, description="Of the link in the e-mail")]


class SummaryWish(Wire):
    """Accounts in the summary (none: no summary), and the hour of your day it is sent at."""

    account_ids: list[UUID] = Field(max_length=1000)
    hour: int = Field(summary.HOUR, ge=0, le=23)

    model_config = example({"accountIds": ["0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d"], "hour": 8})


@router.get("/summary", responses=responses(NotSignedIn))
def summary_wish(session: SessionDep, user: CurrentUser) -> SummaryWish:
    """Which accounts are in your daily summary, and when it is sent."""
    return SummaryWish.model_validate(summary.wish(session, user.id))


@router.put("/summary", responses=responses(NotSignedIn, NotFound, Invalid))
def subscribe(body: SummaryWish, session: SessionDep, user: CurrentUser) -> SummaryWish:
    """Choose the accounts of your daily summary, each an alert of type DAILY_SUMMARY, and its hour."""
    found = summary.subscribe(session, user.id, account_ids=body.account_ids, hour=body.hour)
    return SummaryWish.model_validate(found)


@router.post("/unsubscribe", status_code=204, responses=responses(NotFound))
def unsubscribe(session: SessionDep, token: Token) -> None:
    """End the summaries of an e-mail's reader: what a mail program's own button does (RFC 8058)."""
    summary.unsubscribe(session, token)


@router.get("/unsubscribe", status_code=303, response_class=RedirectResponse)
def unsubscribe_page(token: Token) -> RedirectResponse:
    """The page that asks first: programs that look at links must end nothing."""
    return RedirectResponse(f"/unsubscribe?token={quote(token)}", 303)
