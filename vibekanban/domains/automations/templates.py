"""The built-in templates: their parameters as JSON Schema, and a workflow rendered for one automation.

A template is a folder: `workflow.json` is n8n's own format, `about.json` says what it takes. Values reach a
workflow in two ways only: what nodes read while they run stands as JSON in the one Set node "VK Params"; what n8n
reads before a run is a `[[vk:name]]` that is a whole string. Nothing is ever pasted into text or an expression.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from vibekanban.core import i18n
from vibekanban.core.errors import Invalid
from vibekanban.domains.access.models import Scope
from vibekanban.domains.automations.errors import UnknownTemplate

FOLDER = Path(__file__).parent / "templates"
_PLACE = re.compile(r"^\[\[vk:(\w+)\]\]$")
_SENTENCES = {
    "required": "automations.fields.missing",
    "additionalProperties": "automations.fields.unknown",
    "type": "automations.fields.kind",
}


class Unrendered(Exception):
    """A template asks for something that nobody gives: a bug of ours, not of its user."""


@dataclass(frozen=True)
class Template:
    """A workflow to be rendered, and what it needs."""

    key: str
    version: int
    scopes: tuple[Scope, ...]
    schema: dict[str, Any]
    workflow: dict[str, Any]

    def checked(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters with their defaults; Invalid names each wrong one as params.<name>."""
        whole = {**self.defaults, **params}
        wrong = {}
        for error in Draft202012Validator(self.schema).iter_errors(whole):
            for name in _names(error, whole, self.schema):
                sentence = _SENTENCES.get(str(error.validator), "automations.fields.range")
                wrong[f"params.{name}"] = sentence
        if wrong:
            raise Invalid(wrong)
        return whole

    def carried(self, params: Mapping[str, Any], scopes: Collection[str]) -> dict[str, Any] | None:
        """Parameters of an older version as this one takes them; None when its owner must say or allow more."""
        kept = {name: params[name] for name in params if name in self.schema["properties"]}
        if set(self.schema["required"]) - set(kept) or set(self.scopes) - set(scopes):
            return None
        try:
            return self.checked(kept)
        except Invalid:
            return None

    @property
    def defaults(self) -> dict[str, Any]:
        return {name: one["default"] for name, one in self.schema["properties"].items()}

    def described(self, locale: str) -> dict[str, Any]:
        """The JSON Schema with titles in a language."""
        schema = copy.deepcopy(self.schema)
        for name, one in schema["properties"].items():
            one["title"] = i18n.say(locale, f"automations.templates.{self.key}.{name}")
        return schema

    def rendered(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The workflow with every place filled in."""
        return _filled(self.workflow, values)


def template(key: str) -> Template:
    found = catalogue().get(key)
    if found is None:
        raise UnknownTemplate()
    return found


@lru_cache
def catalogue() -> dict[str, Template]:
    """Every template by its key."""
    return {folder.name: _read(folder) for folder in sorted(FOLDER.iterdir()) if folder.is_dir()}


def _read(folder: Path) -> Template:
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    return Template(
        key=folder.name,
        version=about["version"],
        scopes=tuple(Scope(name) for name in about["scopes"]),
        schema=about["params"],
        workflow=json.loads((folder / "workflow.json").read_text(encoding="utf-8")),
    )


def _names(error: Any, whole: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Which parameters a failure is about."""
    if error.validator == "required":
        return [name for name in error.validator_value if name not in whole]
    if error.validator == "additionalProperties":
        return [str(name)[:40] for name in whole if name not in schema["properties"]]
    return [str(error.absolute_path[0])[:40]] if error.absolute_path else [""]


def _filled(part: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(part, dict):
        return {name: _filled(one, values) for name, one in part.items()}
    if isinstance(part, list):
        return [_filled(one, values) for one in part]
    if not isinstance(part, str):
        return part
    place = _PLACE.match(part)
    if place is None:
        if "[[vk:" in part:
            raise Unrendered("a place is a whole string")
        return part
    if place[1] not in values:
        raise Unrendered(place[1])
    value = values[place[1]]
    if isinstance(value, str) and value.startswith("="):
        raise Unrendered(f"{place[1]} would be run as an expression")
    return value
