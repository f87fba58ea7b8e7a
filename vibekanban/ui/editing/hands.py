"""Moving a campaign's budgets to its ad sets and back: asked for, shown with the money at stake, applied."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx

from vibekanban.core import db
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.core.i18n import say
from vibekanban.domains.editing import budget_modes
from vibekanban.domains.editing.budget_modes import Offer, Switch
from vibekanban.domains.editing.choices import BudgetMode
from vibekanban.domains.editing.edits import Outcome
from vibekanban.domains.editing.forms import Setting
from vibekanban.domains.meta import changes, money
from vibekanban.domains.meta.models import ActorKind, Level
from vibekanban.ui import base, guard, shown
from vibekanban.ui.base import Viewer, locale_of
from vibekanban.ui.components.parts import acts, button, card, close_dialog, dialog, open_dialog
from vibekanban.ui.editing import told
from vibekanban.ui.editing.changes_table import changes_table
from vibekanban.ui.editing.told import Line

WHOLE = "whole"


@dataclass
class Amount:
    """One input: the campaign's budget, or that of an ad set."""

    name: str
    label: str
    value: str
    note: str = ""


class Hands(rx.State):
    shown: bool = False
    campaign_id: str = ""
    now: str = BudgetMode.CAMPAIGN.value
    to: str = ""
    amounts: list[Amount] = []
    parts: str = ""
    step: str = "0.01"
    wrong: str = ""
    lines: list[Line] = []
    stake: str = ""
    moved: str = ""
    busy: bool = False
    _kind: str = "daily_budget"
    _offer: dict[str, Any] = {}
    _wanted: dict[str, str] = {}

    @guard.signed_in
    async def load(self) -> None:
        """Only a campaign's page asks for it."""
        query = self.router.url.query_parameters
        campaign_id = base.uuid_of(query.get("id", ""))
        self.shown = False
        if query.get("level", "") != Level.CAMPAIGN.value or campaign_id is None:
            return
        await self._read(campaign_id)

    @guard.signed_in
    async def choose(self, mode: str) -> None:
        """Who is to hold it decides what is asked."""
        self._ask(mode if mode in {*BudgetMode} else BudgetMode.CAMPAIGN.value)

    @guard.signed_in
    async def preview(self, form: dict[str, Any]) -> Any:
        """Ask the rules and Meta, and show before, after and the money."""
        locale = locale_of(self)
        asked = [one.name for one in self.amounts]  # a form names its inputs' ids too
        typed = {name: str(form.get(name) or "").replace(",", ".").strip() for name in asked}
        self.busy, self.wrong, self._wanted = True, "", {}
        yield
        try:
            outcome = await self._tell(typed, dry_run=True)
        except Invalid as error:
            self.wrong = " ".join(dict.fromkeys(error.reasons(locale).values()))
            return
        finally:
            self.busy = False
        held = copy.deepcopy(self._offer)
        setting = Setting(Level.CAMPAIGN, held["currency"], timezone=held["timezone"])
        self._wanted = {"to": self.to, **typed}
        self.lines = told.lines(outcome.differences, setting, locale)
        if outcome.stake is not None:
            self.stake, self.moved = told.stake(outcome.stake, locale), told.moved(outcome.stake, locale)
        yield open_dialog("hands")

    @guard.signed_in
    async def apply(self) -> Any:
        """Move at Meta what was previewed, once."""
        wanted, locale = copy.deepcopy(self._wanted), locale_of(self)
        if not wanted:
            return
        self.busy, self._wanted, self.to = True, {}, wanted.pop("to")
        yield close_dialog("hands")
        try:
            await self._tell(wanted, dry_run=False)
        finally:
            self.busy = False
        yield rx.toast.success(say(locale, "ui.hands.done"))
        yield rx.call_script("location.reload()")

    async def _read(self, campaign_id: UUID) -> None:
        user_id, locale = await base.user_id(self), locale_of(self)

        def work() -> Offer:
            with db.transaction() as session:
                return budget_modes.offer(session, user_id, campaign_id)

        try:
            found = await asyncio.to_thread(work)
        except NotFound:
            return
        currency = found.account.currency
        self.campaign_id, self.now, self.shown = str(campaign_id), found.mode.value, True
        self.step = "1" if money.decimals(currency) == 0 else "0.01"
        self.parts = say(locale, "ui.hands.parts", amount=shown.money(found.whole, currency, locale))
        self._kind = found.kind
        self._offer = {
            "currency": currency,
            "timezone": found.account.timezone,
            "whole": found.whole,
            "shares": [
                (str(one.id), one.name, found.budgets[one.id], one.status == "ACTIVE")
                for one in found.ad_sets
            ],
        }
        self._ask(next(one.value for one in BudgetMode if one is not found.mode))

    def _ask(self, mode: str) -> None:
        locale, held = locale_of(self), copy.deepcopy(self._offer)
        self.to, self.wrong, self.amounts = mode, "", []
        if not held:
            return
        kind = say(locale, f"editing.field.{'lifetimeBudget' if 'life' in self._kind else 'dailyBudget'}")
        if mode == BudgetMode.CAMPAIGN.value:
            self.amounts = [Amount(WHOLE, f"{kind} ({held['currency']})", held["whole"])]
        elif self.now == BudgetMode.CAMPAIGN.value:
            self.amounts = [
                Amount(
                    own, f"{name} ({held['currency']})", share, "" if on else say(locale, "ui.hands.paused")
                )
                for own, name, share, on in held["shares"]
            ]

    async def _tell(self, typed: dict[str, str], *, dry_run: bool) -> Outcome:
        user_id, viewer = await base.user_id(self), await self.get_state(Viewer)
        actor = changes.Actor(ActorKind.USER, user_id, viewer.name)
        campaign_id = base.uuid_of(self.campaign_id)
        if campaign_id is None or self.to not in {*BudgetMode}:
            raise NotFound()
        wanted = Switch(
            campaign_id,
            BudgetMode(self.to),
            {self._kind: typed[WHOLE]} if typed.get(WHOLE) else {},
            {own: {self._kind: amount} for own, amount in typed.items() if own != WHOLE and amount},
        )
        return await asyncio.to_thread(budget_modes.switch, user_id, wanted, actor, dry_run=dry_run)


def hands(locale: str) -> rx.Component:
    return rx.cond(Hands.shown, rx.fragment(_card(locale), _preview(locale)))


def _mode(locale: str, mode: rx.Var[str]) -> rx.Component | rx.Var:
    return rx.match(mode, *[(one.value, say(locale, f"editing.mode.{one.value}")) for one in BudgetMode], "")


def _card(locale: str) -> rx.Component:
    return card(
        say(locale, "ui.hands.title"),
        rx.el.form(
            rx.el.p(say(locale, "ui.hands.text"), class_name="quiet"),
            rx.el.div(
                rx.el.div(
                    rx.el.label(say(locale, "ui.hands.to"), html_for="hands-to"),
                    rx.el.select(
                        *[
                            rx.cond(
                                Hands.now != one.value,
                                rx.el.option(say(locale, f"editing.mode.{one.value}"), value=one.value),
                            )
                            for one in BudgetMode
                        ],
                        id="hands-to",
                        name="to",
                        value=Hands.to,
                        on_change=Hands.choose,
                        class_name="input",
                    ),
                    rx.cond(
                        Hands.to == BudgetMode.SHARED.value,
                        rx.el.span(say(locale, "ui.hands.shared.text"), class_name="hint"),
                    ),
                    class_name="field",
                ),
                rx.foreach(Hands.amounts, _amount),
                class_name="asks",
            ),
            rx.cond(Hands.amounts.length() > 1, rx.el.p(Hands.parts, class_name="quiet small")),
            rx.el.p(Hands.wrong, class_name="wrong", role="alert", id="hands-wrong"),
            rx.el.div(
                button(say(locale, "ui.editor.preview"), type="submit", disabled=Hands.busy),
                class_name="acts",
            ),
            key=Hands.now + Hands.to,
            on_submit=Hands.preview,
            class_name="stack",
            no_validate=True,
        ),
        subtitle=rx.el.span(say(locale, "ui.hands.now"), " ", rx.el.b(_mode(locale, Hands.now))),
    )


def _amount(one: rx.Var[Amount]) -> rx.Component:
    return rx.el.div(
        rx.el.label(one.label, html_for="hands-" + one.name),
        rx.el.input(
            id="hands-" + one.name,
            name=one.name,
            type="number",
            default_value=one.value,
            input_mode="decimal",
            step=Hands.step,
            min="0",
            auto_complete="off",
            class_name="input",
            custom_attrs={"aria-describedby": "hands-wrong"},
        ),
        rx.cond(one.note != "", rx.el.span(one.note, class_name="hint")),
        class_name="field",
        key=one.name,
    )


def _preview(locale: str) -> rx.Component:
    return dialog(
        "hands",
        say(locale, "ui.hands.preview"),
        changes_table(locale, Hands.lines),
        rx.el.p(say(locale, "ui.editor.stake"), " ", rx.el.b(Hands.stake, class_name="num")),
        acts(
            locale,
            "hands",
            button(
                rx.fragment(
                    say(locale, "ui.editor.apply"), rx.cond(Hands.moved != "", " (" + Hands.moved + ")", "")
                ),
                kind="go",
                on_click=Hands.apply,
                disabled=Hands.busy,
            ),
        ),
    )
