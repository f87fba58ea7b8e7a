"""Routes of the kill switches for an account and for all programs; a token's own is in its PATCH."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import StrictBool

from vibekanban.api.deps import CurrentUser, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Wire, example
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.domains.guarding import stopping

router = APIRouter(prefix="/api/mcp", tags=["MCP"])


class Stop(Wire):
    stopped: StrictBool

    model_config = example({"stopped": True})


@router.put("/stop", responses=responses(NotSignedIn, Invalid))
def stop_everything(body: Stop, session: SessionDep, user: CurrentUser) -> Stop:
    """Refuse every call of every token of yours, or let them again."""
    return Stop(stopped=stopping.stop_everything(session, user.id, stopped=body.stopped))


@router.put("/accounts/{account_id}/stop", responses=responses(NotSignedIn, NotFound, Invalid))
def stop_account(account_id: UUID, body: Stop, session: SessionDep, user: CurrentUser) -> Stop:
    """Let no program write to this account, or let them again; they may go on reading."""
    found = stopping.stop_account(session, user.id, account_id, stopped=body.stopped)
    return Stop(stopped=found.agents_stopped_at is not None)
