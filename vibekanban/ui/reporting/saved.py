"""The page of saved reports: opened, planned, paused, renamed, duplicated, deleted."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.reporting.models import Cadence
from vibekanban.ui.base import path
from vibekanban.ui.components.live import time_ago
from vibekanban.ui.components.parts import (
    acts,
    anchor,
    button,
    card,
    close_dialog,
    dialog,
    empty,
    field,
    head,
    pill,
    table,
)
from vibekanban.ui.live_page import live_page
from vibekanban.ui.reporting.saved_state import Line, SavedReports

__all__ = ["SavedReports", "page"]
NEVER = 10**9  # seconds: a moment of the past does not go stale


def page(locale: str) -> rx.Component:
    return live_page(
        locale,
        "reports",
        say(locale, "reports.saved.title"),
        rx.fragment(_list(locale), _rename(locale), _plan(locale), _delete(locale), _more(locale)),
        topics=["reports"],
        on_change=SavedReports.changed,
        loaded=SavedReports.loaded,
        found=SavedReports.lines.length() > 0,
        nothing=empty(
            "chart",
            say(locale, "reports.saved.empty.title"),
            say(locale, "reports.saved.empty.text"),
            anchor(say(locale, "reports.saved.explore"), path(locale, "/app/reports"), kind="go"),
        ),
    )


def _list(locale: str) -> rx.Component:
    heads = [
        head(say(locale, f"reports.saved.{name}")) for name in ("name", "account", "when", "last", "next")
    ]
    return rx.fragment(
        rx.cond(
            ~SavedReports.verified,
            rx.el.div(
                rx.el.span(say(locale, "reports.saved.unverified")), class_name="banner warn", role="status"
            ),
        ),
        card(
            say(locale, "reports.saved.title"),
            table(
                say(locale, "reports.saved.title"),
                [*heads, head(rx.el.span(say(locale, "reports.saved.acts"), class_name="sr"))],
                rx.foreach(SavedReports.lines, lambda line: _line(locale, line)),
            ),
            subtitle=rx.el.span(
                say(locale, "reports.saved.hours"),
                " ",
                rx.el.b(SavedReports.zone),
                ". ",
                rx.el.a(
                    say(locale, "reports.saved.zone"), href=path(locale, "/app/profile"), class_name="link"
                ),
            ),
            aside=anchor(say(locale, "reports.saved.explore"), path(locale, "/app/reports"), symbol="chart"),
        ),
    )


def _line(locale: str, line: rx.Var[Line]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.a(line.name, href=path(locale, "/app/reports") + "?report=" + line.id)),
        rx.el.td(line.account),
        rx.el.td(
            line.plan, rx.cond(line.paused, rx.el.div(pill(say(locale, "reports.saved.paused"), "warn")))
        ),
        rx.el.td(
            time_ago(at=line.last_at, lang=locale, stale=NEVER, never=say(locale, "ui.never")),
            rx.cond(line.failed, rx.el.div(pill(say(locale, "reports.saved.failed"), "bad"))),
        ),
        rx.el.td(rx.cond(line.next_at != "", line.next_at, "—"), class_name="num"),
        rx.el.td(
            rx.el.div(
                button(
                    say(locale, "reports.saved.plan"),
                    kind="small",
                    on_click=SavedReports.ask(line.id, "plan"),
                ),
                rx.cond(
                    line.sent,
                    button(
                        rx.cond(
                            line.paused,
                            say(locale, "reports.saved.resume"),
                            say(locale, "reports.saved.pause"),
                        ),
                        kind="small",
                        on_click=SavedReports.pause(line.id),
                    ),
                ),
                button(
                    rx.fragment(
                        "⋯", rx.el.span(say(locale, "reports.saved.more"), " ", line.name, class_name="sr")
                    ),
                    kind="small",
                    on_click=SavedReports.ask(line.id, "more"),
                ),
                class_name="acts",
                style={"flexWrap": "nowrap"},
            ),
            class_name="n",
        ),
    )


def _more(locale: str) -> rx.Component:
    """What is done seldom; in a dialog, for a menu would be cut off by the table's own scrolling."""
    acts = {
        "send": [close_dialog("more"), SavedReports.send],
        "rename": [close_dialog("more"), SavedReports.ask(SavedReports.chosen_id, "rename")],
        "duplicate": [close_dialog("more"), SavedReports.duplicate],
        "delete": [close_dialog("more"), SavedReports.ask(SavedReports.chosen_id, "delete")],
    }
    return dialog(
        "more",
        SavedReports.name,
        anchor(
            say(locale, "sharing.share"),
            path(locale, "/app/sharing") + "?share=report&of=" + SavedReports.chosen_id,
            symbol="share",
        ),
        *[
            button(
                say(locale, f"reports.saved.{name}"),
                kind="danger" if name == "delete" else "",
                on_click=on_click,
            )
            for name, on_click in acts.items()
        ],
        button(say(locale, "ui.cancel"), on_click=close_dialog("more")),
    )


def _rename(locale: str) -> rx.Component:
    return dialog(
        "rename",
        say(locale, "reports.saved.rename"),
        rx.el.form(
            field(
                "rename-name",
                say(locale, "reports.saved.name"),
                rx.el.input(
                    id="rename-name",
                    name="name",
                    default_value=SavedReports.name,
                    key=SavedReports.chosen_id + SavedReports.name,
                    required=True,
                    max_length=120,
                    class_name="input",
                ),
            ),
            acts(locale, "rename", button(say(locale, "ui.save"), kind="go", type="submit")),
            on_submit=SavedReports.rename,
            class_name="stack",
        ),
    )


def _plan(locale: str) -> rx.Component:
    days = [rx.el.option(say(locale, f"reports.weekday.{day}"), value=str(day)) for day in range(1, 8)]
    return dialog(
        "plan",
        rx.fragment(say(locale, "reports.saved.plan"), ": ", SavedReports.name),
        rx.el.form(
            field(
                "cadence",
                say(locale, "reports.saved.when"),
                rx.el.select(
                    *[
                        rx.el.option(say(locale, f"reports.cadence.{one.value}"), value=one.value)
                        for one in Cadence
                    ],
                    id="cadence",
                    name="cadence",
                    value=SavedReports.cadence,
                    on_change=SavedReports.pick,
                    class_name="input",
                ),
            ),
            rx.cond(SavedReports.cadence == "weekly", _select(locale, "weekday", SavedReports.weekday, days)),
            rx.cond(
                SavedReports.cadence == "monthly",
                _select(
                    locale,
                    "monthDay",
                    SavedReports.month_day,
                    [
                        rx.el.option(
                            str(day) if day < 31 else say(locale, "reports.saved.last_day"), value=str(day)
                        )
                        for day in range(1, 32)
                    ],
                ),
            ),
            rx.cond(
                SavedReports.cadence != "none",
                _select(
                    locale,
                    "hour",
                    SavedReports.hour,
                    [rx.el.option(f"{hour:02}:00", value=str(hour)) for hour in range(24)],
                ),
            ),
            rx.el.p(
                say(locale, "reports.saved.zone_note"),
                " ",
                rx.el.b(SavedReports.zone),
                class_name="small quiet",
            ),
            acts(locale, "plan", button(say(locale, "ui.save"), kind="go", type="submit")),
            on_submit=SavedReports.plan,
            class_name="stack",
        ),
    )


def _select(locale: str, name: str, value: Any, options: list[rx.Component]) -> rx.Component:
    return field(
        name,
        say(locale, f"reports.saved.{name}"),
        rx.el.select(
            *options, id=name, name=name, default_value=value, key=SavedReports.chosen_id, class_name="input"
        ),
    )


def _delete(locale: str) -> rx.Component:
    return dialog(
        "delete",
        say(locale, "reports.saved.delete"),
        rx.el.p(say(locale, "reports.saved.sure"), " ", rx.el.b(SavedReports.name)),
        acts(
            locale,
            "delete",
            button(say(locale, "reports.saved.delete"), kind="danger", on_click=SavedReports.delete),
        ),
    )
