"""What the accounts page shows of every connection, and what its buttons do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import reflex as rx

from vibekanban.core import i18n
from vibekanban.core.i18n import say
from vibekanban.domains.meta import accounts, insights, oauth, syncs
from vibekanban.domains.meta import connections as meta_connections
from vibekanban.domains.meta.models import ConnectionStatus, Permission, Sync, SyncKind
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.parts import (
    close_dialog,
    open_dialog,
)
from vibekanban.ui.live_state import LiveState
from vibekanban.ui.meta import counting

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
    event: str
    permission: str
    expires: str
    expires_soon: bool
    missing: str
    synced_at: str
    syncing: bool
    progress: int
    step: str
    failed: str


class Connections(LiveState, rx.State):
    rows: list[Row] = []
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
    event = insights.chosen_event({}, account.conversion_event)
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
        event=counting.name(event, locale) or event,
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
