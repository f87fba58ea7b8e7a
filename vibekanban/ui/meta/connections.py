"""Accounts: connecting Meta, the state of every connection, syncs as they go, disconnecting."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.accounts.door import form
from vibekanban.ui.base import path
from vibekanban.ui.components.live import live, time_ago
from vibekanban.ui.components.parts import (
    acts,
    anchor,
    bones,
    button,
    card,
    close_dialog,
    dialog,
    empty,
    field,
    open_dialog,
    pill,
    progress,
    text_input,
)
from vibekanban.ui.layout import shell
from vibekanban.ui.meta import counting, quota
from vibekanban.ui.meta.connections_state import Connections, Row


def page(locale: str) -> rx.Component:
    return shell(
        locale,
        "accounts",
        say(locale, "ui.nav.accounts"),
        live(topics=["connections", "sync"], on_change=Connections.changed),
        rx.cond(
            Connections.notice != "",
            rx.el.div(rx.el.span(Connections.notice), class_name="banner good", role="status"),
        ),
        rx.cond(
            Connections.wrong != "",
            rx.el.div(rx.el.span(Connections.wrong), class_name="banner bad", role="alert"),
        ),
        card(
            say(locale, "ui.accounts.connect.title"),
            rx.el.div(
                button(
                    say(locale, "ui.accounts.connect.manage"),
                    kind="go",
                    symbol="plug",
                    on_click=Connections.connect("manage"),
                ),
                button(say(locale, "ui.accounts.connect.read"), on_click=Connections.connect("read")),
                button(say(locale, "ui.accounts.paste"), on_click=open_dialog("paste")),
                class_name="spread",
            ),
            subtitle=say(locale, "ui.accounts.connect.text"),
        ),
        rx.cond(
            Connections.loaded,
            rx.cond(
                Connections.rows.length() > 0,
                rx.el.ul(
                    rx.foreach(Connections.rows, lambda row: _card(locale, row)), class_name="plain stack"
                ),
                rx.el.section(
                    empty(
                        "plug", say(locale, "ui.accounts.empty.title"), say(locale, "ui.accounts.empty.text")
                    ),
                    class_name="card",
                ),
            ),
            rx.el.div(bones(), class_name="card"),
        ),
        dialog(
            "paste",
            say(locale, "ui.accounts.paste"),
            rx.el.p(say(locale, "ui.accounts.paste.text"), class_name="quiet"),
            form(
                locale,
                "/api/meta/auth/connect",
                say(locale, "ui.accounts.paste.go"),
                rx.el.input(type="hidden", name="mode", value="system_user"),
                field(
                    "accessToken",
                    say(locale, "ui.accounts.token"),
                    text_input("accessToken", kind="password", auto_complete="off", required=True),
                ),
                done="#pasted",
                class_name="stack",
            ),
            rx.el.div(
                say(locale, "ui.accounts.connected"),
                id="pasted",
                class_name="banner good",
                role="status",
                tab_index=-1,
                hidden=True,
            ),
            rx.el.div(button(say(locale, "ui.close"), on_click=close_dialog("paste")), class_name="acts"),
        ),
        counting.counting(locale),
        quota.meter(locale),
        dialog(
            "leave",
            say(locale, "ui.accounts.leave.title"),
            rx.el.p(rx.el.b(Connections.leaving), " ", say(locale, "ui.accounts.leave.text")),
            acts(
                locale,
                "leave",
                button(say(locale, "ui.accounts.leave.go"), kind="danger", on_click=Connections.leave),
            ),
        ),
    )


def _card(locale: str, row: rx.Var[Row]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.h2(rx.el.a(row.name, href=path(locale, "/app") + "?account=" + row.id)),
                rx.el.p(row.about, " · ", row.meta_id, class_name="quiet small num"),
                class_name="grow",
            ),
            rx.cond(
                row.unreachable_at != "",
                pill(say(locale, "ui.accounts.unreachable"), "warn"),
                pill(row.status, row.tone),
            ),
            pill(row.permission, "info"),
            class_name="spread",
        ),
        rx.el.div(
            rx.el.span(
                say(locale, "ui.accounts.expires"),
                " ",
                rx.el.b(row.expires, class_name=rx.cond(row.expires_soon, "wrong", "")),
                class_name="small",
            ),
            rx.el.span(
                say(locale, "ui.accounts.synced"),
                " ",
                time_ago(at=row.synced_at, lang=locale, stale=1800, never=say(locale, "ui.never")),
                class_name="small",
            ),
            rx.el.span(say(locale, "ui.accounts.counts"), " ", rx.el.b(row.event), class_name="small"),
            rx.cond(
                row.unreachable_at != "",
                rx.el.span(
                    say(locale, "ui.accounts.unreachable.since"),
                    " ",
                    time_ago(at=row.unreachable_at, lang=locale, stale=10**9, never=""),
                    class_name="small",
                ),
            ),
            rx.cond(
                row.missing != "",
                rx.el.span(
                    say(locale, "ui.accounts.missing"), " ", rx.el.b(row.missing), class_name="small wrong"
                ),
            ),
            class_name="spread",
        ),
        rx.cond(
            row.syncing,
            rx.el.div(
                rx.el.div(
                    rx.el.span(row.step, class_name="grow small"),
                    rx.el.span(row.progress, " %", class_name="small num"),
                    class_name="spread",
                ),
                progress(row.progress, say(locale, "ui.sync.progress")),
                class_name="stack tight",
            ),
        ),
        rx.cond(
            row.unreachable_at != "",
            rx.el.div(
                rx.el.span(say(locale, "ui.accounts.unreachable.text")),
                class_name="banner warn",
                role="status",
            ),
        ),
        rx.cond(row.failed != "", rx.el.div(rx.el.span(row.failed), class_name="banner bad", role="alert")),
        rx.el.div(
            _reading(locale, row),
            button(say(locale, "ui.accounts.count"), kind="small", on_click=counting.Counting.ask(row.id)),
            button(say(locale, "ui.quota.open"), kind="small", on_click=quota.Quota.ask(row.id)),
            anchor(
                say(locale, "ui.accounts.open"), path(locale, "/app") + "?account=" + row.id, kind="small"
            ),
            button(
                say(locale, "ui.accounts.leave.go"),
                kind="small danger",
                on_click=Connections.ask_to_leave(row.id),
            ),
            class_name="spread",
        ),
        class_name="card stack",
    )


def _reading(locale: str, row: rx.Var[Row]) -> rx.Component:
    """What can be done about reading the account, as its state allows."""
    return rx.cond(
        row.healthy,
        rx.cond(
            row.unreachable_at != "",
            button(
                say(locale, "ui.accounts.look_again"),
                kind="small",
                symbol="refresh",
                on_click=Connections.look_again(row.id),
            ),
            rx.fragment(
                button(
                    say(locale, "ui.accounts.sync"),
                    kind="small",
                    symbol="refresh",
                    on_click=Connections.sync(row.id),
                    disabled=row.syncing,
                ),
                button(
                    say(locale, "ui.accounts.history"), kind="small", on_click=Connections.history(row.id)
                ),
            ),
        ),
        button(say(locale, "ui.accounts.reconnect"), kind="small go", on_click=Connections.connect("manage")),
    )
