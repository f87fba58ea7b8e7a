"""Accounts: connecting Meta, the state of every connection, syncs as they go, disconnecting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import reflex as rx

from vibekanban.core import i18n
from vibekanban.core.i18n import say
from vibekanban.domains.meta import accounts, oauth, syncs
from vibekanban.domains.meta import connections as meta_connections
from vibekanban.domains.meta.models import ConnectionStatus, Permission, Sync, SyncKind
from vibekanban.ui import base, guard
from vibekanban.ui.accounts.door import form
from vibekanban.ui.base import locale_of, path
from vibekanban.ui.components.live import live, time_ago
from vibekanban.ui.components.parts import (
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

TONES = {
    ConnectionStatus.ACTIVE: "good",
    ConnectionStatus.NEEDS_REAUTH: "bad",
    ConnectionStatus.NEEDS_USER_ACTION: "warn",
}


@dataclass
class Row:
    """An account as its card shows it."""

    id: str
    name: str
    meta_id: str
    about: str
    status: str
    tone: str
    healthy: bool
    unreachable_at: str
    permission: str
    expires: str
    expires_soon: bool
    missing: str
    synced_at: str
    syncing: bool
    progress: int
    step: str
    failed: str


class Connections(rx.State):
    rows: list[Row] = []
    loaded: bool = False
    notice: str = ""
    wrong: str = ""
    leaving_id: str = ""
    leaving: str = ""

    @guard.signed_in
    async def load(self) -> None:
        query, locale = self.router.url.query_parameters, locale_of(self)
        code = query.get("error", "")
        self.notice = say(locale, "ui.accounts.connected") if query.get("connected") else ""
        self.wrong = i18n.catalogue(locale).get(f"errors.{code}", "") if code else ""
        await self._show()

    @guard.signed_in
    async def changed(self, _topic: str, _account: str, _data: str) -> None:
        await self._show()

    @guard.signed_in
    async def connect(self, permission: str) -> rx.event.EventSpec:
        chosen = Permission.READ if permission == "read" else Permission.MANAGE
        address = await base.run(self, oauth.begin, chosen, locale=locale_of(self))
        return rx.redirect(address, is_external=False)

    @guard.signed_in
    async def sync(self, account_id: str) -> None:
        await base.run(self, syncs.request, UUID(account_id), SyncKind.ACCOUNT)
        await self._show()

    @guard.signed_in
    async def look_again(self, account_id: str) -> rx.event.EventSpec:
        await base.run(self, accounts.look_again, UUID(account_id))
        return rx.toast.success(say(locale_of(self), "ui.accounts.looking"))

    @guard.signed_in
    async def history(self, account_id: str) -> None:
        """A year back; the rest of Meta's 37 months by the API."""
        since = date.today() - timedelta(days=365)  # noqa: DTZ011 - clamped to the account's own days
        await base.run(self, syncs.request, UUID(account_id), SyncKind.HISTORY, since=since)
        await self._show()

    @guard.signed_in
    async def ask_to_leave(self, account_id: str) -> rx.event.EventSpec:
        account = await base.run(self, accounts.account, UUID(account_id))
        self.leaving_id, self.leaving = account_id, account.name
        return open_dialog("leave")

    @guard.signed_in
    async def leave(self) -> list[rx.event.EventSpec]:
        await base.run(self, meta_connections.disconnect, UUID(self.leaving_id))
        await self._show()
        return [
            close_dialog("leave"),
            rx.toast.success(say(locale_of(self), "ui.accounts.left", name=self.leaving)),
        ]

    async def _show(self) -> None:
        locale = locale_of(self)
        found = await base.run(self, accounts.connected, limit=1000)
        running = {one.account_id: one for one in await base.run(self, syncs.latest)}
        self.rows = [_row(one, running.get(one.account.id), locale) for one in found]
        self.loaded = True


def _row(one: accounts.Connected, sync: Sync | None, locale: str) -> Row:
    account, connection = one.account, one.connection
    left = one.days_left
    open_now = sync is not None and sync.status in syncs.OPEN
    failed = sync.error_code if sync is not None and sync.status.value == "failed" and sync.error_code else ""
    return Row(
        id=str(account.id),
        name=account.name,
        meta_id=account.meta_account_id,
        about=f"{account.currency} · {account.timezone}",
        status=say(locale, f"ui.connection.{connection.status.value}"),
        tone=TONES.get(connection.status, ""),
        healthy=connection.status is ConnectionStatus.ACTIVE,
        unreachable_at=account.unreachable_at.isoformat() if account.unreachable_at else "",
        permission=say(locale, f"ui.permission.{connection.permission.value}"),
        expires=say(locale, "ui.accounts.forever")
        if left is None
        else say(locale, "ui.accounts.days", days=left),
        expires_soon=left is not None and left <= 14,
        missing=", ".join(account.missing_scopes),
        synced_at=one.last_synced_at.isoformat() if one.last_synced_at else "",
        syncing=open_now,
        progress=sync.progress if sync else 0,
        step=say(locale, f"syncs.step.{sync.step}") if sync and open_now else "",
        failed=i18n.catalogue(i18n.known(locale)).get(f"errors.{failed}", failed) if failed else "",
    )


# -- the page


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
        dialog(
            "leave",
            say(locale, "ui.accounts.leave.title"),
            rx.el.p(rx.el.b(Connections.leaving), " ", say(locale, "ui.accounts.leave.text")),
            rx.el.div(
                button(say(locale, "ui.cancel"), on_click=close_dialog("leave")),
                button(say(locale, "ui.accounts.leave.go"), kind="danger", on_click=Connections.leave),
                class_name="acts",
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
