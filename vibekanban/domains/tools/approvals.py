"""Tools that tell a program what became of its calls that wait for a person."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from vibekanban.core import db
from vibekanban.core.shapes import Moment, Shape
from vibekanban.domains.guarding import approvals
from vibekanban.domains.guarding.models import Approval, ApprovalStatus
from vibekanban.domains.tools.shapes import Arguments, Optional, Paging, page_of, past
from vibekanban.domains.tools.tool import Context, Done

Status = Literal["pending", "approved", "done", "failed", "rejected", "expired"]


class ApprovalRow(Shape):
    """`note` is what the person said; `result` is the tool's own once it ran."""

    id: UUID
    tool: str
    arguments: dict[str, Any]
    account_id: UUID
    object_id: UUID | None
    object_name: str
    reasons: list[str]
    status: Status
    note: str
    result: dict[str, Any] | None
    error_code: str | None
    expires_at: Moment
    decided_at: Moment | None
    created_at: Moment


class ListApprovals(Paging):
    status: Status | Optional = None


class GetApproval(Arguments):
    approval_id: UUID


def list_approvals(context: Context, asked: ListApprovals) -> Done:
    caller = context.caller
    with db.transaction() as session:
        rows = approvals.approvals(
            session,
            caller.user_id,
            token_id=caller.token_id,
            status=ApprovalStatus(asked.status) if asked.status else None,
            before=past(asked.cursor),
            limit=asked.limit + 1,
        )
    return Done(page_of([_row(one) for one in rows], asked.limit))


def get_approval(context: Context, asked: GetApproval) -> Done:
    caller = context.caller
    with db.transaction() as session:
        found = approvals.approval(session, caller.user_id, asked.approval_id, token_id=caller.token_id)
    return Done(_row(found), account_id=found.account_id)


def _row(found: Approval) -> ApprovalRow:
    return ApprovalRow(**found.model_dump(exclude={"status"}), status=found.status.value)
