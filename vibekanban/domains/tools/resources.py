"""What programs may read besides calling tools: the dictionary of fields, and the overview of an account."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from vibekanban.core import i18n
from vibekanban.core.errors import NotFound
from vibekanban.domains.access.hot import Caller
from vibekanban.domains.tools import calls

ROOT = "vibekanban://"
FIELDS = f"{ROOT}fields"
ACCOUNTS = f"{ROOT}accounts"
OVERVIEW = f"{ROOT}accounts/{{accountId}}/overview"
DICTIONARY = (
    "spend", "impressions", "clicks", "ctr", "cpc", "cpm", "conversions", "revenue", "cpa", "roas", "reach",
    "frequency", "final", "fetchedAt", "conversionEvent", "effectiveStatus", "dailyBudget",
)  # fmt: skip
_OVERVIEW = re.compile(rf"{re.escape(ROOT)}accounts/([0-9a-fA-F-]{{36}})/overview")


class UnknownResource(NotFound):
    code = "unknown_resource"


@dataclass(frozen=True)
class Content:
    """What stands behind an address."""

    mime: str
    text: str


def described(locale: i18n.Locale) -> list[dict[str, Any]]:
    """The resources that always exist, as MCP lists them."""
    return [
        {
            "uri": uri,
            "name": name,
            "title": i18n.say(locale, f"mcp.resources.{name}.title"),
            "description": i18n.say(locale, f"mcp.resources.{name}.description"),
            "mimeType": mime,
        }
        for uri, name, mime in (
            (FIELDS, "fields", "text/markdown"),
            (ACCOUNTS, "accounts", "application/json"),
        )
    ]


def templates(locale: i18n.Locale) -> list[dict[str, Any]]:
    """Addresses with a place for an id."""
    return [
        {
            "uriTemplate": OVERVIEW,
            "name": "overview",
            "title": i18n.say(locale, "mcp.resources.overview.title"),
            "description": i18n.say(locale, "mcp.resources.overview.description"),
            "mimeType": "application/json",
        }
    ]


async def read(caller: Caller, uri: str, locale: i18n.Locale) -> Content:
    """The content; what costs rights is read by the tool of that name, and so audited like it."""
    if uri == FIELDS:
        return Content("text/markdown", dictionary(locale))
    if uri == ACCOUNTS:
        return _json(await calls.call(caller, "list_accounts", {"limit": 100}, door="mcp", locale=locale))
    if found := _OVERVIEW.fullmatch(uri):
        account_id = str(UUID(found[1]))
        return _json(
            await calls.call(caller, "get_summary", {"accountId": account_id}, door="mcp", locale=locale)
        )
    raise UnknownResource()


def dictionary(locale: i18n.Locale) -> str:
    """What each field means, in which unit, and what it is not."""
    lines = [f"- `{name}`: {i18n.say(locale, f'mcp.dictionary.{name}')}" for name in DICTIONARY]
    return "\n".join([f"# {i18n.say(locale, 'mcp.resources.fields.title')}", "", *lines])


def _json(value: dict[str, Any]) -> Content:
    return Content("application/json", orjson.dumps(value).decode())
