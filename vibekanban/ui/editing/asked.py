"""The controls of a form as a page asks them, and what was typed into them as the fields of an edit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from vibekanban.core.errors import Invalid
from vibekanban.core.i18n import catalogue, known, say
from vibekanban.domains.editing import fields
from vibekanban.domains.editing.choices import BudgetMode
from vibekanban.domains.editing.fields import Kind
from vibekanban.domains.editing.forms import Control, Setting
from vibekanban.domains.editing.naming import Names
from vibekanban.domains.meta.models import Level
from vibekanban.ui import shown
from vibekanban.ui.editing import audience_fields, audience_words

MODE = "budgetMode"
# choices after which other controls apply
DECIDING = frozenset({MODE, "objective", "optimizationGoal", "bidStrategy"})


@dataclass
class Option:
    value: str
    text: str
    chosen: bool = False


@dataclass
class Ask:
    """One input: `name` is the control's, or `control.part` for a member of a document."""

    name: str
    label: str
    kind: str
    value: str = ""
    options: list[Option] = field(default_factory=list)
    hint: str = ""
    wrong: str = ""
    heading: str = ""  # of a group, on its first input
    step: str = "any"
    decides: bool = False
    sought: str = ""  # what a picker searches; `value` is then what is picked, as JSON


def asks(
    setting: Setting,
    controls: Iterable[Control],
    values: Mapping[str, Any],
    locale: str,
    names: Names | None = None,
) -> list[Ask]:
    """What the page asks, in order; headings stand where a group begins."""
    found: list[Ask] = []
    group = ""
    listed = list(controls)
    order = list(dict.fromkeys(control.group for control in listed))
    for control in sorted(listed, key=lambda one: order.index(one.group)):
        for one in _asked(setting, control, values.get(control.name), locale, names or Names()):
            if control.group.value != group:
                group = control.group.value
                one.heading = say(locale, f"editing.group.{group}")
            found.append(one)
    return found


def mode(setting: Setting, locale: str) -> Ask:
    """Who is to hold the budget of a new campaign: no field at Meta, but it decides about fields."""
    options = [
        Option(one.value, say(locale, f"editing.mode.{one.value}"), one is setting.budget_mode)
        for one in BudgetMode
    ]
    label = say(locale, "ui.editor.mode")
    return Ask(MODE, label, "choice", setting.budget_mode.value, options, decides=True)


def marked(asked: Iterable[Ask], error: Invalid | None, locale: str) -> list[Ask]:
    """The inputs with what is wrong beside the first of each control."""
    left = error.reasons(locale) if error else {}
    found: list[Ask] = []
    for one in asked:
        wrong = left.pop(one.name, None) or left.pop(one.name.partition(".")[0], None)
        found.append(_copy(one, wrong=wrong or ""))
    return found


def _copy(one: Ask, **changes: Any) -> Ask:
    told = {name: getattr(one, name) for name in Ask.__dataclass_fields__}
    return Ask(**(told | changes))


# -- from controls to inputs


def _asked(setting: Setting, control: Control, value: Any, locale: str, names: Names) -> Iterator[Ask]:
    label = say(locale, control.key)
    if control.name == "targeting":
        yield from _audience(value or {}, locale, names)
        return
    if control.kind is Kind.DOCUMENT:
        yield from _parts(control, label, value or {}, locale)
        return
    one = Ask(control.name, label, control.kind.value, _text(control, value, setting.timezone))
    one.decides = control.name in DECIDING
    if control.name == "creativeId":
        one.kind = "creative"
    if control.kind is Kind.MONEY:
        one.label = f"{label} ({setting.currency})"
        one.step = "1" if control.decimals == 0 else "0.01"
        if control.minimum:
            least = shown.money(control.minimum, setting.currency, locale)
            one.hint = say(locale, "ui.editor.minimum", amount=least)
    elif control.kind is Kind.MOMENT:
        one.hint = say(locale, "ui.editor.zone", zone=setting.timezone.replace("_", " "))
    elif control.kind is Kind.CHOICES and not control.choices:
        one.kind, one.hint = "list", say(locale, "ui.editor.countries")
    if control.choices and control.kind in {Kind.CHOICE, Kind.CHOICES}:
        held = value if isinstance(value, list) else [_chosen(setting, control, value)]
        offered = [choice for choice in control.choices if choice.value != "ARCHIVED"]  # has its own button
        one.options = [
            Option(choice.value, say(locale, choice.key), choice.value in held) for choice in offered
        ]
        if control.kind is Kind.CHOICE:
            one.value = str(held[0])
        if control.kind is Kind.CHOICE and not any(option.chosen for option in one.options):
            one.options.insert(0, Option("", "—", True))
    yield one


def _chosen(setting: Setting, control: Control, value: Any) -> str:
    """What is selected: the value held, or what decided about the form."""
    deciding = {
        "objective": setting.objective,
        "optimizationGoal": setting.goal,
        "bidStrategy": setting.bid_strategy,
    }
    return str(deciding.get(control.name) or value or "")


def _parts(control: Control, label: str, value: Mapping[str, Any], locale: str) -> Iterator[Ask]:
    for part in control.parts:
        key = f"editing.part.{part}"
        text = say(locale, key) if key in catalogue(known(locale)) else label
        one = Ask(f"{control.name}.{part}", text, "text", str(value.get(part) or ""))
        if part == "custom_event_type":
            one.kind = "choice"
            one.options = [
                Option(choice.value, say(locale, choice.key), choice.value == one.value)
                for choice in control.choices
            ]
            if not one.value:
                one.options.insert(0, Option("", "—", True))
        yield one


def _audience(value: Mapping[str, Any], locale: str, names: Names) -> Iterator[Ask]:
    for part, kind in audience_fields.PARTS.items():
        text = audience_fields.text(part, value, locale, names)
        one = Ask(f"targeting.{part}", say(locale, f"editing.part.{part}"), kind, text)
        one.options = [Option(*offered) for offered in audience_fields.options(part, value, text, locale)]
        one.sought = audience_fields.sought(part)
        one.hint = say(locale, f"ui.audience.hint.{part}") if part in audience_fields.HINTED else ""
        yield one
    yield Ask("targeting.size", say(locale, "ui.audience.size"), "size")
    rest = audience_words.rest(value, locale)
    if rest:
        yield Ask("targeting.rest", say(locale, "ui.audience.rest"), "note", rest)


def _text(control: Control, value: Any, zone: str) -> str:
    """What stands in an input at first."""
    if value is None:
        return ""
    if control.kind is Kind.MOMENT:
        return datetime.fromisoformat(str(value)).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")
    return ", ".join(value) if isinstance(value, list) else str(value)


# -- from inputs to fields


def written(
    setting: Setting, controls: Sequence[Control], values: Mapping[str, Any], typed: Mapping[str, Any]
) -> dict[str, Any]:
    """The fields that somebody set to something else than what was shown to them."""
    names = {one.shown_name: one.name for one in _fields(setting.level)}
    found: dict[str, Any] = {}
    for control in controls:
        held = values.get(control.name)
        if control.kind is Kind.DOCUMENT:
            changed = _document(control, held or {}, typed)
            if changed is not None:
                found[names[control.name]] = changed
            continue
        if control.kind is Kind.CHOICES:
            chosen = _list(control, typed)
            if set(chosen) != set(held or ()) - {"NONE"}:
                found[names[control.name]] = chosen
            continue
        text = str(typed.get(control.name) or "").strip()
        if text == ("" if setting.making else _text(control, held, setting.timezone)):
            continue
        found[names[control.name]] = _value(control, text, setting.timezone)
    if setting.making:
        _check_either(controls, found, names)
    return found


def _check_either(controls: Sequence[Control], found: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """One of controls that exclude each other: the rules can not know that a page asked for one of them."""
    asked_for = [control for control in controls if control.required and control.either]
    if asked_for and not any(names[control.name] in found for control in asked_for):
        raise Invalid({asked_for[0].name: "field.missing"})


def _fields(level: Level) -> Iterator[fields.Field]:
    yield from fields.EDITABLE[level].values()
    yield from fields.LASTING[level].values()


def _value(control: Control, text: str, zone: str) -> Any:
    if not text:
        return None
    if control.kind in {Kind.MONEY, Kind.RATIO}:
        return text.replace(",", ".")
    if control.kind is Kind.MOMENT:
        try:
            return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
        except ValueError:
            raise Invalid({control.name: "field.date"}) from None
    return text


def _list(control: Control, typed: Mapping[str, Any]) -> list[str]:
    if control.choices:
        return [one.value for one in control.choices if typed.get(f"{control.name}.{one.value}")]
    return _codes(typed.get(control.name))


def _codes(text: Any) -> list[str]:
    return str(text or "").upper().replace(",", " ").replace(";", " ").split()


def _document(control: Control, held: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any] | None:
    """The document with the members that were typed differently; None when none was."""
    if control.name == "targeting":
        return audience_fields.written(held, typed)
    given = {part: str(typed.get(f"{control.name}.{part}") or "").strip() for part in control.parts}
    changed = {part: text for part, text in given.items() if text != str(held.get(part) or "")}
    if not changed:
        return None
    return {name: value for name, value in {**held, **changed}.items() if value not in (None, "")}
