"""What a report asks for, as it stands in the address of the page and in its controls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import ValidationError

from vibekanban.core.errors import Invalid
from vibekanban.domains.reporting.definitions import CONDITION, FIRST, Definition, Operator
from vibekanban.domains.reporting.wording import OPERATORS

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


def parsed(query: Mapping[str, str], kept: Mapping[str, Any] = DEFAULTS) -> dict[str, Any]:
    """The values of an address; what it does not name is as usual, or as in the report that is open."""
    return {
        name: (
            kept[name]
            if name not in query
            else [word for word in query[name][:600].split(";") if word]
            if isinstance(usual, list)
            else query[name][:100]
        )
        for name, usual in DEFAULTS.items()
    }


def written(
    account_id: str, values: Mapping[str, Any], *, report_id: str = "", kept: Mapping[str, Any] = DEFAULTS
) -> str:
    """The address' query of a view; of an open report what is different from it."""
    named = {"report": report_id} if report_id else {"account": account_id}
    for name in changed(values, kept):
        named[name] = ";".join(values[name]) if isinstance(values[name], list) else values[name]
    return "?" + urlencode(named)


def changed(values: Mapping[str, Any], kept: Mapping[str, Any]) -> list[str]:
    """What a view asks for that a report does not; days count only where they were chosen."""
    dates = set() if values["preset"] == "custom" else {"since", "until"}
    return [name for name in DEFAULTS if name not in dates and values[name] != kept[name]]


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


def condition(form: Mapping[str, Any], locale: str) -> str:
    """A filter of the form as it is kept, `spend>100`; Invalid when it is none."""
    operator = OPERATORS.get(str(form.get("operator")), Operator.OVER)
    text = f"{form.get('metric', '')}{operator.value}{number(str(form.get('value') or ''), locale)}"
    if re.fullmatch(CONDITION, text) is None:
        raise Invalid({"where": "reports.filter.wrong"})
    return text


def number(text: str, locale: str) -> str:
    """A number as people of the language write it."""
    text = text.strip().replace(" ", "")
    return text.replace(".", "").replace(",", ".") if locale == "es" and "," in text else text
