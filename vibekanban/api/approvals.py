"""Routes of calls that wait for a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from vibekanban.api import wire
from vibekanban.api.deps import CurrentUser, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Cursor, Limit, Page, Wire, example
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.core.shapes import Moment
from vibekanban.domains.guarding import approvals
from vibekanban.domains.guarding.errors import AlreadyDecided
from vibekanban.domains.guarding.models import ApprovalStatus

router = APIRouter(prefix="/api/approvals", tags=["MCP"])


class ApprovalOut(Wire):
    """A held call: what was asked, what it would do (`preview`), why it waits, and how it ended."""

    id: UUID
    token_id: UUID
    token_name: str
    account_id: UUID
    tool: str
    arguments: dict[str, Any]
    object_id: UUID | None
    object_name: str
    preview: dict[str, Any]
    reasons: list[str]
    status: ApprovalStatus
    note: str
    result: dict[str, Any] | None
    error_code: str | None
    expires_at: Moment
    decided_at: Moment | None
    created_at: Moment

    model_config = example(
        {
            "id": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d",
            "tokenId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0002",
            "tokenName": "n8n",
            "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
            "tool": "update_campaign",
            "arguments": {"campaignId": "120210000000000001", "dailyBudget": "150.00"},
            "objectId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0003",
            "objectName": "Rebajas de invierno",
            "preview": {"changes": [{"field": "dailyBudget", "before": "100.00", "after": "150.00"}]},
            "reasons": ["approval_percent"],
            "status": "pending",
            "note": "",
            "result": None,
            "errorCode": None,
            "expiresAt": "2026-11-25T09:00:00.000Z",
            "decidedAt": None,
            "createdAt": "2026-11-24T09:00:00.000Z",
        }
    )


class Decision(Wire):
    note: str = Field("", max_length=500, description="The program reads it")

    model_config = example({"note": "Hasta el viernes"})


@router.get("", responses=responses(NotSignedIn, wire.BadCursor))
def approval_list(
    session: SessionDep,
    user: CurrentUser,
    status: ApprovalStatus | None = None,
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Page[ApprovalOut]:
    """Calls of your tokens that waited or wait, newest first."""
    found = approvals.approvals(session, user.id, status=status, before=wire.after(cursor), limit=limit + 1)
    return wire.page(ApprovalOut, found, limit, lambda one: wire.cursor_of(one.id))


@router.get("/{approval_id}", responses=responses(NotSignedIn, NotFound))
def approval(approval_id: UUID, session: SessionDep, user: CurrentUser) -> ApprovalOut:
    """One of them."""
    return ApprovalOut.model_validate(approvals.approval(session, user.id, approval_id))


@router.post("/{approval_id}/approve", responses=responses(NotSignedIn, NotFound, AlreadyDecided, Invalid))
def approve(approval_id: UUID, body: Decision, session: SessionDep, user: CurrentUser) -> ApprovalOut:
    """Let it run, within the token's other limits; `status` becomes done or failed a moment later."""
    return ApprovalOut.model_validate(approvals.approve(session, user.id, approval_id, note=body.note))


@router.post("/{approval_id}/reject", responses=responses(NotSignedIn, NotFound, AlreadyDecided, Invalid))
def reject(approval_id: UUID, body: Decision, session: SessionDep, user: CurrentUser) -> ApprovalOut:
    """Refuse it."""
    return ApprovalOut.model_validate(approvals.reject(session, user.id, approval_id, note=body.note))
