"""What the page of changes shows and what its controls do."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx
from sqlmodel import Session

from vibekanban.core import sheet
from vibekanban.core.i18n import say
from vibekanban.domains.editing import bulk, naming, undoing
from vibekanban.domains.editing.naming import Names
from vibekanban.domains.meta import accounts, changes
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import ActorKind, Change, Level
from vibekanban.ui import base, guard
from vibekanban.ui.base import Viewer, locale_of, uuid_of
from vibekanban.ui.components.parts import close_dialog, open_dialog
from vibekanban.ui.editing import wording

FIRST, MORE, MOST = 100, 100, 10_000
LEVELS = tuple(level.value for level in Level if level is not Level.ACCOUNT)
KINDS = tuple(kind.value for kind in ActorKind)
TONES = {"applied": "good", "pending": "info", "unknown": "warn", "failed": "bad"}
HEAD = ("at", "who", "kind", "action", "level", "object", "account", "before", "after", "outcome", "batch")


@dataclass
class Choice:
    id: str
    label: str


@dataclass
class Entry:
    """A line of the log; a batch is one line with what it consists of."""

    id: str
    batch: str
    at: str
    who: str
    kind: str
    what: str
    thing: str
    account: str
    lines: list[str]
    parts: list[str]
    outcome: str
    tone: str
    can: bool
    why: str


@dataclass(frozen=True)
class Read:
    """What the page is made of."""

    found: list[Change]
    reverted: set[UUID]
    sizes: dict[UUID, int]
    accounts: dict[UUID, accounts.MetaAccount]
    names: Names


class Changelog(rx.State):
    loaded: bool = False
    accounts: list[Choice] = []
    account_id: str = ""
    search: str = ""
    kind: str = ""
    level: str = ""
    action: str = ""
    since: str = ""
    until: str = ""
    limit: int = FIRST
    entries: list[Entry] = []
    more: bool = False
    undoing_id: str = ""
    undoing_batch_id: str = ""
    asked: str = ""
    asked_lines: list[str] = []
    money: list[str] = []
    acting: bool = False

    @rx.var
    def active(self) -> int:
        """How many filters are set."""
        given = (self.account_id, self.search, self.kind, self.level, self.action, self.since, self.until)
        return sum(map(bool, given))

    @guard.signed_in
    async def load(self) -> None:
        self.limit = FIRST
        self.account_id = self.router.url.query_parameters.get("account", "") or self.account_id
        self.search = self.router.url.query_parameters.get("q", "")[:100] or self.search
        await self._show()

    @guard.signed_in
    async def changed(self, _topic: str, _account: str, _data: str) -> None:
        if not self.acting:
            await self._show()

    @guard.signed_in
    async def sift(self, form: dict[str, Any]) -> None:
        """The filters, all at once."""
        self.account_id = str(form.get("account") or "")
        self.search = str(form.get("search") or "")[:100]
        kind = str(form.get("kind") or "")
        self.kind = kind if kind in KINDS else ""
        level, action = str(form.get("level") or ""), str(form.get("action") or "")
        self.level = level if level in LEVELS else ""
        self.action = action if action in changes.ACTIONS else ""
        self.since, self.until = str(form.get("since") or ""), str(form.get("until") or "")
        self.limit = FIRST
        await self._show()

    @guard.signed_in
    async def go_on(self) -> None:
        self.limit = min(self.limit + MORE, MOST)
        await self._show()

    @guard.signed_in
    async def ask(self, change_id: str) -> rx.event.EventSpec:
        """Ask Meta what undoing would do, and show the money before anything happens."""
        locale, user_id = locale_of(self), await base.user_id(self)
        actor = await self._actor()
        done = await asyncio.to_thread(undoing.revert, user_id, UUID(change_id), actor, dry_run=True)
        currency = done.stake.currency if done.stake else ""
        self.undoing_id, self.asked = change_id, done.thing.name
        sides = [{one.field: side} for one in done.differences for side in (one.before, one.after)]
        names = await base.run(self, _names, done.thing.account_id, sides)
        self.asked_lines = wording.differences(done.differences, currency, locale, names)
        self.money = wording.staked(done.stake, locale)
        return open_dialog("undo")

    @guard.signed_in
    async def undo(self) -> Any:
        locale, user_id = locale_of(self), await base.user_id(self)
        actor = await self._actor()
        self.acting = True
        yield close_dialog("undo")
        try:
            await asyncio.to_thread(undoing.revert, user_id, UUID(self.undoing_id), actor)
        finally:
            self.acting = False
            await self._show()
        yield rx.toast.success(say(locale, "changes.undone", name=self.asked))

    @guard.signed_in
    async def ask_all(self, batch_id: str) -> rx.event.EventSpec:
        locale, user_id = locale_of(self), await base.user_id(self)
        found = await asyncio.to_thread(bulk.preview_undo, user_id, UUID(batch_id))
        able = [one for one in found.rows if one.trouble is None]
        self.undoing_batch_id = batch_id
        self.asked = say(locale, "changes.undo_all.count", able=len(able), total=len(found.rows))
        self.asked_lines = [
            f"{one.name}: {one.trouble.sentence(locale)}" for one in found.rows if one.trouble is not None
        ][:20]
        self.money = wording.weighed(found.weighed.by_currency, locale)
        return open_dialog("undo-all")

    @guard.signed_in
    async def undo_all(self) -> Any:
        locale, user_id = locale_of(self), await base.user_id(self)
        actor = await self._actor()
        self.acting = True
        yield close_dialog("undo-all")
        try:
            ran = await asyncio.to_thread(bulk.start_undo, user_id, UUID(self.undoing_batch_id), actor)
        finally:
            self.acting = False
            await self._show()
        if ran.run.finished_at is None:
            yield rx.toast.info(say(locale, "changes.undo_all.going", total=ran.run.total))
        else:
            said = rx.toast.success if not ran.run.failed else rx.toast.warning
            yield said(say(locale, "changes.undo_all.done", done=ran.run.done, failed=ran.run.failed))

    @guard.signed_in
    async def export(self) -> rx.event.EventSpec:
        """What the filters let through, as CSV."""
        read = await base.run(self, _read, limit=MOST, **await self._filters())
        rows = (_row(one, read) for one in read.found)
        return rx.download(data=sheet.text(HEAD, rows), filename="changes.csv")

    # -- behind them

    async def _actor(self) -> Actor:
        viewer = await self.get_state(Viewer)
        return Actor(ActorKind.USER, await base.user_id(self), viewer.name)

    async def _filters(self) -> dict[str, Any]:
        since, until = await base.between(self, self.since, self.until)
        account = uuid_of(self.account_id)
        return {
            "account_ids": [account] if account else None,
            "actor_kind": ActorKind(self.kind) if self.kind else None,
            "level": Level(self.level) if self.level else None,
            "action": self.action,
            "q": self.search,
            "since": since,
            "until": until,
        }

    async def _show(self) -> None:
        locale = locale_of(self)
        read = await base.run(self, _read, limit=self.limit + 1, **await self._filters())
        self.accounts = [
            Choice(str(one.id), f"{one.name} · {one.currency}") for one in read.accounts.values()
        ]
        self.more = len(read.found) > self.limit
        self.entries = _folded(read, read.found[: self.limit], locale)
        self.loaded = True


def _row(one: Change, read: Read) -> tuple[Any, ...]:
    account = read.accounts.get(one.account_id)
    return (
        one.created_at.isoformat(),
        one.actor_name,
        one.actor_kind.value,
        one.action,
        one.level.value,
        one.object_name,
        account.name if account else "",
        json.dumps(one.before, ensure_ascii=False),
        json.dumps(one.after, ensure_ascii=False),
        "reverted" if one.id in read.reverted else one.outcome.value,
        one.batch_id or "",
    )


def _read(session: Session, user_id: UUID, **filters: Any) -> Read:
    found = changes.changes(session, user_id, **filters)
    known = accounts.connected(session, user_id, limit=1000)
    return Read(
        found,
        set(changes.reverting(session, [one.id for one in found])),
        changes.batch_sizes(session, user_id, {one.batch_id for one in found if one.batch_id}),
        {one.account.id: one.account for one in known},
        naming.names(
            session,
            list({one.account_id for one in found}),
            [side for one in found for side in (one.before, one.after)],
        ),
    )


def _names(session: Session, _user_id: UUID, account_id: UUID, sides: list[dict[str, Any]]) -> Names:
    return naming.names(session, [account_id], sides)


def _folded(read: Read, found: list[Change], locale: str) -> list[Entry]:
    """A batch of several stands where its newest change stands."""
    entries: list[Entry] = []
    batches: dict[UUID, list[Change]] = {}
    for one in found:
        if one.batch_id is not None and read.sizes.get(one.batch_id, 1) > 1:
            if one.batch_id not in batches:
                batches[one.batch_id] = []
                entries.append(_entry(read, one, locale))
            batches[one.batch_id].append(one)
        else:
            entries.append(_entry(read, one, locale))
    for entry in entries:
        members = batches.get(UUID(entry.batch)) if entry.batch else None
        if members:
            _fold(read, entry, members, locale)
    return entries


def _currency(read: Read, one: Change) -> str:
    account = read.accounts.get(one.account_id)
    return account.currency if account else ""


def _entry(read: Read, one: Change, locale: str) -> Entry:
    account = read.accounts.get(one.account_id)
    reverted = one.id in read.reverted
    reason = undoing.obstacle(one, reverted=reverted)
    several = one.batch_id is not None and read.sizes.get(one.batch_id, 1) > 1
    return Entry(
        id=str(one.id),
        batch=str(one.batch_id) if several else "",
        at=one.created_at.isoformat(),
        who=one.actor_name or say(locale, f"ui.actor.{one.actor_kind.value}"),
        kind=say(locale, f"ui.actor.{one.actor_kind.value}"),
        what=say(locale, "changes.undo.action" if one.reverts_id else f"ui.action.{one.action}"),
        thing=one.object_name,
        account=account.name if account else "",
        lines=wording.lines(one.before, one.after, _currency(read, one), locale, read.names),
        parts=[],
        outcome=say(locale, "changes.reverted" if reverted else f"ui.outcome.{one.outcome.value}"),
        tone="" if reverted else TONES[one.outcome.value],
        can=reason is None,
        why="" if reason in {None, "reverted", "failed", "pending"} else say(locale, f"undo.reason.{reason}"),
    )


def _fold(read: Read, entry: Entry, members: list[Change], locale: str) -> None:
    size = read.sizes[UUID(entry.batch)]
    entry.thing = say(locale, "changes.batch", count=size)
    entry.account = ", ".join(
        sorted({read.accounts[one.account_id].name for one in members if one.account_id in read.accounts})
    )
    touched = {name for one in members for name in one.after if name not in wording.HIDDEN}
    entry.lines = sorted(wording.field(name, locale) for name in touched)
    entry.parts = [
        f"{one.object_name} · "
        + "; ".join(wording.lines(one.before, one.after, _currency(read, one), locale, read.names))
        for one in members
    ]
    able = [one for one in members if undoing.obstacle(one, reverted=one.id in read.reverted) is None]
    failed = sum(one.outcome.value == "failed" for one in members)
    reverted = sum(one.id in read.reverted for one in members)
    entry.can, entry.why = bool(able), ""
    if reverted and not able:
        entry.outcome, entry.tone = say(locale, "changes.reverted"), ""
    elif failed:
        entry.outcome = say(locale, "changes.batch.failed", failed=failed)
        entry.tone = "warn"
