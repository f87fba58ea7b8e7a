"""The API's reference: the OpenAPI document, made to say what the code does, and its page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from vibekanban.api.errors import Problem, TooLarge, Unavailable, WrongType, responses
from vibekanban.api.wire import BadCursor
from vibekanban.core.errors import AppError, Invalid, Malformed, TooMany

OPENAPI = "/api/openapi.json"
DOCS = "/api/docs"
ASSETS = "/api/docs-assets"
# the page's own script is inline; everything it loads comes from here
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)
_ABOUT = """
Everything the pages do, for programs. JSON with camelCase keys; times in UTC with `Z`; money as decimal
strings.

**Signing in**: `POST /api/auth/login` answers a token; send it as `Authorization: Bearer …`. Programs such
as n8n use an MCP token (`vkm_…`) at `/mcp` and `/api/mcp/tools`.

**Lists** take `limit` (1 to 100) and `cursor`, and answer `items` and `nextCursor` (null on the last page).

**Failures** all look the same: `error` (a sentence in the language of `Accept-Language`, `es` or `en`),
`code` (stable), `details`, `requestId`. What is not yours answers 404, like what does not exist.

**Limits**: every answer carries `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds);
429 adds `Retry-After`.

**Repeating safely**: writes that create money or outside objects take `Idempotency-Key`; the first answer
is kept for 24 hours and given again.
"""


def install(api: FastAPI) -> None:
    """Serve the document and its page, without anything from other hosts."""
    api.description = _ABOUT.strip()
    api.openapi = lambda: _document(api)
    api.mount(ASSETS, StaticFiles(directory=Path(fastapi_offline.__file__).parent / "static"))

    @api.get(DOCS, include_in_schema=False)
    async def docs() -> HTMLResponse:
        page = get_swagger_ui_html(
            openapi_url=OPENAPI,
            title=api.title,
            swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{ASSETS}/favicon.png",
            swagger_ui_parameters={"persistAuthorization": True, "tryItOutEnabled": True},
        )
        page.headers["Content-Security-Policy"] = _POLICY
        return page


def _document(api: FastAPI) -> dict[str, Any]:
    """FastAPI's document, with the failures that every route can have and without the shape it assumes."""
    if api.openapi_schema is None:
        document = get_openapi(
            title=api.title,
            version=api.version,
            summary=api.summary,
            description=api.description,
            routes=api.routes,
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.setdefault("Problem", Problem.model_json_schema(ref_template="#/components/schemas/{model}"))
        for operations in document["paths"].values():
            for operation in operations.values():
                _complete(operation)
        for assumed in ("HTTPValidationError", "ValidationError"):
            schemas.pop(assumed, None)
        api.openapi_schema = document
    return api.openapi_schema


def _complete(operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    if "422" in answers and "HTTPValidationError" in str(answers["422"]):
        answers["422"] = _failure(Invalid)
    always: list[type[AppError]] = [TooMany, AppError, Unavailable]
    if "requestBody" in operation:
        always += [Malformed, TooLarge, WrongType]
    if any(parameter["name"] == "cursor" for parameter in operation.get("parameters", ())):
        always.append(BadCursor)
    for kind in always:
        answers.setdefault(str(kind.status), _failure(kind))
    for status, answer in answers.items():
        if status != "default":
            answer.setdefault("headers", {})["X-Request-ID"] = {"schema": {"type": "string"}}


def _failure(kind: type[AppError]) -> dict[str, Any]:
    documented = responses(kind)[kind.status]
    documented["content"]["application/json"]["schema"] = {"$ref": "#/components/schemas/Problem"}
    documented.pop("model")
    return documented
