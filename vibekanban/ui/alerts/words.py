"""A condition in a reader's words, and as the lines of a form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vibekanban.core import i18n
from vibekanban.domains.alerts import wording
from vibekanban.domains.alerts.measures import HOUR_OF_DAY, METRICS, OBJECTS

CHANGES = {"previous", "baseline"}
SHARES = {"budget", "pacing"}


@dataclass
class Line:
    """One comparison as its form shows it."""

    metric: str = "spend"
    compare: str = "absolute"
    operator: str = ">"
    value: str = ""
    window: str = ""
    periods: str = ""


def told(document: dict[str, Any], window: str, locale: i18n.Locale, currency: str) -> str:
    """`Gasto > 50,00 € y Conversiones = 0 (últimos 3 días)`."""
    if "check" in document:
        return i18n.say(locale, f"alerts.check.{document['check']}")
    for name in ("all", "any"):
        if name in document:
            parts = [told(part, window, locale, currency) for part in document[name]]
            nested = [
                f"({part})" if name == "all" and "any" in one else part
                for part, one in zip(parts, document[name], strict=True)
            ]
            return f" {i18n.say(locale, f'alerts.join.{name}')} ".join(nested)
    return _leaf(document, window, locale, currency)


def _leaf(leaf: dict[str, Any], window: str, locale: i18n.Locale, currency: str) -> str:
    metric, compare = str(leaf["metric"]), str(leaf.get("compare", "absolute"))
    label, value = i18n.say(locale, f"alerts.metric.{metric}"), float(leaf["value"])
    if metric in wording.NOW:
        return f"{label} {leaf['operator']} {wording.written(metric, value, currency, locale)}"
    span = wording.window(str(leaf.get("window") or window), locale)
    if compare in CHANGES:
        against = i18n.say(locale, f"alerts.compare.{compare}.told", periods=leaf.get("periods") or 7)
        return (
            f"{label} {leaf['operator']} {i18n.percent(value / 100, locale, decimals=0)} {against} ({span})"
        )
    if compare in SHARES:
        against = i18n.say(locale, f"alerts.compare.{compare}.told")
        return (
            f"{label} {leaf['operator']} {i18n.percent(value / 100, locale, decimals=0)} {against} ({span})"
        )
    return f"{label} {leaf['operator']} {wording.written(metric, value, currency, locale)} ({span})"


def lines(document: dict[str, Any]) -> tuple[str, list[Line]] | None:
    """How the lines are joined, and the lines; None for a tree that has branches."""
    joined = next((name for name in ("all", "any") if name in document), "all")
    parts = document.get(joined, [document])
    if any("metric" not in part for part in parts):
        return None
    return joined, [
        Line(
            metric=str(part["metric"]),
            compare=str(part.get("compare", "absolute")),
            operator=str(part["operator"]),
            value=f"{part['value']:g}",
            window=str(part.get("window") or ""),
            periods=str(part.get("periods") or ""),
        )
        for part in parts
    ]


def document(joined: str, written: list[Line]) -> dict[str, Any]:
    """The condition of the lines; what is no number stays as it was typed, for the domain to refuse."""
    parts = [_part(line) for line in written]
    return parts[0] if len(parts) == 1 else {joined: parts}


def _part(line: Line) -> dict[str, Any]:
    part: dict[str, Any] = {"metric": line.metric, "operator": line.operator, "value": number(line.value)}
    if line.compare != "absolute":
        part["compare"] = line.compare
    if line.compare == "baseline" and line.periods:
        part["periods"] = number(line.periods)
    if line.window and line.metric in METRICS:
        part["window"] = line.window
    return part


def number(text: str) -> float | int | str:
    """What was typed, with a comma or a point."""
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        return text
    return int(found) if found.is_integer() else found


METRIC_NAMES = (*METRICS, *OBJECTS, HOUR_OF_DAY)
