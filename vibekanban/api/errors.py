"""How failures look on the wire: one shape, one sentence in the caller's language, none of our insides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
import redis.exceptions
import sqlalchemy.exc
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from starlette.exceptions import HTTPException
from starlette.types import Scope

from vibekanban.core import i18n, logging, wrong
from vibekanban.core.errors import AppError, Forbidden, Invalid, Malformed, NotFound, NotSignedIn, TooMany

log = logging.logger(__name__)
TOOLS = "/api/mcp/tools/"


class MethodNotAllowed(AppError):
    code = "method_not_allowed"
    status = 405


class TooLarge(AppError):
    code = "too_large"
    status = 413

    def __init__(self, limit_kb: int = 1024) -> None:
        super().__init__(limit_kb=limit_kb)


class WrongType(AppError):
    code = "wrong_type"
    status = 415


class ForeignOrigin(Forbidden):
    """A write with the browser's cookie that another site's page made."""

    code = "foreign_origin"


class Unavailable(AppError):
    """Our own database or Redis does not answer."""

    code = "unavailable"
    status = 503


class Problem(BaseModel):
    """Every failure's answer."""

    model_config = ConfigDict(populate_by_name=True)

    error: str = Field(description="A sentence in the caller's language")
    code: str = Field(description="Stable; made for programs")
    details: dict[str, Any] = Field(description="What a program may use, for example `fields`")
    request_id: str = Field(alias="requestId", description="Quote it when you ask for help")
    hint: str | None = Field(None, description="What a program does next; of calls of tools")
    retry_after: int | None = Field(None, alias="retryAfter", description="Seconds; with 429 only")


# what fails when PostgreSQL or Redis is away; everything else of SQLAlchemy is a bug of ours
_AWAY = (
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.TimeoutError,
    psycopg.OperationalError,
    redis.exceptions.ConnectionError,
    redis.exceptions.TimeoutError,
)
_PLAIN: Mapping[int, type[AppError]] = {
    400: Malformed,
    401: NotSignedIn,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: WrongType,
}


def install(app: FastAPI) -> None:
    """Render every failure of the app's routes."""
    app.add_exception_handler(AppError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _plain)
    for kind in _AWAY:
        app.add_exception_handler(kind, _away)


def answer(error: AppError, scope: Scope) -> JSONResponse:
    """The one shape of a failure."""
    locale = locale_of(scope)
    details: dict[str, Any] = {
        to_camel(name): value for name, value in jsonable_encoder(error.details).items()
    }
    if isinstance(error, Invalid) and error.fields:
        details["fields"] = [{"field": name, "message": said} for name, said in error.reasons(locale).items()]
    return _answer(error, scope, details)


def _answer(error: AppError, scope: Scope, details: dict[str, Any]) -> JSONResponse:
    body: dict[str, Any] = {
        "error": error.sentence(locale_of(scope)),
        "code": error.code,
        "details": details,
        "requestId": request_id(scope),
    }
    headers = {}
    if str(scope.get("path", "")).startswith(TOOLS):
        body["hint"] = error.hint(locale_of(scope))
    if isinstance(error, TooMany):
        body["retryAfter"] = error.retry_after
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body, status_code=error.status, headers=headers)


def request_id(scope: Scope) -> str:
    return str(scope.get("state", {}).get("request_id", ""))


def locale_of(scope: Scope) -> i18n.Locale:
    for name, value in scope.get("headers", ()):
        if name == b"accept-language":
            return i18n.accepted(value.decode("latin-1"))
    return i18n.DEFAULT


async def _expected(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, AppError):
        raise error
    if error.status >= 500:
        log.warning("request.outside_failed", code=error.code, details=error.details)
    return answer(error, request.scope)


async def _plain(request: Request, error: Exception) -> JSONResponse:
    """What Starlette refuses by itself: no such route, no such method, a body it can not read."""
    if not isinstance(error, HTTPException):
        raise error
    kind = _PLAIN.get(error.status_code, Malformed if error.status_code < 500 else AppError)
    rendered = answer(kind(), request.scope)
    for name, value in (error.headers or {}).items():
        rendered.headers[name] = value
    return rendered


async def _away(request: Request, error: Exception) -> JSONResponse:
    # one line: while a database is away every request comes here, and where it stood says nothing
    log.error("request.unavailable", reason=type(error).__name__)
    rendered = answer(Unavailable(), request.scope)
    rendered.headers["Retry-After"] = "5"
    return rendered


# -- field errors


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    """422 with each field, or 400 when the body is no JSON, or 404 when an id in the path is none."""
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return answer(Malformed(), request.scope)
    if found and all(item["loc"][0] == "path" for item in found):
        return answer(NotFound(), request.scope)
    if _wrong_type(request, found):
        return answer(WrongType(), request.scope)
    locale = locale_of(request.scope)
    fields = [{"field": _name(item["loc"]), "message": _sentence(item, locale)} for item in found]
    return _answer(Invalid(), request.scope, {"fields": fields})


def _wrong_type(request: Request, found: Sequence[Mapping[str, Any]]) -> bool:
    """A body that was not sent as JSON reaches validation as text."""
    content = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    about_body = any(tuple(item["loc"]) == ("body",) for item in found)
    return about_body and bool(content) and not (content == "application/json" or content.endswith("+json"))


def _name(location: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in location[1:]) or str(location[0])


def _sentence(item: Mapping[str, Any], locale: str) -> str:
    key, context = wrong.told(item)
    return i18n.say(locale, key, **context)


# -- in the reference


def responses(*kinds: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: which failures it answers, each with an example."""
    documented: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        entry = documented.setdefault(
            kind.status, {"model": Problem, "description": "", "content": {"application/json": {}}}
        )
        sentence = re.sub(r"{\w+}", "30", i18n.catalogue("en")[f"errors.{kind.code}"])
        entry["description"] = f"{entry['description']} {sentence}".strip()
        value: dict[str, Any] = {"error": sentence, "code": kind.code, "details": {}, "requestId": "9f1c…"}
        if issubclass(kind, Invalid):
            value["details"] = {"fields": [{"field": "name", "message": i18n.say("en", "field.missing")}]}
        if issubclass(kind, TooMany):
            value |= {"details": {"retryAfter": 30}, "retryAfter": 30}
        entry["content"]["application/json"].setdefault("examples", {})[kind.code] = {"value": value}
    return documented
