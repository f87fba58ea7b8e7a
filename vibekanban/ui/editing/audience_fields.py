"""The audience of an ad set as a form asks it, and what was chosen there as Meta's targeting."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from vibekanban.core.errors import Invalid
from vibekanban.core.i18n import say
from vibekanban.domains.editing import aiming, audiences
from vibekanban.domains.editing.aiming import Aim
from vibekanban.domains.editing.audiences import Target
from vibekanban.domains.editing.naming import Names

ANYBODY = ("", str(audiences.MEN), str(audiences.WOMEN))
PICKER, LISTED = "picker", "audiences"
# of an audience only what most change; all else of it stays as it is
PARTS = {
    Aim.PLACES.value: PICKER,
    Aim.EXCLUDED_PLACES.value: PICKER,
    Aim.LANGUAGES.value: PICKER,
    "age_min": "number",
    "age_max": "number",
    "genders": "choice",
    Aim.DETAILS.value: PICKER,
    Aim.NARROWED.value: PICKER,
    "advantage_audience": "choice",
    Aim.AUDIENCES.value: PICKER,
    Aim.EXCLUDED_AUDIENCES.value: PICKER,
    "publisher_platforms": "choices",
}
HINTED = frozenset({Aim.PLACES.value, Aim.DETAILS.value, Aim.NARROWED.value, "advantage_audience"})
KEPT = ("key", "name", "kind", "about", "country")  # of a target, in the form


def sought(part: str) -> str:
    """What the picker of a part searches; empty for what is none."""
    if PARTS[part] != PICKER:
        return ""
    kind = aiming.SOUGHT[Aim(part)]
    return kind.value if kind else LISTED


def text(part: str, targeting: Mapping[str, Any], locale: str, names: Names) -> str:
    """What stands in the input at first."""
    if PARTS[part] != PICKER:
        return _text(part, targeting)
    picked = aiming.chosen(targeting, Aim(part), locale, names.languages)
    return json.dumps([{name: getattr(one, name) for name in KEPT} for one in picked], ensure_ascii=False)


def options(
    part: str, targeting: Mapping[str, Any], held: str, locale: str
) -> Iterator[tuple[str, str, bool]]:
    """Value, words and whether it is chosen."""
    if part == "genders":
        yield from _offered("gender", ANYBODY, held, locale)
    elif part == "advantage_audience":
        if targeting and not held:  # an older ad set that says neither stays so
            yield "", "—", True
        yield from _offered("advantage", ("1", "0"), held or ("" if targeting else "1"), locale)
    elif part == "publisher_platforms":
        chosen = held.split(",")
        for one in audiences.PLATFORMS:
            yield one, say(locale, f"editing.platform.{one}"), one in chosen


def _offered(kind: str, values: tuple[str, ...], held: str, locale: str) -> Iterator[tuple[str, str, bool]]:
    for one in values:
        yield one, say(locale, f"editing.{kind}.{one or 'all'}"), one == held


def _text(part: str, targeting: Mapping[str, Any]) -> str:
    if part == "genders":
        chosen = targeting.get("genders") or []
        return str(chosen[0]) if len(chosen) == 1 else ""
    if part == "advantage_audience":
        return str((targeting.get("targeting_automation") or {}).get("advantage_audience", ""))
    if part == "publisher_platforms":
        return ",".join(one for one in audiences.PLATFORMS if one in (targeting.get(part) or ()))
    return str(targeting.get(part) or "")


# -- from the form


def written(held: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any] | None:
    """The targeting with what was chosen differently; None when nothing was."""
    given = {part: _typed(part, held, typed) for part, kind in PARTS.items() if kind != PICKER}
    changed = {part: one for part, one in given.items() if one != _text(part, held)}
    aims = {aim: _picked(typed[f"targeting.{aim}"]) for aim in Aim if f"targeting.{aim}" in typed}
    wanted = {aim: picks for aim, picks in aims.items() if _keys(picks) != _keys(_chosen(held, aim))}
    if not changed and not wanted:
        return None
    found = aiming.choose(held, wanted)
    for part, one in changed.items():
        if part == "genders":
            found[part] = [int(one)] if one in ANYBODY[1:] else None
        elif part == "advantage_audience":
            automation = held.get("targeting_automation") or {}
            found["targeting_automation"] = {**automation, part: 0 if one == "0" else 1}
        elif part == "publisher_platforms":
            found |= _placed(held, one)
        else:
            if one and not one.isdecimal():
                raise Invalid({"targeting": "field.number"})
            found[part] = int(one) if one else None
    return {name: value for name, value in found.items() if value not in (None, "")}


def _typed(part: str, held: Mapping[str, Any], typed: Mapping[str, Any]) -> str:
    name = f"targeting.{part}"
    if part == "publisher_platforms":
        return ",".join(one for one in audiences.PLATFORMS if typed.get(f"{name}.{one}"))
    if part in {"genders", "advantage_audience"} and name not in typed:  # a form that does not ask for it
        return _text(part, held)
    return str(typed.get(name) or "").strip()


def _picked(given: Any) -> list[Target]:
    try:
        rows = json.loads(str(given or "[]"))
        return [Target(**{name: str(row.get(name) or "")[:400] for name in KEPT}) for row in rows]
    except (ValueError, TypeError, AttributeError):
        raise Invalid({"targeting": "field.invalid"}) from None


def _chosen(held: Mapping[str, Any], aim: Aim) -> list[Target]:
    return aiming.chosen(held, aim, "es")  # only what is chosen, so that any language will do


def _keys(targets: list[Target]) -> set[tuple[str, str]]:
    return {(one.kind, one.key) for one in targets}


def _placed(held: Mapping[str, Any], chosen_text: str) -> dict[str, Any]:
    """The chosen platforms, and of the positions only those on them; none chosen is Meta's own choice."""
    chosen = chosen_text.split(",") if chosen_text else []
    kept = {
        f"{platform}_positions": held.get(f"{platform}_positions") if platform in chosen else None
        for platform in audiences.PLATFORMS
    }
    return {"publisher_platforms": chosen or None, **kept}
