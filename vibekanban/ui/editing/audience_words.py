"""An audience in words: each part of a targeting by its name, and what changes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from vibekanban.core.i18n import catalogue, known, say
from vibekanban.domains.editing import aiming
from vibekanban.domains.editing.aiming import Aim
from vibekanban.domains.editing.audiences import Target
from vibekanban.domains.editing.naming import Names

NOTHING = "—"
MANY = 12  # names that are told before the others are counted
_GROUPS = (Aim.PLACES, Aim.EXCLUDED_PLACES)
_LATER = (Aim.LANGUAGES, Aim.DETAILS, Aim.NARROWED, Aim.AUDIENCES, Aim.EXCLUDED_AUDIENCES)


def changed(
    before: Mapping[str, Any], after: Mapping[str, Any], locale: str, names: Names
) -> Iterator[tuple[str, str, str]]:
    """The parts that differ: their name, what they were and what they become."""
    was, becomes = parts(before, locale, names), parts(after, locale, names)
    for label in dict.fromkeys([*becomes, *was]):
        one, other = was.get(label, NOTHING), becomes.get(label, NOTHING)
        if one != other:
            yield label, one, other


def parts(targeting: Mapping[str, Any], locale: str, names: Names) -> dict[str, str]:
    """Every part that is set, by its name."""
    told = [(_label(aim, locale), _chosen(targeting, aim, locale, names)) for aim in _GROUPS]
    told.append((say(locale, "ui.audience.ages"), _ages(targeting)))
    told.append((_label("genders", locale), _genders(targeting, locale)))
    told += [(_label(aim, locale), _chosen(targeting, aim, locale, names)) for aim in _LATER]
    told.append((_label("advantage_audience", locale), _advantage(targeting, locale)))
    told.append((say(locale, "ui.audience.platforms"), _platforms(targeting, locale)))
    told += [(_member(name, locale), _written(one)) for name, one in _rest(targeting).items()]
    return {label: text for label, text in told if text}


def rest(targeting: Mapping[str, Any], locale: str) -> str:
    """What is set and not asked for, which an edit leaves as it is."""
    return " · ".join(f"{_member(name, locale)}: {_written(one)}" for name, one in _rest(targeting).items())


def members(document: Any, locale: str) -> str:
    """Any other document: its members by their names, where those are known."""
    if not isinstance(document, Mapping):
        return _written(document)
    texts = catalogue(known(locale))
    return " · ".join(
        f"{_member(name, locale)}: {texts.get(f'editing.choice.{one}', '') or _written(one)}"
        for name, one in document.items()
    )


def _chosen(targeting: Mapping[str, Any], aim: Aim, locale: str, names: Names) -> str:
    found = [_called(one, locale) for one in aiming.chosen(targeting, aim, locale, names.languages)]
    told = ", ".join(found[:MANY])
    more = len(found) - MANY
    return say(locale, "ui.audience.more", names=told, more=more) if more > 0 else told


def _called(one: Target, locale: str) -> str:
    """Regions and cities have names that others have too."""
    kind = say(locale, f"ui.picker.kind_{one.kind}").lower() if one.kind in {"region", "city"} else ""
    return f"{one.name} ({kind})" if kind else one.name


def _ages(targeting: Mapping[str, Any]) -> str:
    first, last = targeting.get("age_min"), targeting.get("age_max")
    if not first and not last:
        return ""
    oldest = f"{last}+" if last == 65 else str(last or "65+")  # Meta's 65 stands for all who are older
    return f"{first or 18}–{oldest}"


def _genders(targeting: Mapping[str, Any], locale: str) -> str:
    chosen = targeting.get("genders")
    kinds = [str(one) for one in chosen] if isinstance(chosen, list) else []
    texts = catalogue(known(locale))
    return ", ".join(texts.get(f"editing.gender.{one}", one) for one in kinds)


def _advantage(targeting: Mapping[str, Any], locale: str) -> str:
    automation = targeting.get("targeting_automation")
    chosen = automation.get("advantage_audience") if isinstance(automation, Mapping) else None
    return "" if chosen is None else say(locale, f"editing.advantage.{1 if str(chosen) == '1' else 0}")


def _platforms(targeting: Mapping[str, Any], locale: str) -> str:
    chosen = targeting.get("publisher_platforms")
    texts = catalogue(known(locale))
    every = [str(one) for one in chosen] if isinstance(chosen, list) else []
    return ", ".join(texts.get(f"editing.platform.{one}", one) for one in every)


def _rest(targeting: Mapping[str, Any]) -> dict[str, Any]:
    """The members that no part tells."""
    left = aiming.choose(targeting, {aim: [] for aim in Aim})
    automation = left.pop("targeting_automation", None)
    if isinstance(automation, Mapping):
        left["targeting_automation"] = {
            name: one for name, one in automation.items() if name != "advantage_audience"
        }
    for places in (left.pop(aiming.MEMBERS[aim], None) for aim in _GROUPS):
        left |= places if isinstance(places, Mapping) else {}
    told = {"age_min", "age_max", "genders", "publisher_platforms"}
    return {name: one for name, one in left.items() if name not in told and one not in (None, "", [], {})}


def _label(part: str, locale: str) -> str:
    return say(locale, f"editing.part.{part}")


def _member(name: str, locale: str) -> str:
    return catalogue(known(locale)).get(f"editing.part.{name}", name)


def _written(value: Any) -> str:
    """As people read it where it is simple, as Meta writes it where it is not."""
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ", ".join(str(one) for one in value)
    if isinstance(value, list) and all(isinstance(one, Mapping) and one.get("name") for one in value):
        return ", ".join(str(one["name"]) for one in value)
    return str(value) if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)
