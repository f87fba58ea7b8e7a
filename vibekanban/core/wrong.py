"""What pydantic finds wrong with a value, as the key of a sentence that says what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KEYS: Mapping[str, str] = {
    "missing": "field.missing",
    "extra_forbidden": "field.unknown",
    "enum": "field.choice",
    "literal_error": "field.choice",
    "greater_than_equal": "field.least",
    "less_than_equal": "field.most",
    "greater_than": "field.above",
    "less_than": "field.below",
    "string_too_short": "field.too_short",
    "string_too_long": "field.too_long",
    "too_short": "field.few",
    "too_long": "field.many",
    "decimal_max_places": "field.decimals",
    "decimal_max_digits": "field.digits",
    "decimal_whole_digits": "field.whole_digits",
    "string_pattern_mismatch": "field.pattern",
    "string_type": "field.text",
    "list_type": "field.list",
    "dict_type": "field.object",
    "model_type": "field.object",
    "model_attributes_type": "field.object",
    "timezone_aware": "field.moment",
}
# of the kinds that pydantic has several of
FAMILIES: Mapping[str, str] = {
    "bool": "field.boolean",
    "uuid": "field.id",
    "int": "field.whole",
    "float": "field.number",
    "decimal": "field.number",
    "finite": "field.number",
    "datetime": "field.moment",
    "date": "field.date",
    "time": "field.time",
}


def told(item: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The key and what its sentence names, of one item of `ValidationError.errors()`."""
    kind = str(item["type"])
    key = KEYS.get(kind) or FAMILIES.get(kind.partition("_")[0], "field.invalid")
    context = {name: str(value) for name, value in (item.get("ctx") or {}).items()}
    if "expected" in context:  # 'a', 'b' or 'c'
        context["expected"] = context["expected"].replace(" or ", ", ").replace("'", "")
    return key, context
