"""The MCP tools as plain JSON, for callers that speak no MCP: the same tools, tokens and audit."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response, Security
from fastapi.security import HTTPBearer
from pydantic import Field

from vibekanban.api import hanging_up
from vibekanban.api.deps import LocaleDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Wire, example
from vibekanban.core.errors import NotFound, OutsideFailed
from vibekanban.domains.access import allowance, hot
from vibekanban.domains.access.errors import BadToken, ScopeMissing
from vibekanban.domains.tools import calls
from vibekanban.domains.tools.tool import InvalidArguments

router = APIRouter(prefix="/api/mcp/tools", tags=["MCP"])

_DECLARED = Security(HTTPBearer(auto_error=False, scheme_name="mcp", bearerFormat="vkm_…"))


async def _caller(request: Request, response: Response, _declared: object = _DECLARED) -> hot.Caller:
    """The caller behind `Authorization: Bearer vkm_…`, with one call taken off its minute."""
    found = await hot.caller(request.headers.get("authorization"))
    left = await allowance.take(found.token_id)
    response.headers.update(left.headers)
    return found.during(request.query_params.get("run"))


TokenDep = Annotated[hot.Caller, Depends(_caller)]


class ToolOut(Wire):
    """A tool as MCP lists it; the schemas are JSON Schema."""

    name: str
    title: str
    description: str
    input_schema: dict[str, Any]
    output_schema: dict[str, Any]
    annotations: dict[str, Any]


class ToolList(Wire):
    """All tools of the token; the list is short and has one page."""

    items: list[ToolOut]
    next_cursor: None = None


class CallIn(Wire):
    arguments: dict[str, Any] = Field(default_factory=dict)

    model_config = example({"arguments": {"campaignId": "120210000000000001", "reason": "ROAS 0.8"}})


class CallOut(Wire):
    """`result` follows the tool's `outputSchema`."""

    result: dict[str, Any]

    model_config = example({"result": {"items": [], "hasMore": False, "nextCursor": None}})


@router.get("", responses=responses(BadToken, allowance.Spent))
async def tool_list(caller: TokenDep, locale: LocaleDep) -> ToolList:
    """The tools this token may use, with their schemas."""
    return ToolList(items=[ToolOut.model_validate(tool) for tool in calls.definitions(caller, locale)])


@router.post(
    "/{name}",
    responses=responses(
        BadToken, ScopeMissing, NotFound, calls.UnknownTool, InvalidArguments, allowance.Spent, OutsideFailed
    ),
)
async def call(name: str, body: CallIn, caller: TokenDep, locale: LocaleDep, request: Request) -> CallOut:
    """Call a tool; every call is audited, refused ones too. Who hangs up calls a backtest off, and nothing else."""
    async with hanging_up.heard(request) as watch:
        result = await calls.call(caller, name, body.arguments, door="http", locale=locale, watch=watch)
    return CallOut(result=result)
