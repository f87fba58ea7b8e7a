"""The MCP server: stateless Streamable HTTP on /mcp, from the official SDK."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import mcp_types as types
import orjson
from mcp.server import Server, ServerRequestContext
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from vibekanban.core import i18n
from vibekanban.core.errors import AppError
from vibekanban.core.logging import logger
from vibekanban.domains.tools import calls
from vibekanban.domains.tools.catalogue import TOOLS
from vibekanban.domains.tools.following import NOBODY
from vibekanban.domains.tools.tool import definition
from vibekanban.mcp import following, oauth, reading, security
from vibekanban.mcp.door import KEY, LONGEST, Door, Visit, visit_of
from vibekanban.mcp.refusals import WithoutReports, sealed

log = logger(__name__)


async def _list_tools(
    context: ServerRequestContext[Any, Any], _params: types.PaginatedRequestParams | None
) -> types.ListToolsResult:
    visit = visit_of(context.request)
    offered = calls.definitions(visit.caller, visit.locale)
    return types.ListToolsResult(tools=[types.Tool.model_validate(tool) for tool in offered])


async def _call_tool(
    context: ServerRequestContext[Any, Any], params: types.CallToolRequestParams
) -> types.CallToolResult:
    """A refused or failed call is a result with `isError`, so that a model reads why and what to do."""
    visit = visit_of(context.request)
    followed = following.Followed(context, visit.caller.token_id) if visit.follows else None
    if followed:
        await followed.begin()
    try:
        result = await calls.call(
            visit.caller,
            params.name,
            params.arguments or {},
            door="mcp",
            locale=visit.locale,
            watch=followed.watch if followed else NOBODY,
        )
    except asyncio.CancelledError:
        if followed:
            followed.hang_up()
        raise
    except calls.UnknownTool as error:
        said = calls.explained(error, visit.locale)
        raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {params.name[:80]}", said) from None
    except AppError as error:
        return _refusal(calls.explained(error, visit.locale))
    except Exception:  # a bug: the caller gets a sentence, the log gets the trace
        log.exception("tool_crashed", tool=params.name[:80])
        return _refusal(calls.explained(AppError(), visit.locale))
    return types.CallToolResult(content=[_text(result)], structured_content=result)


def _refusal(said: dict[str, Any]) -> types.CallToolResult:
    # no structured content: clients check it against the tool's output schema, errors included
    return types.CallToolResult(content=[_text(said)], is_error=True)


def _text(value: dict[str, Any]) -> types.TextContent:
    return types.TextContent(type="text", text=orjson.dumps(value).decode())


def _schema(name: str) -> Mapping[str, Any] | None:
    """A tool's arguments; the SDK would look them up in the whole list, at every call of the stateless protocol."""
    tool = TOOLS.get(name)
    return definition(tool, i18n.DEFAULT)["inputSchema"] if tool else None


SERVER: Server[Any] = Server(
    "vibekanban",
    version="1.0",
    title="Vibe Kanban",
    instructions="\n\n".join(i18n.say(locale, "mcp.instructions") for locale in i18n.LOCALES),
    on_list_tools=sealed(_list_tools),
    on_call_tool=_call_tool,
    on_list_resources=sealed(reading.list_resources),
    on_list_resource_templates=sealed(reading.list_templates),
    on_read_resource=sealed(reading.read_resource),
    on_list_prompts=sealed(reading.list_prompts),
    on_get_prompt=sealed(reading.get_prompt),
    get_tool_input_schema=_schema,
)


class _Endpoint:
    """The SDK's request handlers; new ones for each life of the application, as the SDK demands."""

    plain: StreamableHTTPSessionManager | None = None
    streaming: StreamableHTTPSessionManager | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # one JSON text costs least; only who follows a call gets a stream, on which progress can come
        manager = self.streaming if scope[KEY].follows else self.plain
        if manager is None:
            raise RuntimeError("lifespan() of the MCP server was not entered")
        await manager.handle_request(scope, receive, WithoutReports(send))


ENDPOINT = _Endpoint()


def routes() -> list[BaseRoute]:
    """The exact path /mcp, and OAuth for those who have no token; extend the serving application with them."""
    return [Route("/mcp", endpoint=Door(ENDPOINT)), *oauth.routes()]


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    """The life of the server in one process; needs the pools of `core.pools`."""
    ENDPOINT.plain, ENDPOINT.streaming = _manager(json_response=True), _manager(json_response=False)
    async with ENDPOINT.plain.run(), ENDPOINT.streaming.run():
        yield
    ENDPOINT.plain = ENDPOINT.streaming = None


def _manager(*, json_response: bool) -> StreamableHTTPSessionManager:
    return StreamableHTTPSessionManager(
        SERVER,
        json_response=json_response,
        stateless=True,
        security_settings=security.allowed(),
        max_request_body_size=LONGEST,
    )


__all__ = ["Visit", "lifespan", "routes"]
