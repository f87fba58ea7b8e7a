"""Editing and making campaigns, ad sets and ads: the form, what would come of it, and doing it."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.base import path
from vibekanban.ui.components.parts import (
    acts,
    anchor,
    bones,
    button,
    dialog,
    empty,
)
from vibekanban.ui.components.picker import audience_watch, picker
from vibekanban.ui.editing.acting import Acting, acting_dialog
from vibekanban.ui.editing.asked import Ask, Option
from vibekanban.ui.editing.changes_table import changes_table
from vibekanban.ui.editing.editor_state import LEVELS, Editor
from vibekanban.ui.editing.hands import Hands, hands
from vibekanban.ui.editing.showcase import picked, showcase
from vibekanban.ui.editing.showcase_state import Showcase
from vibekanban.ui.layout import shell

# A form that is held from before is not shown while another page is opened: neither after a full load, whose first
# answer brings the old state, nor while a page of another address waits for its own.
HERE: rx.Var[str] = rx.Var(
    "(typeof window === 'undefined' ? '' : ['level', 'id', 'parent'].map((name) => "
    "new URLSearchParams(window.location.search).get(name) ?? '').join(' '))",
    _var_type=str,
)
THERE = rx.State.is_hydrated & Editor.loaded & (Editor.address == HERE)

__all__ = ["Editor", "Hands", "Showcase", "edit_page", "new_page"]


def edit_page(locale: str) -> rx.Component:
    title = rx.cond(
        THERE & (Editor.name != ""),
        say(locale, "ui.editor.edit") + " · " + Editor.name,
        say(locale, "ui.title.edit"),
    )
    return _page(locale, title, hands(locale), _ends(locale))


def new_page(locale: str) -> rx.Component:
    title = rx.match(
        Editor.level,
        *[(level, say(locale, f"ui.editor.new.{level}")) for level in LEVELS],
        say(locale, "ui.title.new"),
    )
    return _page(locale, title)


def _page(locale: str, title: rx.Var[str], *more: rx.Component) -> rx.Component:
    missing = empty(
        "list",
        say(locale, "ui.editor.missing"),
        say(locale, "ui.editor.missing.text"),
        anchor(say(locale, "ui.nav.dashboard"), path(locale, "/app")),
    )
    return shell(
        locale,
        "dashboard",
        title,
        rx.cond(
            THERE,
            rx.cond(
                Editor.missing,
                rx.el.section(missing, class_name="card"),
                rx.fragment(_form(locale), *more),
            ),
            rx.el.div(bones(6), class_name="card"),
        ),
        _preview(locale),
        acting_dialog(locale),
        showcase(locale),
    )


def _form(locale: str) -> rx.Component:
    return rx.el.section(
        rx.el.form(
            rx.cond(
                Editor.making,
                rx.el.p(say(locale, "ui.editor.paused"), class_name="quiet"),
                rx.el.p(say(locale, "ui.editor.text"), class_name="quiet"),
            ),
            rx.el.div(rx.foreach(Editor.asks, lambda one: _ask(locale, one)), class_name="asks"),
            rx.el.div(
                anchor(say(locale, "ui.cancel"), Editor.back),
                button(say(locale, "ui.editor.preview"), kind="go", type="submit", disabled=Editor.busy),
                class_name="acts",
            ),
            key=Editor.version.to_string(),
            on_submit=Editor.preview,
            class_name="stack",
            no_validate=True,
        ),
        class_name="card",
    )


def _ask(locale: str, one: rx.Var[Ask]) -> rx.Component:
    return rx.fragment(
        rx.cond(one.heading != "", rx.el.h2(one.heading)),
        rx.match(
            one.kind,
            ("creative", picked(locale, one.label, _wrong(one))),
            ("picker", _picker(locale, one)),
            (
                "note",
                rx.el.div(
                    rx.el.span(one.label, class_name="label"),
                    rx.el.p(one.value, class_name="quiet small"),
                    class_name="field wide",
                ),
            ),
            ("size", _size(locale, one)),
            (
                "choices",
                rx.el.fieldset(
                    rx.el.legend(one.label, class_name="label strong"),
                    rx.el.div(rx.foreach(one.options, lambda option: _tick(one, option)), class_name="ticks"),
                    _wrong(one),
                    class_name="bare wide",
                ),
            ),
            rx.el.div(
                rx.el.label(one.label, html_for=one.name),
                rx.match(
                    one.kind,
                    ("choice", _select(one)),
                    ("money", _input(one, "number", input_mode="decimal", step=one.step, min="0")),
                    ("ratio", _input(one, "number", input_mode="decimal", step="any", min="0")),
                    ("number", _input(one, "number", input_mode="numeric", step="1", min="0")),
                    ("moment", _input(one, "datetime-local")),
                    _input(one, "text"),
                ),
                rx.cond(one.hint != "", rx.el.span(one.hint, class_name="hint", id=one.name + "-hint")),
                _wrong(one),
                class_name="field",
            ),
        ),
        key=one.name,
    )


def _picker(locale: str, one: rx.Var[Ask]) -> rx.Component:
    return picker(
        locale,
        name=one.name,
        label=one.label,
        sought=one.sought,
        account=Editor.account_id,
        value=one.value,
        hint=one.hint,
        wrong=one.wrong,
    )


def _size(locale: str, one: rx.Var[Ask]) -> rx.Component:
    """What the audience comes to, while it is being chosen."""
    return rx.el.div(
        audience_watch(on_ask=Editor.weigh),
        rx.el.div(
            rx.el.b(one.label),
            rx.el.p(
                rx.cond(Editor.counting, say(locale, "ui.audience.size.counting"), Editor.size),
                class_name="num",
                role="status",
                id="audience-size",
            ),
        ),
        class_name="banner wide",
    )


def _about(one: rx.Var[Ask]) -> dict[str, rx.Var | str]:
    return {
        "aria-describedby": one.name + "-wrong",
        "aria-invalid": rx.cond(one.wrong != "", "true", "false"),
    }


def _input(one: rx.Var[Ask], kind: str, **props: object) -> rx.Component:
    return rx.el.input(
        id=one.name,
        name=one.name,
        type=kind,
        default_value=one.value,
        auto_complete="off",
        class_name="input",
        custom_attrs=_about(one),
        **props,
    )


def _select(one: rx.Var[Ask]) -> rx.Component:
    """What decides about other fields tells the server; all else waits for the form."""
    options = rx.foreach(one.options, lambda option: rx.el.option(option.text, value=option.value))
    return rx.cond(
        one.decides,
        rx.el.select(
            options,
            id=one.name,
            name=one.name,
            default_value=one.value,
            on_change=lambda value: Editor.choose(one.name, value),
            class_name="input",
            custom_attrs=_about(one),
        ),
        rx.el.select(
            options,
            id=one.name,
            name=one.name,
            default_value=one.value,
            class_name="input",
            custom_attrs=_about(one),
        ),
    )


def _tick(one: rx.Var[Ask], option: rx.Var[Option]) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name=one.name + "." + option.value, default_checked=option.chosen),
        option.text,
        class_name="check",
    )


def _wrong(one: rx.Var[Ask]) -> rx.Component:
    return rx.el.span(one.wrong, class_name="wrong", role="alert", id=one.name + "-wrong")


def _preview(locale: str) -> rx.Component:
    """What changes, before and after, and the money in it; nothing is done before it is seen."""
    return dialog(
        "preview",
        rx.cond(Editor.making, say(locale, "ui.editor.preview.new"), say(locale, "ui.editor.preview.edit")),
        changes_table(locale, Editor.lines, only_after=Editor.making),
        rx.cond(
            Editor.reach != "",
            rx.el.p(say(locale, "ui.audience.size"), ": ", rx.el.b(Editor.reach, class_name="num")),
        ),
        rx.el.p(say(locale, "ui.editor.stake"), " ", rx.el.b(Editor.stake, class_name="num")),
        acts(
            locale,
            "preview",
            button(
                rx.fragment(
                    rx.cond(Editor.making, say(locale, "ui.editor.make"), say(locale, "ui.editor.apply")),
                    rx.cond(Editor.moved != "", " (" + Editor.moved + ")", ""),
                ),
                kind="go",
                on_click=Editor.apply,
                disabled=Editor.busy,
            ),
        ),
    )


def _ends(locale: str) -> rx.Component:
    """What can not be edited away again stands apart."""
    return rx.el.section(
        rx.el.div(
            rx.el.p(say(locale, "ui.editor.ends"), class_name="quiet grow"),
            *[
                button(
                    say(locale, f"ui.action.{verb}"),
                    kind=kind,
                    on_click=Acting.ask(verb, Editor.level, Editor.subject_id),
                )
                for verb, kind in (("copy", ""), ("archive", ""), ("delete", "danger"))
            ],
            class_name="spread",
        ),
        class_name="card",
    )
