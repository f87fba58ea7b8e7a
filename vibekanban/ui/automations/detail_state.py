"""What the page of one automation holds: where it stands, its runs, and the form of its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from vibekanban.core.errors import AppError, NotFound
from vibekanban.core.i18n import say
from vibekanban.core.settings import settings
from vibekanban.domains.access.policy import Policy
from vibekanban.domains.automations import automations, runs, stakes
from vibekanban.domains.automations.automations import Shown
from vibekanban.domains.automations.models import State, Wanted
from vibekanban.domains.meta import accounts
from vibekanban.ui import base, guard
from vibekanban.ui.automations import words
from vibekanban.ui.automations.list_state import Asked, asked
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.parts import close_dialog
from vibekanban.ui.live_state import LiveState

RUNS = 25


@dataclass
class Ran:
    """One run."""

    id: str
    at: str
    mode: str
    status: str
    tone: str
    took: str
    did: list[str]
    error: str
    advice: str
    calls: list[list[str]]


class OneAutomation(LiveState, rx.State):
    automation_id: str = ""
    name: str = ""
    template: str = ""
    text: str = ""
    about: str = ""
    state: str = ""
    tone: str = ""
    stops: list[str] = []
    outgrown: bool = False
    news: list[str] = []
    stake: str = ""
    limits: list[str] = []
    real: bool = False
    running: bool = False
    resumable: bool = False
    ended: bool = False
    failed: bool = False
    settings_told: list[str] = []
    asked: list[Asked] = []
    most: str = ""
    ask: bool = False
    revision: str = ""
    wrong: str = ""
    runs: list[Ran] = []
    more: bool = False
    missing: bool = False

    @guard.signed_in
    async def load(self) -> None:
        self.automation_id = self.router.url.query_parameters.get("automation", "")
        self.wrong = ""
        await self._show()

    @guard.signed_in
    async def pause(self) -> list[rx.event.EventSpec]:
        await base.run(self, automations.pause, self._id())
        return await self._told("automations.done.pause", "automation-pause")

    @guard.signed_in
    async def resume(self) -> list[rx.event.EventSpec]:
        await base.run(self, automations.resume, self._id())
        return await self._told("automations.done.resume", "automation-resume")

    @guard.signed_in
    async def run_now(self) -> list[rx.event.EventSpec]:
        await base.run(self, automations.run, self._id())
        return await self._told("automations.done.run", "automation-run")

    @guard.signed_in
    async def end(self) -> list[rx.event.EventSpec]:
        await base.run(self, automations.end, self._id())
        return await self._told("automations.done.end", "automation-end")

    @guard.signed_in
    async def save(self, form: dict[str, Any]) -> list[rx.event.EventSpec]:
        locale = locale_of(self)
        self.wrong = ""
        try:
            held = await base.run(self, automations.automation, self._id())
            await base.run(
                self,
                automations.change,
                self._id(),
                name=str(form.get("name") or ""),
                params=words.params_of(form),
                policy=words.policy_of(form, held.policy),
            )
        except AppError as error:
            self.wrong = guard.sentence(error, locale)
            return []
        return await self._told("automations.done.change", "automation-change")

    def _id(self) -> base.UUID:
        found = base.uuid_of(self.automation_id)
        if found is None:
            raise NotFound()
        return found

    async def _told(self, key: str, name: str) -> list[rx.event.EventSpec]:
        await self._show()
        return [close_dialog(name), rx.toast.success(say(locale_of(self), key))]

    async def _show(self) -> None:
        locale = locale_of(self)
        try:
            if not settings().enable_copy_strategy:
                raise NotFound()
            one = await base.run(self, automations.automation, self._id())
            ran = await base.run(self, runs.runs, self._id(), limit=RUNS + 1)
        except NotFound:
            self.missing, self.loaded = True, True
            return
        row = one.automation
        known = {
            one.account.id: one.account.name for one in await base.run(self, accounts.connected, limit=1000)
        }
        moved = await base.run(self, stakes.stakes, row.account_ids)
        self.missing = False
        self.name = row.name
        self.template = say(locale, f"automations.templates.{row.template}")
        self.text = say(locale, f"automations.templates.{row.template}.text")
        self.about = ", ".join(known.get(account_id, "—") for account_id in row.account_ids)
        self.state, self.tone = words.state(one, locale)
        self.stops = words.stops(one, locale)
        self.outgrown, self.news = one.asks is not None, words.news(one, locale)
        self.stake = words.money(moved, locale)
        self.running = row.state is State.RUNNING and row.wanted is Wanted.RUNNING
        self.resumable = one.asks is None and (
            row.wanted is Wanted.PAUSED or row.state is State.FAILED or _broken(one)
        )
        self.ended = row.wanted is Wanted.ENDED
        self.settings_told = words.settings(row.template, row.params, locale)
        self._fill(one, locale)
        self.runs = [
            Ran(
                id=str(done.run.id),
                at=done.run.started_at.isoformat(),
                mode=words.mode(done.run, locale),
                status=words.run(done.run, locale)[0],
                tone=words.run(done.run, locale)[1],
                took=words.took(done.run, locale),
                did=words.did(done, locale),
                error=done.run.error,
                advice=words.advice(done.run, bool(one.stops), locale),
                calls=words.calls(done, locale),
            )
            for done in ran[:RUNS]
        ]
        self.more = len(ran) > RUNS
        self.loaded = True

    def _fill(self, one: Shown, locale: str) -> None:
        policy, row = Policy.read(one.policy), one.automation
        self.limits = words.limits(one.policy, base.i18n.known(locale))
        self.real = not policy.dry_run
        self.most = "" if policy.max_writes_per_day is None else str(policy.max_writes_per_day)
        self.ask = policy.approval is not None and "pause" in [verb.value for verb in policy.approval.verbs]
        self.asked = asked(row.template, row.params, locale)
        self.revision = f"{row.revision}-{sorted(one.policy.items())}-{row.name}"


def _broken(one: Shown) -> bool:
    """Whether resuming repairs it: a token that is gone or has another secret than n8n."""
    return any(reason.value in {"token_revoked", "token_rotated"} for reason in one.stops)
