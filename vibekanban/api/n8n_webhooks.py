"""The address at which a workflow in n8n reports what its run did, with its own token."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from vibekanban.api.errors import TooLarge, responses
from vibekanban.api.mcp_tools import TokenDep
from vibekanban.api.wire import Wire, example
from vibekanban.core import db
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.core.settings import settings
from vibekanban.domains.access import allowance
from vibekanban.domains.access.errors import BadToken, TokenStopped
from vibekanban.domains.automations import rendering, runs
from vibekanban.domains.automations.runs import Report

router = APIRouter(prefix=rendering.ROUTE, tags=["Webhooks"])
LARGEST = 64 * 1024  # bytes


class ExecutionReport(Wire):
    """What a run says of itself; the same execution told again changes nothing."""

    execution_id: str = Field(min_length=1, max_length=20, pattern="^[0-9]+$")
    status: Literal["success", "error"]
    results: dict[str, Any] = Field(default_factory=dict)
    error: str = Field("", max_length=2000)

    model_config = example(
        {
            "executionId": "1042",
            "status": "success",
            "results": {"checked": 12, "found": [], "outcomes": []},
        }
    )


class ExecutionKept(Wire):
    id: UUID

    model_config = example({"id": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0021"})


async def _small(request: Request) -> None:
    if len(await request.body()) > LARGEST:
        raise TooLarge(limit_kb=LARGEST // 1024)


@router.post(
    "/{subscription_id}",
    responses=responses(BadToken, TokenStopped, NotFound, Invalid, TooLarge, allowance.Spent),
)
async def reported(
    subscription_id: UUID, body: ExecutionReport, caller: TokenDep, _small: Annotated[None, Depends(_small)]
) -> ExecutionKept:
    """Keep the result of one run of the automation that the token belongs to."""
    if not settings().enable_copy_strategy:
        raise NotFound()
    told = Report(body.execution_id, body.status, body.results, body.error)
    return ExecutionKept(id=await db.run(runs.report, caller, subscription_id, told))
