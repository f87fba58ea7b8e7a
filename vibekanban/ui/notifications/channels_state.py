"""What the page of channels shows and what its controls do; secrets never come by here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.core.settings import settings
from vibekanban.domains.notifications import deliveries, notices, own_channels, queries, sending
from vibekanban.domains.notifications.models import Channel, Delivery, DeliveryStatus
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.parts import close_dialog, open_dialog
from vibekanban.ui.live_state import LiveState

TONES = {DeliveryStatus.PENDING: "info", DeliveryStatus.SENT: "good", DeliveryStatus.FAILED: "bad"}
LOG = 30  # lines a page


@dataclass
class Row:
    """A channel; of its address only the host."""

    id: str
    kind: str
    label: str
    host: str
    on: bool
    state: str
    tone: str
    ok_at: str
    trouble: str
    signs: bool


@dataclass
class Sent:
    """A line of the log."""

    id: str
    at: str
    channel: str
    title: str
    state: str
    tone: str
    reason: str
    settled: bool


class Channels(LiveState, rx.State):
    rows: list[Row] = []
    log: list[Sent] = []
    more: bool = False
    sandbox: str = ""
    chosen_id: str = ""
    chosen_label: str = ""
    shown: int = LOG

    @guard.signed_in
    async def load(self) -> None:
        self.sandbox, self.shown = settings().webhook_sandbox, LOG
        await self._show()

    @guard.signed_in
    async def older(self) -> None:
        self.shown += LOG
        await self._show()

    @guard.signed_in
    async def test(self, channel_id: str) -> rx.event.EventSpec:
        """Send a test and say what happened."""
        locale = locale_of(self)
        done = await asyncio.to_thread(sending.test, await base.user_id(self), UUID(channel_id))
        await self._show()
        if done.status is DeliveryStatus.SENT:
            return rx.toast.success(say(locale, "ui.channels.tested", label=done.params["label"]))
        return rx.toast.error(notices.reason(locale, done.last_error))

    @guard.signed_in
    async def ask_to_edit(self, channel_id: str) -> rx.event.EventSpec | None:
        return await self._ask(channel_id, "edit")

    @guard.signed_in
    async def ask_to_remove(self, channel_id: str) -> rx.event.EventSpec | None:
        return await self._ask(channel_id, "remove")

    @guard.signed_in
    async def switch(self, channel_id: str, on: bool) -> None:
        await base.run(self, own_channels.change, UUID(channel_id), is_active=on)
        await self._show()

    @guard.signed_in
    async def remove(self) -> list[rx.event.EventSpec]:
        await base.run(self, own_channels.remove, UUID(self.chosen_id))
        await self._show()
        said = say(locale_of(self), "ui.channels.removed", label=self.chosen_label)
        return [close_dialog("remove"), rx.toast.success(said)]

    @guard.signed_in
    async def resend(self, delivery_id: str) -> rx.event.EventSpec:
        await base.run(self, deliveries.again, UUID(delivery_id))
        await self._show()
        return rx.toast.success(say(locale_of(self), "ui.channels.resent"))

    async def _ask(self, channel_id: str, dialog: str) -> rx.event.EventSpec | None:
        found = await base.run(self, queries.channel, UUID(channel_id))
        if found is None:
            return None
        self.chosen_id, self.chosen_label = channel_id, found.label
        return open_dialog(dialog)

    async def _show(self) -> None:
        locale = locale_of(self)
        found = await base.run(self, own_channels.channels)
        self.rows = [_row(one, locale) for one in found]
        labels = {one.id: one.label for one in found}
        lines = await base.run(self, queries.delivery_log, limit=self.shown + 1)
        self.more = len(lines) > self.shown
        self.log = [_line(one, labels.get(one.channel_id, "—"), locale) for one in lines[: self.shown]]
        self.loaded = True


def _row(channel: Channel, locale: str) -> Row:
    state, tone = ("on", "good") if channel.is_active else ("off", "warn")
    if channel.is_active and channel.failing_since is not None:
        state, tone = "failing", "bad"
    return Row(
        id=str(channel.id),
        kind=channel.kind.value,
        label=channel.label,
        host=channel.hint,
        on=channel.is_active,
        state=say(locale, f"ui.channels.state.{state}"),
        tone=tone,
        ok_at=channel.last_ok_at.isoformat() if channel.last_ok_at else "",
        trouble=notices.reason(locale, channel.last_error),
        signs=bool(channel.sealed_secret),
    )


def _line(delivery: Delivery, label: str, locale: str) -> Sent:
    return Sent(
        id=str(delivery.id),
        at=delivery.created_at.isoformat(),
        channel=label,
        title=notices.write(delivery.kind, locale, delivery.params, delivery.href).title,
        state=say(locale, f"ui.channels.delivery.{delivery.status.value}"),
        tone=TONES[delivery.status],
        reason=notices.reason(locale, delivery.last_error),
        settled=delivery.status is not DeliveryStatus.PENDING,
    )
