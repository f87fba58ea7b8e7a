"""What the page of tokens holds: the tokens, the one whose limits are open, the one about to end."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import reflex as rx

from vibekanban.core.i18n import day, say
from vibekanban.domains.access import tokens
from vibekanban.domains.access.policy import Policy
from vibekanban.domains.guarding import stopping
from vibekanban.domains.meta import accounts
from vibekanban.ui import base, guard
from vibekanban.ui.access import policy_words
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.parts import close_dialog, open_dialog
from vibekanban.ui.live_state import LiveState


@dataclass
class Row:
    id: str
    name: str
    hint: str
    about: str
    scopes: str
    expires_at: str
    used_at: str
    limits: list[str]
    stopped: bool


class Tokens(LiveState, rx.State):
    rows: list[Row] = []
    accounts: list[list[str]] = []
    currencies: list[str] = []
    all_stopped: bool = False
    limiting_id: str = ""
    limiting: str = ""
    limits: dict[str, str] = {}
    held: list[str] = []
    rotating_id: str = ""
    rotating: str = ""
    ending_id: str = ""
    ending: str = ""

    @guard.signed_in
    async def ask_to_rotate(self, token_id: str) -> rx.event.EventSpec:
        token = await base.run(self, tokens.token, UUID(token_id))
        self.rotating_id, self.rotating = token_id, token.name
        return open_dialog("rotate")

    @guard.signed_in
    async def ask_to_revoke(self, token_id: str) -> rx.event.EventSpec:
        token = await base.run(self, tokens.token, UUID(token_id))
        self.ending_id, self.ending = token_id, token.name
        return open_dialog("revoke")

    @guard.signed_in
    async def revoke(self) -> list[rx.event.EventSpec]:
        await base.run(self, tokens.revoke, UUID(self.ending_id))
        await self._show()
        return [
            close_dialog("revoke"),
            rx.toast.success(say(locale_of(self), "ui.tokens.revoked", name=self.ending)),
        ]

    @guard.signed_in
    async def open_limits(self, token_id: str) -> rx.event.EventSpec:
        token = await base.run(self, tokens.token, UUID(token_id))
        policy = Policy.read(token.policy)
        self.limiting_id, self.limiting = token_id, token.name
        self.limits = policy_words.filled(policy)
        self.held = [verb.value for verb in policy.approval.verbs] if policy.approval else []
        return open_dialog("limits")

    @guard.signed_in
    async def stop(self, token_id: str, on: bool) -> None:
        await base.run(self, tokens.change, UUID(token_id), stopped=on)
        await self._show()

    @guard.signed_in
    async def stop_everything(self, on: bool) -> rx.event.EventSpec:
        await base.run(self, stopping.stop_everything, stopped=on)
        await self._show()
        said = "ui.tokens.all_stopped" if on else "ui.tokens.all_free"
        return rx.toast.success(say(locale_of(self), said))

    async def _show(self) -> None:
        locale = locale_of(self)
        known = await base.run(self, accounts.connected, limit=1000)
        names = {one.account.id: one.account.name for one in known}
        self.accounts = [[str(account_id), name] for account_id, name in names.items()]
        self.currencies = sorted({one.account.currency for one in known})
        self.all_stopped = await base.run(self, stopping.everything_stopped)
        self.rows = [
            Row(
                id=str(one.id),
                name=one.name,
                hint=f"{one.hint}…",
                about=", ".join(names.get(account_id, "—") for account_id in one.account_ids),
                scopes=", ".join(say(locale, f"ui.scope.{scope}") for scope in one.scopes),
                expires_at=day(one.expires_at.date(), locale) if one.expires_at else "",
                used_at=one.last_used_at.isoformat() if one.last_used_at else "",
                limits=policy_words.told(Policy.read(one.policy), locale),
                stopped=one.stopped_at is not None,
            )
            for one in await base.run(self, tokens.tokens, limit=100)
        ]
        self.loaded = True
