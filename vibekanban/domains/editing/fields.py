"""The fields of campaigns, ad sets and ads that can be set: their kinds, and their names here and at Meta."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from pydantic.alias_generators import to_camel

from vibekanban.core.errors import Invalid
from vibekanban.domains.meta import money, structure
from vibekanban.domains.meta.models import Level

MOMENT = "%Y-%m-%dT%H:%M:%S%z"
ROAS_SCALE = 10_000


class Kind(StrEnum):
    """How a value is checked, compared, sent and shown."""

    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    MONEY = "money"
    RATIO = "ratio"
    MOMENT = "moment"
    FLAG = "flag"
    DOCUMENT = "document"
    DOCUMENTS = "documents"


@dataclass(frozen=True)
class Field:
    """One field; `at_meta` is its name there, `optional` says that it may be emptied."""

    name: str
    kind: Kind
    at_meta: str
    optional: bool = False

    @property
    def shown_name(self) -> str:
        """Its name in bodies, errors and the change log."""
        return to_camel(self.name)


def _field(name: str, kind: Kind, at_meta: str = "", *, optional: bool = False) -> Field:
    return Field(name, kind, at_meta or name, optional)


_SHARED = (_field("name", Kind.TEXT), _field("status", Kind.CHOICE))
_BUDGETS = (_field("daily_budget", Kind.MONEY), _field("lifetime_budget", Kind.MONEY))
EDITABLE: Mapping[Level, Mapping[str, Field]] = {
    level: {field.name: field for field in (*_SHARED, *own)}
    for level, own in {
        Level.CAMPAIGN: (
            *_BUDGETS,
            _field("bid_strategy", Kind.CHOICE),
            _field("spend_cap", Kind.MONEY, optional=True),
            _field("start_time", Kind.MOMENT),
            _field("stop_time", Kind.MOMENT, optional=True),
            _field("special_ad_categories", Kind.CHOICES),
            _field("special_ad_category_country", Kind.CHOICES),
            _field("is_adset_budget_sharing_enabled", Kind.FLAG),
        ),
        Level.AD_SET: (
            *_BUDGETS,
            _field("bid_strategy", Kind.CHOICE),
            _field("bid_amount", Kind.MONEY, optional=True),
            _field("roas_floor", Kind.RATIO, "bid_constraints", optional=True),
            _field("start_time", Kind.MOMENT),
            _field("end_time", Kind.MOMENT, optional=True),
            _field("targeting", Kind.DOCUMENT),
            _field("optimization_goal", Kind.CHOICE),
            _field("billing_event", Kind.CHOICE),
            _field("promoted_object", Kind.DOCUMENT),
            _field("destination_type", Kind.CHOICE),
            _field("attribution_spec", Kind.DOCUMENTS),
            _field("dsa_beneficiary", Kind.TEXT),
            _field("dsa_payor", Kind.TEXT),
        ),
        Level.AD: (
            _field("creative_id", Kind.TEXT, "creative"),
            _field("tracking_specs", Kind.DOCUMENTS),
            _field("conversion_domain", Kind.TEXT),
        ),
    }.items()
}
# what can be set when an object is made, and never again
LASTING: Mapping[Level, Mapping[str, Field]] = {
    Level.CAMPAIGN: {
        "objective": _field("objective", Kind.CHOICE),
        "buying_type": _field("buying_type", Kind.CHOICE),
    },
    Level.AD_SET: {},
    Level.AD: {},
}
BUDGETS = ("daily_budget", "lifetime_budget")
# Meta looks at these together: when one changes, all that were given are sent
TOGETHER = (frozenset({"bid_strategy", "bid_amount", "roas_floor"}),)


def known(level: Level, name: str, *, making: bool = False) -> Field | None:
    return EDITABLE[level].get(name) or (LASTING[level].get(name) if making else None)


def cleaned(level: Level, given: Mapping[str, Any], currency: str, *, making: bool = False) -> dict[str, Any]:
    """The values as they are compared and sent: money in minor units; Invalid names every bad field."""
    clean: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    about: dict[str, Mapping[str, Any]] = {}
    for name, value in given.items():
        field = known(level, name, making=making)
        if field is None:
            wrong[to_camel(name)] = "field.unknown"
            continue
        try:
            clean[name] = _clean(field, value, currency)
        except Invalid as error:
            wrong |= error.fields
            about |= error.about
    if wrong:
        raise Invalid(wrong, about=about)
    return clean


def _clean(field: Field, value: Any, currency: str) -> Any:
    if value is None:
        if not field.optional:
            raise Invalid({field.shown_name: "field.missing"})
        return None
    match field.kind:
        case Kind.MONEY:
            return money.minor(value, currency, field=field.shown_name)
        case Kind.RATIO:
            return _ratio(field, value)
        case Kind.MOMENT:
            if not isinstance(value, datetime) or value.tzinfo is None:
                raise Invalid({field.shown_name: "field.date"})
            return value.astimezone(UTC).replace(microsecond=0)
        case Kind.TEXT | Kind.CHOICE:
            if not isinstance(value, str):
                raise Invalid({field.shown_name: "field.text"})
            return value.strip()
        case Kind.FLAG:
            return bool(value)
        case Kind.CHOICES | Kind.DOCUMENTS:
            if isinstance(value, str) or not isinstance(value, Sequence):
                raise Invalid({field.shown_name: "field.list"})
            return list(value)
        case Kind.DOCUMENT:
            if not isinstance(value, Mapping):
                raise Invalid({field.shown_name: "field.invalid"})
            return dict(value)


def _ratio(field: Field, value: Any) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise Invalid({field.shown_name: "field.number"}) from None
    if not found.is_finite() or not 0 < found <= 1000:
        about = {field.shown_name: {"least": "0.001", "most": 1000}}
        raise Invalid({field.shown_name: "field.range"}, about=about)
    return found


def read(field: Field, row: Mapping[str, Any]) -> Any:
    """The value in an answer of Meta; None when it is not there."""
    found = row.get(field.at_meta)
    if field.name == "creative_id":
        return str((found or {}).get("id") or "") or None
    if field.kind is Kind.FLAG:
        return None if found is None else str(found).lower() in {"true", "1"}
    if found in (None, "", [], {}):
        return None
    match field.kind:
        case Kind.MONEY:
            amount = int(found)
            return amount if 0 < amount < structure.NO_CAP else None
        case Kind.RATIO:
            floor = found.get("roas_average_floor")
            return Decimal(str(floor)) / ROAS_SCALE if floor else None
        case Kind.MOMENT:
            return moment(found)
        case _:
            return found


def moment(written: Any) -> datetime | None:
    """Meta's times look like 2026-11-24T09:00:00+0000; zero stands for none."""
    if str(written) == "0" or str(written).startswith("1970-01-01"):
        return None
    return datetime.strptime(str(written), MOMENT).astimezone(UTC)


def sent(values: Mapping[str, Any], level: Level, *, making: bool = False) -> dict[str, Any]:
    """The values as Meta's parameters."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        field = known(level, name, making=making)
        if field is None:
            raise KeyError(name)
        found[field.at_meta] = _sent(field, value)
    return found


def _sent(field: Field, value: Any) -> Any:
    if field.name == "creative_id":
        return {"creative_id": value}
    if value is None:
        return structure.NO_CAP if field.name == "spend_cap" else 0 if field.kind is Kind.MOMENT else ""
    if field.kind is Kind.MOMENT:
        return value.strftime(MOMENT)
    if field.kind is Kind.RATIO:
        return {"roas_average_floor": int(value * ROAS_SCALE)}
    return value


def shown(field: Field, value: Any, currency: str) -> Any:
    """The value as the change log and previews write it: JSON, money as a decimal string."""
    if value is None:
        return None
    if field.kind is Kind.MONEY:
        return money.text(money.budget(value, currency), currency)
    if field.kind is Kind.RATIO:
        return f"{value.normalize():f}"
    if field.kind is Kind.MOMENT:
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


def unshown(level: Level, written: Mapping[str, Any]) -> dict[str, Any]:
    """What `shown` wrote, as fields to set: how a change is undone."""
    by_name = {field.shown_name: field for field in EDITABLE[level].values()}
    found: dict[str, Any] = {}
    for name, value in written.items():
        field = by_name.get(name)
        if field is None:
            continue
        if value is not None and field.kind is Kind.MOMENT:
            value = datetime.fromisoformat(value)
        found[field.name] = value
    return found


def same(field: Field, ours: Any, theirs: Any) -> bool:
    """Whether Meta holds a value already; what it added to a document of ours makes no difference."""
    if ours in (None, "", [], {}) and theirs in (None, "", [], {}):
        return True
    if field.kind is Kind.CHOICES:
        return set(ours or ()) - {"NONE"} == set(theirs or ()) - {"NONE"}
    if field.kind in {Kind.DOCUMENT, Kind.DOCUMENTS}:
        return _plain(ours) == _plain(theirs)
    return ours == theirs


def holds(ours: Any, theirs: Any) -> bool:
    """Whether a document has everything of another: Meta fills in what was left open."""
    if isinstance(ours, Mapping):
        return isinstance(theirs, Mapping) and all(
            holds(value, theirs.get(name)) for name, value in _nameless(ours).items()
        )
    if isinstance(ours, list):
        return (
            isinstance(theirs, list)
            and len(ours) == len(theirs)
            and all(holds(one, other) for one, other in zip(ours, theirs, strict=True))
        )
    return _plain(ours) == _plain(theirs)


def _nameless(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A name beside an id is what Meta calls the thing today, and no part of what was set."""
    if document.keys().isdisjoint({"id", "key"}):
        return document
    return {name: value for name, value in document.items() if name != "name"}


def _plain(value: Any) -> Any:
    """Ids and numbers alike, whether written as text or not."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in _nameless(value).items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return str(int(value))
    return value if value is None else str(value)
