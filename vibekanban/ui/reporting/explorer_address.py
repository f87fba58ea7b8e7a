"""What a report asks for, as it stands in the address of the page and in its controls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import ValidationError

from vibekanban.core.errors import Invalid
from vibekanban.domains.reporting.definitions import FIRST, Definition

# each is a variable of the page's state, and a word of the address when it is not this
DEFAULTS: dict[str, Any] = {
    "level": "campaign",
    "breakdown": "",
    "preset": "last_30_days",
    "since": "",
    "until": "",
    "compare": "previous",
    "metrics": [metric.value for metric in FIRST],
    "search": "",
    "statuses": [],
    "where": [],
    "sort": "-spend",
    "chart": "spend",
    "shape": "days",
}


def parsed(query: Mapping[str, str]) -> dict[str, Any]:
    """The values of an address; what it does not name is as usual."""
    return {
        name: (
            usual
            if name not in query
            else [word for word in query[name][:600].split(";") if word]
            if isinstance(usual, list)
            else query[name][:100]
        )
        for name, usual in DEFAULTS.items()
    }


def written(account_id: str, values: Mapping[str, Any]) -> str:
    """The address' query of a view."""
    named = {"account": account_id}
    for name, usual in DEFAULTS.items():
        dated = name in {"since", "until"}
        if values[name] != usual and (not dated or values["preset"] == "custom"):
            named[name] = ";".join(values[name]) if isinstance(usual, list) else values[name]
    return "?" + urlencode(named)


def definition(account_id: str, values: Mapping[str, Any]) -> Definition:
    """The question; Invalid when a value means nothing."""
    given = {**values, "account_id": account_id, "q": values["search"]}
    del given["search"]
    given |= {name: values[name] or None for name in ("since", "until")}
    try:
        return Definition.model_validate(given)
    except ValidationError as error:
        dates = any({"since", "until"} & {str(part) for part in one["loc"]} for one in error.errors())
        raise Invalid({"range": "field.date"} if dates else {}) from error


def shown(definition: Definition) -> dict[str, Any]:
    """The controls' values of a question."""
    spoken = definition.model_dump(mode="json")
    spoken["search"] = spoken["q"]
    return {name: spoken[name] if spoken[name] is not None else "" for name in DEFAULTS}


def number(text: str, locale: str) -> str:
    """A number as people of the language write it."""
    text = text.strip().replace(" ", "")
    return text.replace(".", "").replace(",", ".") if locale == "es" and "," in text else text
