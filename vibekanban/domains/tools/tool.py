"""What a tool is, and how its definition looks in the caller's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import ValidationError

from vibekanban.core import i18n, wrong
from vibekanban.core.errors import Invalid
from vibekanban.core.shapes import Shape
from vibekanban.domains.access.hot import Caller
from vibekanban.domains.access.models import Outcome, Scope
from vibekanban.domains.tools.following import NOBODY, Watch
from vibekanban.domains.tools.shapes import Arguments

A = TypeVar("A", bound=Arguments)


class InvalidArguments(Invalid):
    code = "invalid_arguments"


@dataclass(frozen=True)
class Context:
    """Who asks, in which language, whether a person has approved the call, and who follows it."""

    caller: Caller
    locale: i18n.Locale
    approved: bool = False
    watch: Watch = NOBODY


@dataclass(frozen=True)
class Done:
    """A tool's result, and what the audit keeps of it."""

    result: Shape
    account_id: UUID | None = None
    object_id: str | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None

    @property
    def outcome(self) -> Outcome:
        """What the result says of itself: one that is held or rehearsed changed nothing."""
        told = getattr(self.result, "outcome", None) or getattr(self.result, "how", None)
        return {"pending_approval": Outcome.HELD, "dry_run": Outcome.REHEARSED}.get(str(told), Outcome.OK)


@dataclass(frozen=True, eq=False)
class Tool(Generic[A]):
    """A use case that programs may call; it opens its own transactions.

    One of `others` opens it as well: what it needs is known when its arguments are, and then it asks for that.
    """

    name: str
    scope: Scope
    arguments: type[A]
    result: type[Shape]
    run: Callable[[Context, A], Done]
    hints: dict[str, bool] = field(
        default_factory=lambda: {"readOnlyHint": True, "idempotentHint": True, "openWorldHint": False}
    )

    others: tuple[Scope, ...] = ()

    def offered(self, caller: Caller) -> bool:
        return any(caller.may(scope) for scope in (self.scope, *self.others))

    def read(self, arguments: dict[str, Any]) -> A:
        """The arguments as typed values; InvalidArguments names each wrong one."""
        try:
            return self.arguments.model_validate(arguments)
        except ValidationError as error:
            raise refused(error) from None


def refused(error: ValidationError) -> InvalidArguments:
    """Each wrong argument with the key of its sentence, and what is allowed."""
    fields: dict[str, str] = {}
    about: dict[str, dict[str, str]] = {}
    found = error.errors(include_url=False, include_input=False)
    # of what may be left out pydantic also says that it is not null, and names its kind in the place
    optional = {item["loc"][:-1] for item in found if item["type"] == "none_required"}
    for item in found:
        if item["type"] == "none_required":
            continue
        loc = item["loc"]
        depth = next((n for n in range(len(loc)) if loc[:n] in optional), None)
        named = loc if depth is None else (*loc[:depth], *loc[depth + 1 :])
        place = ".".join(str(part)[:60] for part in named) or "arguments"
        fields[place], about[place] = wrong.told(item)
        if item["type"] == "string_type":
            fields[place] = "mcp.fields.text"
    return InvalidArguments(fields, about=about)


@lru_cache
def definition(tool: Tool[Any], locale: i18n.Locale) -> dict[str, Any]:
    """The tool as MCP and the JSON twin list it."""
    title = i18n.say(locale, f"mcp.tools.{tool.name}.title")
    return {
        "name": tool.name,
        "title": title,
        "description": i18n.say(locale, f"mcp.tools.{tool.name}.description"),
        "inputSchema": _tidy(tool.arguments.model_json_schema(), tool.name, locale),
        "outputSchema": _tidy(tool.result.model_json_schema(mode="serialization")),
        "annotations": {"title": title, **tool.hints},
    }


def _tidy(schema: dict[str, Any], tool: str = "", locale: i18n.Locale | None = None) -> dict[str, Any]:
    """Without pydantic's titles and our docstrings; arguments explained in the caller's language."""
    bare = _bare(schema)
    if locale is not None:
        texts = i18n.catalogue(locale)
        for name, described in bare.get("properties", {}).items():
            # an argument means the same everywhere, unless its tool says otherwise
            described["description"] = next(
                texts[key]
                for key in (f"mcp.tools.{tool}.{name}", f"mcp.arguments.{name}", f"editing.field.{name}")
                if key in texts
            )
    return bare


def _bare(node: Any, *, names: bool = False) -> Any:
    if isinstance(node, list):
        return [_bare(item) for item in node]
    if not isinstance(node, dict):
        return node
    dropped = set() if names else {"title", "description"}
    if not names and node.get("default", ...) is None:
        dropped.add("default")
    return {
        key: _bare(value, names=key in {"properties", "$defs"} and not names)
        for key, value in node.items()
        if key not in dropped
    }
