"""A picker of several things that are searched as one types, for forms; and the eye on what an audience becomes."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say

TEXTS = (
    "placeholder", "short", "searching", "empty", "none", "all", "failed", "remove", "added", "removed", "found", "people",
    "kind_country", "kind_region", "kind_city",
)  # fmt: skip
HELD = {name: f"{{{name}}}" for name in ("name", "count")}  # filled in where the thing is known


class Picker(rx.Component):
    """A field of a form by its `name`: `value` is what is picked at first, as JSON."""

    library = "$/public/picker.js"
    tag = "Picker"
    name: rx.Var[str]
    label: rx.Var[str]
    sought: rx.Var[str]
    account: rx.Var[str]
    value: rx.Var[str]
    hint: rx.Var[str]
    wrong: rx.Var[str]
    texts: rx.Var[dict[str, str]]


class AudienceWatch(rx.Component):
    """Stands in a form: calls `on_ask(the fields of its audience as JSON)` at first and after changes."""

    library = "$/public/picker.js"
    tag = "AudienceWatch"
    on_ask: rx.EventHandler[rx.event.passthrough_event_spec(str)]


def picker(locale: str, **props: Any) -> rx.Component:
    return Picker.create(texts={name: say(locale, f"ui.picker.{name}", **HELD) for name in TEXTS}, **props)


audience_watch = AudienceWatch.create
