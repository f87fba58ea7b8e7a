"""A campaign: its numbers to explore, what it consists of, pausing and resuming it."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.meta import breakdowns
from vibekanban.ui.base import path
from vibekanban.ui.components.live import time_ago
from vibekanban.ui.components.numbers import kpis, numbers_table, period, twin
from vibekanban.ui.components.parts import (
    acts,
    anchor,
    bones,
    button,
    card,
    dialog,
    empty,
    head,
    open_dialog,
    pill,
    table,
)
from vibekanban.ui.components.plotly_chart import plotly_chart
from vibekanban.ui.components.shared import shared_mark
from vibekanban.ui.components.today import live_today
from vibekanban.ui.editing.acting import Acting, acting_dialog
from vibekanban.ui.live_page import STALE, fresh, live_page
from vibekanban.ui.meta.campaign_parts import parts
from vibekanban.ui.meta.campaign_state import AMOUNTS, DAYS, HOURS, Detail, Figures

__all__ = ["Detail", "page"]


def page(locale: str) -> rx.Component:
    return live_page(
        locale,
        "dashboard",
        rx.cond(Detail.name != "", Detail.name, say(locale, "ui.title.campaign")),
        _body(locale),
        topics=["metrics", "campaigns", "sharing"],
        on_change=Detail.changed,
        loaded=Detail.loaded,
        found=~Detail.missing,
        nothing=empty(
            "chart",
            say(locale, "ui.campaign.missing"),
            say(locale, "ui.campaign.missing.text"),
            anchor(say(locale, "ui.nav.dashboard"), path(locale, "/app")),
        ),
    )


def _body(locale: str) -> rx.Component:
    return rx.fragment(
        rx.el.div(
            pill(Detail.status, Detail.tone),
            rx.el.span(Detail.account, " · ", Detail.objective, class_name="quiet"),
            rx.el.span(Detail.budget, class_name="num strong"),
            rx.el.span(say(locale, "ui.column.today"), ": ", rx.el.b(Detail.spent_today, class_name="num")),
            shared_mark(locale, Detail.shared_by),
            period(locale, Detail.preset, Detail.span),
            rx.cond(
                Detail.switchable,
                rx.cond(
                    Detail.on,
                    button(
                        say(locale, "ui.campaign.pause"),
                        kind="danger",
                        symbol="pause",
                        on_click=open_dialog("switch"),
                        disabled=Detail.acting,
                    ),
                    button(
                        say(locale, "ui.campaign.resume"),
                        kind="go",
                        symbol="play",
                        on_click=open_dialog("switch"),
                        disabled=Detail.acting,
                    ),
                ),
            ),
            rx.cond(
                Detail.switchable,
                rx.fragment(
                    anchor(
                        say(locale, "ui.action.edit"),
                        path(locale, "/app/edit") + "?level=campaign&id=" + Detail.id,
                    ),
                    button(say(locale, "ui.action.copy"), on_click=Acting.ask("copy", "campaign", Detail.id)),
                ),
            ),
            class_name="spread",
        ),
        kpis(Detail.tiles),
        _today(locale),
        _explore(locale),
        parts(locale, Detail.id),
        _done(locale),
        _switch(locale),
        acting_dialog(locale),
    )


def _explore(locale: str) -> rx.Component:
    def columns(*names: str) -> list[str]:
        return [say(locale, f"ui.column.{name}") for name in names]

    return rx.fragment(
        card(
            say(locale, "ui.campaign.over_time"),
            plotly_chart(locale, Figures.over_time, label=say(locale, "ui.campaign.over_time"), height=380),
            twin(
                locale,
                numbers_table(
                    say(locale, "ui.campaign.over_time"),
                    say(locale, "ui.column.day"),
                    columns(*DAYS),
                    Detail.days,
                ),
            ),
            subtitle=rx.el.span(
                say(locale, "ui.dashboard.counts"),
                " ",
                rx.el.b(Detail.event),
                rx.cond(Detail.unfinished, " · " + say(locale, "ui.unfinished.paler"), ""),
            ),
            aside=fresh(locale, Detail.fetched_at),
        ),
        card(
            say(locale, "ui.campaign.by_category"),
            rx.el.div(
                *[
                    button(
                        say(locale, f"ui.breakdown.{kind}"),
                        kind="small",
                        on_click=Figures.cut(kind),
                        custom_attrs={"aria-pressed": rx.cond(Figures.kind == kind, "true", "false")},
                    )
                    for kind in breakdowns.KINDS
                ],
                class_name="spread",
            ),
            rx.cond(
                Figures.waiting,
                rx.el.div(bones(4), class_name="chart tall"),
                rx.cond(
                    Figures.categories.length() > 0,
                    plotly_chart(
                        locale, Figures.by_category, label=say(locale, "ui.campaign.by_category"), height=380
                    ),
                    rx.el.div(
                        rx.el.p(
                            rx.cond(
                                Figures.kind == "",
                                say(locale, "ui.campaign.by_category.text"),
                                say(locale, "ui.campaign.by_category.none"),
                            ),
                            class_name="quiet",
                        ),
                        class_name="chart tall blank",
                    ),
                ),
            ),
            twin(
                locale,
                numbers_table(
                    say(locale, "ui.campaign.by_category"),
                    say(locale, "ui.column.value"),
                    columns(*AMOUNTS),
                    Figures.categories,
                ),
            ),
        ),
        card(
            say(locale, "ui.campaign.by_campaign"),
            plotly_chart(
                locale, Figures.by_campaign, label=say(locale, "ui.campaign.by_campaign"), height=380
            ),
        ),
    )


def _today(locale: str) -> rx.Component:
    """Comes by its own stream, not by this page's state."""
    columns = [say(locale, f"ui.column.{name}") for name in HOURS]
    title = say(locale, "ui.campaign.hours")
    return card(
        title,
        live_today(locale, Detail.id, stale=STALE),
        twin(locale, numbers_table(title, say(locale, "ui.column.hour"), columns, Detail.hours)),
    )


def _done(locale: str) -> rx.Component:
    return rx.fragment(
        card(
            say(locale, "ui.activity.changes"),
            rx.cond(
                Detail.done.length() > 0,
                table(
                    say(locale, "ui.activity.changes"),
                    [head(say(locale, f"ui.activity.{name}")) for name in ("when", "who", "what", "outcome")],
                    rx.foreach(
                        Detail.done,
                        lambda one: rx.el.tr(
                            rx.el.td(time_ago(at=one.at, lang=locale, stale=10**9)),
                            rx.el.td(one.who),
                            rx.el.td(one.what),
                            rx.el.td(one.outcome),
                        ),
                    ),
                ),
                rx.el.p(say(locale, "ui.activity.changes.empty"), class_name="quiet"),
            ),
            aside=rx.cond(
                Detail.shared_by == "",
                rx.el.div(
                    *[
                        anchor(
                            say(locale, f"ui.nav.{name}"),
                            path(locale, f"/app/{name}") + "?q=" + Detail.name,
                            kind="small",
                        )
                        for name in ("changes", "bulk")
                    ],
                    class_name="spread",
                ),
            ),
        ),
    )


def _switch(locale: str) -> rx.Component:
    """Names the money at stake before anything happens."""
    return dialog(
        "switch",
        rx.cond(Detail.on, say(locale, "ui.campaign.pause.title"), say(locale, "ui.campaign.resume.title")),
        rx.el.p(rx.el.b(Detail.name)),
        rx.el.p(
            rx.cond(Detail.on, say(locale, "ui.campaign.pause.text"), say(locale, "ui.campaign.resume.text")),
            " ",
            rx.el.b(Detail.budget, class_name="num"),
            ". ",
            say(locale, "ui.campaign.today"),
            " ",
            rx.el.b(Detail.spent_today, class_name="num"),
            ".",
        ),
        acts(
            locale,
            "switch",
            button(
                rx.cond(Detail.on, say(locale, "ui.campaign.pause"), say(locale, "ui.campaign.resume")),
                kind="go",
                on_click=Detail.switch,
            ),
        ),
    )
