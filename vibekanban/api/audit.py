"""The route of the audit: every call made with one's tokens."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from vibekanban.api import csv_answer, wire
from vibekanban.api.deps import CurrentUser, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Cursor, Limit, Page, Wire, example
from vibekanban.core.errors import NotSignedIn
from vibekanban.core.shapes import Moment
from vibekanban.domains.access import audit
from vibekanban.domains.access.audit import Chosen
from vibekanban.domains.access.models import Outcome

router = APIRouter(prefix="/api/mcp/audit", tags=["MCP"])


class EntryOut(Wire):
    """One call; arguments are without secrets, `before` and `after` are there when something was written."""

    id: UUID
    token_id: UUID | None
    token_name: str
    door: str
    tool: str
    arguments: dict[str, Any]
    outcome: Outcome
    error_code: str | None
    account_id: UUID | None
    object_id: str | None
    duration_ms: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    created_at: Moment

    model_config = example(
        {
            "id": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d",
            "tokenId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0002",
            "tokenName": "n8n",
            "door": "mcp",
            "tool": "pause_campaign",
            "arguments": {"campaignId": "120210000000000001", "reason": "ROAS 0.8"},
            "outcome": "ok",
            "errorCode": None,
            "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
            "objectId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0003",
            "durationMs": 412,
            "before": {"status": "ACTIVE", "effectiveStatus": "ACTIVE"},
            "after": {"status": "PAUSED", "effectiveStatus": "PAUSED"},
            "createdAt": "2026-11-24T09:00:00.000Z",
        }
    )


@router.get(
    "",
    response_model=Page[EntryOut],
    responses={**csv_answer.DOCUMENTED, **responses(NotSignedIn, wire.BadCursor)},
)
def entry_list(
    request: Request,
    session: SessionDep,
    user: CurrentUser,
    tokenId: UUID | None = None,  # noqa: N803 - the contract's name
    tool: Annotated[str, Query(max_length=80)] = "",
    outcome: Outcome | None = None,
    since: wire.Instant | None = None,
    until: wire.Instant | None = None,
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Page[EntryOut] | Response:
    """Calls of your tokens, newest first; `Accept: text/csv` answers with all of them. `since` counts, `until` does not."""
    user_id = user.id
    chosen = Chosen(tokenId, tool, outcome, since, until)
    if csv_answer.wanted(request):
        return csv_answer.answer("audit", audit.HEADER, lambda reading: audit.lines(reading, user_id, chosen))
    found = audit.entries(session, user_id, chosen, before=wire.after(cursor), limit=limit + 1)
    return wire.page(EntryOut, found, limit, lambda entry: wire.cursor_of(entry.id))
