"""Resources and prompts, as the protocol asks for them."""

from __future__ import annotations

from typing import Any

import mcp_types as types
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError

from vibekanban.core.errors import AppError
from vibekanban.domains.tools import calls, prompts, resources
from vibekanban.mcp.door import visit_of

Context = ServerRequestContext[Any, Any]
RESOURCE_NOT_FOUND = -32002


async def list_resources(
    context: Context, _params: types.PaginatedRequestParams | None
) -> types.ListResourcesResult:
    found = resources.described(visit_of(context.request).locale)
    return types.ListResourcesResult(resources=[types.Resource.model_validate(one) for one in found])


async def list_templates(
    context: Context, _params: types.PaginatedRequestParams | None
) -> types.ListResourceTemplatesResult:
    found = resources.templates(visit_of(context.request).locale)
    return types.ListResourceTemplatesResult(
        resource_templates=[types.ResourceTemplate.model_validate(one) for one in found]
    )


async def read_resource(
    context: Context, params: types.ReadResourceRequestParams
) -> types.ReadResourceResult:
    visit = visit_of(context.request)
    try:
        found = await resources.read(visit.caller, str(params.uri), visit.locale)
    except AppError as error:
        number = RESOURCE_NOT_FOUND if error.status == 404 else types.INVALID_PARAMS
        raise MCPError(number, error.sentence(visit.locale), calls.explained(error, visit.locale)) from None
    content = types.TextResourceContents(uri=str(params.uri), mime_type=found.mime, text=found.text)
    return types.ReadResourceResult(contents=[content])


async def list_prompts(
    context: Context, _params: types.PaginatedRequestParams | None
) -> types.ListPromptsResult:
    found = prompts.described(visit_of(context.request).locale)
    return types.ListPromptsResult(prompts=[types.Prompt.model_validate(one) for one in found])


async def get_prompt(context: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
    locale = visit_of(context.request).locale
    try:
        text = prompts.text(params.name, params.arguments or {}, locale)
    except AppError as error:
        raise MCPError(types.INVALID_PARAMS, error.sentence(locale), calls.explained(error, locale)) from None
    message = types.PromptMessage(role="user", content=types.TextContent(type="text", text=text))
    return types.GetPromptResult(messages=[message])
