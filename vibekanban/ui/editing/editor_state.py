"""What the pages for editing and making campaigns, ad sets and ads hold, and what their buttons do."""

from __future__ import annotations

import asyncio
import copy
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import reflex as rx
from sqlmodel import Session

from vibekanban.core.errors import AppError, Invalid, NotFound
from vibekanban.core.i18n import say
from vibekanban.domains.editing import audiences, creating, edits, fields, forms, naming
from vibekanban.domains.editing.choices import BudgetMode
from vibekanban.domains.editing.creating import Draft
from vibekanban.domains.editing.edits import Edit
from vibekanban.domains.editing.forms import Form, Setting
from vibekanban.domains.editing.naming import Names
from vibekanban.domains.meta import changes
from vibekanban.domains.meta.models import ActorKind, Level
from vibekanban.ui import base, guard, shown
from vibekanban.ui.base import Viewer, locale_of, path
from vibekanban.ui.components.parts import close_dialog, open_dialog
from vibekanban.ui.editing import asked, audience_fields, told
from vibekanban.ui.editing.asked import Ask
from vibekanban.ui.editing.told import Line

LEVELS = {level.value: level for level in (Level.CAMPAIGN, Level.AD_SET, Level.AD)}
FOCUS = "setTimeout(() => document.querySelector('#main [aria-invalid=true]')?.focus(), 60)"


class Editor(rx.State):
    loaded: bool = False
    address: str = ""  # of the page whose form this is
    missing: bool = False
    making: bool = False
    level: str = Level.CAMPAIGN.value
    subject_id: str = ""  # what is edited, or what something is made under
    back: str = ""
    name: str = ""
    asks: list[Ask] = []
    version: int = 0  # of the form on the page: a new one begins with other values
    lines: list[Line] = []
    stake: str = ""
    moved: str = ""
    reach: str = ""
    account_id: str = ""
    size: str = ""  # how many people the audience in the form has
    counting: bool = False
    busy: bool = False
    _setting: Setting | None = None
    _values: dict[str, Any] = {}
    _typed: dict[str, Any] = {}
    _languages: dict[str, str] = {}

    @guard.signed_in
    async def load(self) -> Any:
        self.loaded = False  # the form of another object would stand there until Meta answered
        yield
        await self._open(making=False, subject=self.router.url.query_parameters.get("id", ""))

    @guard.signed_in
    async def begin(self) -> Any:
        self.loaded = False
        yield
        await self._open(making=True, subject=self.router.url.query_parameters.get("parent", ""))

    @guard.signed_in
    async def choose(self, name: str, value: str) -> None:
        """Other controls apply after this choice."""
        if self._setting is None or name not in asked.DECIDING:
            return
        setting: Setting = copy.deepcopy(self._setting)
        if name == asked.MODE:
            setting = replace(
                setting, budget_mode=BudgetMode(value) if value in {*BudgetMode} else "campaign"
            )
        elif name == "objective":
            setting = replace(setting, objective=value)
        elif name == "optimizationGoal":
            setting = replace(setting, goal=value)
        else:
            setting = replace(setting, bid_strategy=value)
        self._setting = setting
        self._ask(setting)

    @guard.signed_in
    async def preview(self, form: dict[str, Any]) -> Any:
        """Ask the rules and Meta what would come of it, and show that with the money at stake."""
        if self._setting is None:
            return
        locale, setting = locale_of(self), copy.deepcopy(self._setting)
        self.busy, self._typed = True, {}
        yield
        try:
            found = self._read(setting, form)
            if not found and not self.making:
                yield rx.toast.info(say(locale, "ui.editor.nothing"))
                return
            outcome = await self._tell(found, dry_run=True)
        except Invalid as error:
            self.asks = asked.marked(copy.deepcopy(self.asks), error, locale)
            if not any(one.wrong for one in self.asks):
                raise
            yield rx.call_script(FOCUS)
            return
        finally:
            self.busy = False
        self.asks = asked.marked(copy.deepcopy(self.asks), None, locale)
        if not outcome.differences:
            yield rx.toast.info(say(locale, "ui.editor.nothing"))
            return
        self._typed, self.reach = found, ""
        sides = [{one.field: side} for one in outcome.differences for side in (one.before, one.after)]
        self.lines = told.lines(outcome.differences, setting, locale, await self._names(sides))
        if outcome.stake is not None:
            self.stake, self.moved = told.stake(outcome.stake, locale), told.moved(outcome.stake, locale)
        yield open_dialog("preview")
        self.reach = await self._reach(found, setting)

    @guard.signed_in
    async def apply(self) -> Any:
        """Do at Meta what was previewed, once."""
        found, locale = copy.deepcopy(self._typed), locale_of(self)
        if not found:
            return
        self.busy, self._typed = True, {}
        yield close_dialog("preview")
        try:
            outcome = await self._tell(found, dry_run=False)
        except Invalid as error:
            self.asks = asked.marked(copy.deepcopy(self.asks), error, locale)
            raise
        finally:
            self.busy = False
        yield rx.toast.success(say(locale, "ui.editor.made" if self.making else "ui.editor.applied"))
        made = outcome.thing
        if made is not None:
            campaign_id = getattr(made, "campaign_id", made.id)
            yield rx.redirect(f"{path(locale, '/app/campaign')}?id={campaign_id}")

    @guard.signed_in
    async def weigh(self, typed: str) -> Any:
        """How many people the audience in the form has, while somebody goes on choosing."""
        setting, locale = copy.deepcopy(self._setting), locale_of(self)
        if setting is None:
            return
        held = copy.deepcopy(self._values).get("targeting") or {}
        try:
            given = json.loads(typed)
            targeting = audience_fields.written(held, given if isinstance(given, dict) else {}) or held
        except (ValueError, Invalid):
            return  # half typed: the preview says what is wrong
        if not targeting.get("geo_locations") and not targeting.get("custom_audiences"):
            self.size = say(locale, "ui.audience.size.none")
            return
        self.counting = True
        yield
        try:
            self.size = await self._reach({"targeting": targeting}, setting)
        finally:
            self.counting = False
        self.size = self.size or say(locale, "ui.audience.size.unknown")

    async def _named_languages(self) -> dict[str, str]:
        """The names of the audience's languages; Meta is asked when one was never seen."""
        values = copy.deepcopy(self._values)
        known = dict((await self._names([values])).languages)
        chosen = (values.get("targeting") or {}).get("locales") or []
        account_id = base.uuid_of(self.account_id)
        if account_id is None or not {str(one) for one in chosen} - known.keys():
            return known
        try:
            found = await asyncio.to_thread(audiences.languages, await base.user_id(self), account_id)
        except AppError:  # their numbers have to do
            return known
        return {one.key: one.name for one in found}

    async def _names(self, sides: list[dict[str, Any]]) -> Names:
        account_id = base.uuid_of(self.account_id)

        def work(session: Session, _user_id: UUID) -> Names:
            return naming.names(session, [account_id] if account_id else [], sides)

        return await base.run(self, work)

    async def _reach(self, found: dict[str, Any], setting: Setting) -> str:
        """How many people a new audience has; nothing where Meta can not say."""
        if "targeting" not in found:
            return ""
        user_id, locale, subject = await base.user_id(self), locale_of(self), UUID(self.subject_id)
        level = Level.CAMPAIGN if self.making else Level.AD_SET
        try:
            people = await asyncio.to_thread(
                audiences.estimate_of, user_id, level, subject, found["targeting"], setting.goal
            )
        except AppError:  # the edit does not depend on it
            return ""
        if people.least is None or people.most is None:
            return ""
        least, most = shown.count(people.least, locale), shown.count(people.most, locale)
        return say(locale, "ui.audience.size.between", least=least, most=most)

    async def _open(self, *, making: bool, subject: str) -> None:
        asked_level = self.router.url.query_parameters.get("level", "")
        query = self.router.url.query_parameters
        self.address = " ".join(query.get(name, "") for name in ("level", "id", "parent"))
        self.making, self.subject_id = making, subject
        self.level = asked_level if asked_level in LEVELS else Level.CAMPAIGN.value
        self._setting, self._typed, self.lines = None, {}, []
        self.size, self.counting = "", False
        user_id, found_id = await base.user_id(self), base.uuid_of(subject)
        try:
            if found_id is None:
                raise NotFound()
            work = forms.blank if making else forms.filled
            form: Form = await asyncio.to_thread(work, user_id, LEVELS[self.level], found_id)
        except NotFound:
            self.asks, self.name, self.missing, self.loaded = [], "", True, True
            return
        setting = form.setting
        if making and self.level == Level.CAMPAIGN.value:
            setting = replace(setting, objective=forms.choices.OBJECTIVES[0])
        if making and self.level == Level.AD_SET.value:
            setting = replace(setting, goal=next(iter(forms.choices.GOALS.get(setting.objective, ())), ""))
        self._values, self.name = dict(form.values), str(form.values.get("name") or "")
        self._setting = setting
        self.account_id = str(form.account_id or "")
        self._languages = await self._named_languages()
        self._ask(setting)
        home = path(locale_of(self), "/app")
        self.back = f"{home}/campaign?id={form.campaign_id}" if form.campaign_id else home
        self.version += 1
        self.loaded, self.missing = True, False

    def _ask(self, setting: Setting) -> None:
        locale = locale_of(self)
        found = asked.asks(
            setting,
            forms.controls(setting),
            copy.deepcopy(self._values),
            locale,
            Names(languages=dict(self._languages)),
        )
        if setting.making and setting.level is Level.CAMPAIGN:
            budget = say(locale, "editing.group.budget")
            at = next(place for place, one in enumerate(found) if one.heading == budget)
            who = asked.mode(setting, locale)
            who.heading, found[at].heading = budget, ""
            found.insert(at, who)
        self.asks = found

    def _read(self, setting: Setting, form: dict[str, Any]) -> dict[str, Any]:
        found = asked.written(setting, forms.controls(setting), copy.deepcopy(self._values), form)
        if setting.making and setting.level is Level.CAMPAIGN and setting.budget_mode != BudgetMode.CAMPAIGN:
            found["is_adset_budget_sharing_enabled"] = setting.budget_mode == BudgetMode.SHARED
        return found

    async def _tell(self, found: dict[str, Any], *, dry_run: bool) -> Any:
        """The edit or the creation, off the event loop."""
        user_id, viewer = await base.user_id(self), await self.get_state(Viewer)
        actor, level = changes.Actor(ActorKind.USER, user_id, viewer.name), LEVELS[self.level]
        if self.making:
            draft = Draft(level, UUID(self.subject_id), found)
            return await asyncio.to_thread(creating.create, user_id, draft, actor, dry_run=dry_run)
        seen = fields.unshown(level, copy.deepcopy(self._values))
        expecting = {name: seen[name] for name in found if seen.get(name) is not None}
        edit = Edit(level, UUID(self.subject_id), found, expecting=expecting)
        return await asyncio.to_thread(edits.apply, user_id, edit, actor, dry_run=dry_run)
