"""The MCP Client node: one tool call an item, with the official SDK and the handshake that n8n's makes."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent

from vibekanban.sandbox.n8n.nodes.http import header_of, stay_home
from vibekanban.sandbox.n8n.problems import NodeFailed
from vibekanban.sandbox.n8n.steps import Item, Outputs, Step, paired

AUTHENTICATION = {"bearerAuth": "httpBearerAuth", "headerAuth": "httpHeaderAuth"}
TIMEOUT = 60.0
REFUSED = (401, 403)


async def call_tool(step: Step) -> Outputs:
    """A failed connection fails the node; a failed call becomes an item where the node may go on."""
    url = str(await step.param("endpointUrl", 0, ""))
    headers = _headers(step, url)
    if step.raw("serverTransport", "httpStreamable") != "httpStreamable":
        raise NodeFailed("The sandbox speaks Streamable HTTP only")
    if urlsplit(url).scheme not in ("http", "https"):
        raise NodeFailed("Could not connect to your MCP server. The provided URL is invalid.")
    given: list[Item] = []
    connected, refusals = False, list[str]()

    async def note(answer: httpx2.Response) -> None:
        if answer.status_code in REFUSED:
            await answer.aread()
            refusals.append(answer.text)

    hooks = {"response": [note]}
    try:
        async with httpx2.AsyncClient(
            headers=headers, timeout=TIMEOUT, trust_env=False, event_hooks=hooks
        ) as http:
            # n8n never ends its sessions
            transport = streamable_http_client(url, http_client=http, terminate_on_close=False)
            async with Client(transport, mode="legacy") as client:
                connected = True
                given += [await _item(step, client, number, refusals) for number in range(len(step.items))]
    except NodeFailed:
        raise
    except BaseExceptionGroup as group:
        raise _unreachable(group, connected, refusals) from None
    except (httpx2.HTTPError, MCPError, OSError, RuntimeError) as error:
        raise _unreachable(error, connected, refusals) from None
    return [given]


async def _item(step: Step, client: Client, number: int, refusals: list[str]) -> Item:
    try:
        return paired(await _called(step, client, number, refusals), number)
    except NodeFailed as error:
        if not step.goes_on:
            raise
        return paired({"error": {"message": error.message}}, number)


async def _called(step: Step, client: Client, number: int, refusals: list[str]) -> dict[str, Any]:
    tool = str(await step.param("tool.value", number, ""))
    if step.raw("inputMode", "manual") == "manual":
        arguments = await step.param("parameters.value", number, {}) or {}
    else:
        arguments = await step.param("jsonInput", number, {})
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except ValueError:
            raise NodeFailed("Parameter 'jsonInput' could not be parsed") from None
    timeout = float(await step.param("options.timeout", number, TIMEOUT * 1000)) / 1000
    try:
        async with asyncio.timeout(timeout):
            result = await client.call_tool(tool, arguments)
    except TimeoutError:
        raise NodeFailed("MCP error -32001: Request timed out") from None
    except MCPError as error:
        if refusals:
            raise _refused(refusals) from None
        raise NodeFailed(f"MCP error {error.error.code}: {error.error.message}") from None
    if step.version >= 1.1 and result.is_error:
        said = next((one.text for one in result.content if isinstance(one, TextContent)), None)
        raise NodeFailed(said or f'Tool "{tool}" returned an error')
    return _shown(result)


def _shown(result: CallToolResult) -> dict[str, Any]:
    """What n8n makes of a result: texts that are JSON are read."""
    content = []
    for one in result.content:
        told = one.model_dump(mode="json", by_alias=True, exclude_none=True)
        if isinstance(one, TextContent):
            try:
                told["text"] = json.loads(one.text)
            except ValueError:
                told["text"] = one.text
        content.append(told)
    shown: dict[str, Any] = {}
    if isinstance(result.structured_content, dict):
        shown["structuredContent"] = result.structured_content
    return {**shown, "content": content} if content else shown


def _headers(step: Step, url: str) -> dict[str, str]:
    """The credential's header; where the credential is gone, n8n calls without one."""
    kind = AUTHENTICATION.get(str(step.raw("authentication", "none")))
    if kind is None:
        return {}
    try:
        data = step.credentials(kind)
    except NodeFailed:
        return {}
    stay_home(data, url)
    return header_of(kind, data)


def _refused(refusals: list[str]) -> NodeFailed:
    return NodeFailed(f"Streamable HTTP error: Error POSTing to endpoint: {refusals[-1]}")


def _unreachable(error: BaseException, connected: bool, refusals: list[str]) -> NodeFailed:
    """In n8n's words; the SDK here does not say that it was the server that refused."""
    found = error
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    if isinstance(found, NodeFailed):
        return found
    if connected and refusals:
        return _refused(refusals)
    if connected:
        return NodeFailed(str(found) or type(found).__name__)
    if refusals:
        return NodeFailed("Could not connect to your MCP server. Authentication failed.", str(found))
    return NodeFailed("Could not connect to your MCP server", str(found) or type(found).__name__)
