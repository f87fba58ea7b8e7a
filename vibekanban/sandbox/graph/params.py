"""Reading a call's parameters: query, form, multipart or JSON; lenient JSON values; nested field lists."""

from __future__ import annotations

import json
import re
from ast import literal_eval
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

from vibekanban.sandbox.graph.problems import invalid


@dataclass(frozen=True)
class Upload:
    """A file that came with a call."""

    name: str
    content: bytes


async def read(request: Request) -> dict[str, Any]:
    """Every parameter of a request; the body wins over the query."""
    found: dict[str, Any] = dict(request.query_params)
    if request.method in {"GET", "DELETE"}:
        return found
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            raise invalid("The body is not valid JSON.") from None
        found.update(body if isinstance(body, dict) else {})
    elif kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        async with request.form() as form:
            for name, given in form.multi_items():
                if isinstance(given, UploadFile):
                    found[name] = Upload(given.filename or name, await given.read())
                else:
                    found[name] = given
    return found


def of_text(text: str) -> dict[str, Any]:
    """The parameters of a batch entry's query or body."""
    return dict(parse_qsl(text, keep_blank_values=True))


def value(raw: Any) -> Any:
    """A parameter that may be JSON text; digits stay text, for ids are too long for numbers."""
    if not isinstance(raw, str) or raw[:1] not in '[{"tfn':
        return raw
    try:
        return json.loads(raw)
    except ValueError:
        return _single_quoted(raw)


def _single_quoted(raw: str) -> Any:
    """Lists and objects in single quotes, as Meta's own examples write them."""
    try:
        return literal_eval(raw) if raw.startswith(("[", "{")) else raw
    except (ValueError, SyntaxError):
        return raw


def words(raw: Any) -> list[str]:
    """A list given as JSON or as words between commas."""
    found = value(raw)
    if isinstance(found, list):
        return [str(word) for word in found]
    bare = re.sub(r"[\[\]'\"]", "", str(found or ""))  # lists of bare or single-quoted words are accepted too
    return [word.strip() for word in bare.split(",") if word.strip()]


def truth(raw: Any) -> bool:
    """A yes or no, as people write it."""
    return str(raw).lower() in {"true", "1", "yes"}


@dataclass
class Field:
    """One asked-for field, with what it expands to: `insights.date_preset(last_7d){spend}`."""

    name: str
    modifiers: dict[str, str] = field(default_factory=dict)
    inner: list[Field] = field(default_factory=list)


def fields(raw: Any) -> list[Field]:
    """The field list of a call."""
    if isinstance(raw, str) and raw[:1] != "[":
        return _Reader(raw.strip()).fields()
    return [inner for word in words(raw) for inner in _Reader(word).fields()]


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def fields(self) -> list[Field]:
        found: list[Field] = []
        while self._at < len(self._text) and self._text[self._at] != "}":
            name = self._match(r"[\w.\-]+?(?=[,{}(]|\.\w+\(|$)|\w+")
            if not name:
                self._at += 1
                continue
            asked = Field(name)
            while modifier := self._match(r"\.(\w+)\("):
                asked.modifiers[modifier.strip(".(")] = self._until_closed()
            if self._match(r"\{"):
                asked.inner = self.fields()
                self._match(r"\}")
            found.append(asked)
            self._match(r",")
        return found

    def _until_closed(self) -> str:
        depth, start = 1, self._at
        while self._at < len(self._text) and depth:
            depth += {"(": 1, ")": -1}.get(self._text[self._at], 0)
            self._at += 1
        return self._text[start : self._at - 1]

    def _match(self, pattern: str) -> str:
        found = re.compile(pattern).match(self._text, self._at)
        if not found:
            return ""
        self._at = found.end()
        return found.group()
