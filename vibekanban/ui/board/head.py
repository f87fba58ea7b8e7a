"""The head of the board: what all accounts spend today in one currency, and where their months will end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import reflex as rx

from vibekanban.core import columns, i18n
from vibekanban.core.errors import Invalid
from vibekanban.core.i18n import say
from vibekanban.domains.board import pacing
from vibekanban.domains.board.pacing import Standing
from vibekanban.domains.board.totals import Head
from vibekanban.domains.meta import campaigns
from vibekanban.ui import base, guard, shown
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.numbers import kpis
from vibekanban.ui.components.parts import (
    acts,
    button,
    close_dialog,
    dialog,
    field,
    open_dialog,
    pill,
    text_input,
)

TONES = {"over": "warn", "under": "info", "even": "good"}
MOST_CAMPAIGNS = 500


@dataclass
class Choice:
    id: str
    label: str


@dataclass
class Aim:
    """A target as the head shows it."""

    id: str
    name: str
    account: str
    spent: str
    part: int
    projected: str
    verdict: str
    tone: str


class BoardHead(rx.State):
    tiles: list[shown.Tile] = []
    rates: str = ""
    rate_list: list[str] = []
    left_out: str = ""
    month: str = ""
    aims: list[Aim] = []
    verdicts: list[Choice] = []
    accounts: list[Choice] = []
    campaigns: list[Choice] = []
    aiming_at: str = ""

    @guard.signed_in
    async def choose(self, account_id: str) -> None:
        """The campaigns of an account, to aim at one of them."""
        self.aiming_at, self.campaigns = account_id, []
        chosen = base.uuid_of(account_id)
        if chosen is not None:
            found = await base.run(
                self,
                campaigns.campaigns,
                account_ids=[chosen],
                sort=campaigns.Sort.NAME,
                limit=MOST_CAMPAIGNS,
            )
            self.campaigns = [Choice(str(row.campaign.id), row.campaign.name) for row in found.items]

    @guard.signed_in
    async def aim(self, form: dict[str, Any]) -> Any:
        """Set the target of this month."""
        account = base.uuid_of(str(form.get("target_account") or ""))
        if account is None:
            raise Invalid({"account": "board.field.account"})
        await base.run(
            self,
            pacing.aim,
            account_id=account,
            campaign_id=base.uuid_of(str(form.get("target_campaign") or "")),
            amount=_amount(form.get("amount")),
        )
        return [close_dialog("board-aim"), rx.toast.success(say(locale_of(self), "board.target.saved"))]

    @guard.signed_in
    async def forget(self, target_id: str) -> Any:
        await base.run(self, pacing.forget, UUID(target_id))
        return rx.toast.success(say(locale_of(self), "board.target.gone"))

    def _take(self, head: Head, standings: list[Standing], own: Mapping[str, str], locale: str) -> None:
        currency = head.spend.currency
        values = {"spend": head.spend.amount, "revenue": head.revenue.amount, "roas": head.roas}
        self.tiles = [
            shown.Tile(say(locale, f"board.today.{name}"), shown.metric(name, value, currency, locale))
            for name, value in values.items()
        ]
        budget = shown.money(head.budget.amount, currency, locale)
        self.tiles.append(shown.Tile(say(locale, "board.head.budget"), budget))
        self.rates = (
            say(locale, "board.head.rates", currency=currency, day=i18n.day(head.spend.day, locale))
            if head.spend.day
            else ""
        )
        self.rate_list = [
            say(
                locale,
                "board.head.rate",
                currency=currency,
                rate=i18n.number(rate, locale, decimals=4),
                other=name,
            )
            for name, rate in head.spend.rates.items()
        ]
        amounts = " · ".join(
            shown.money(amount, name, locale) for name, amount in head.spend.left_out.items()
        )
        self.left_out = say(locale, "board.head.left_out", amounts=amounts) if amounts else ""
        # at the turn of a month accounts in the west are still in the one before
        months = {one.target.month for one in standings} or {columns.now().date()}
        self.month = " · ".join(i18n.month(one, locale).capitalize() for one in sorted(months))
        self.aims = [_aim(one, locale) for one in standings]
        counted = Counter(one.verdict for one in standings if one.verdict)
        self.verdicts = [
            Choice(TONES[name], f"{say(locale, f'board.target.{name}')}: {counted[name]}")
            for name in TONES
            if counted[name]
        ]
        self.accounts = [Choice(account_id, name) for account_id, name in own.items()]


def month_of(standing: Standing | None, locale: str) -> tuple[str, str]:
    """How a card says where its month stands: `Mes: 104 %` of the target at this rate, and the tone of that."""
    if standing is None or standing.projected is None:
        return "", ""
    percent = i18n.percent(standing.projected / standing.amount, locale, decimals=0)
    return say(locale, "board.month", percent=percent), TONES[standing.verdict]


def _aim(one: Standing, locale: str) -> Aim:
    currency = one.target.currency
    projected = (
        say(locale, "board.target.early")
        if one.projected is None
        else say(locale, "board.target.projected", amount=shown.money(one.projected, currency, locale))
    )
    return Aim(
        id=str(one.target.id),
        name=one.name,
        account=one.account.name if one.campaign else "",
        spent=say(
            locale,
            "board.target.of",
            spent=shown.money(one.spent, currency, locale),
            amount=shown.money(one.amount, currency, locale),
        ),
        part=int(min(Decimal(100), one.spent / one.amount * 100)),
        projected=projected,
        verdict=say(locale, f"board.target.{one.verdict}") if one.verdict else "",
        tone=TONES.get(one.verdict, ""),
    )


def _amount(text: Any) -> Decimal:
    """Written with a comma or a point."""
    try:
        return Decimal(str(text or "").strip().replace(" ", "").replace(",", "."))
    except InvalidOperation as error:
        raise Invalid({"amount": "board.field.amount"}) from error


# -- the parts of the page


def head(locale: str) -> rx.Component:
    return rx.fragment(
        rx.el.section(
            rx.el.h2(say(locale, "board.head"), class_name="sr"),
            kpis(BoardHead.tiles),
            rx.cond(
                BoardHead.rates != "",
                rx.el.details(
                    rx.el.summary(BoardHead.rates),
                    rx.el.p(rx.foreach(BoardHead.rate_list, lambda one: rx.el.span(one, class_name="rate"))),
                    class_name="small quiet rates",
                ),
            ),
            rx.cond(
                BoardHead.left_out != "",
                rx.el.p(BoardHead.left_out, class_name="small quiet"),
            ),
            class_name="board-head",
        ),
        rx.cond(BoardHead.accounts.length() > 0, _targets(locale)),
        _aiming(locale),
    )


def _targets(locale: str) -> rx.Component:
    """Folded away: its line says how many months are off, the cards below are what people come for."""
    return rx.el.section(
        rx.el.details(
            rx.el.summary(
                rx.el.span(say(locale, "board.targets"), class_name="strong"),
                rx.el.span(BoardHead.month, class_name="small quiet"),
                rx.foreach(BoardHead.verdicts, lambda one: pill(one.label, one.id)),
            ),
            rx.cond(
                BoardHead.aims.length() > 0,
                rx.el.ul(rx.foreach(BoardHead.aims, lambda one: _row(locale, one)), class_name="plain aims"),
                rx.el.p(say(locale, "board.target.none"), class_name="small quiet"),
            ),
        ),
        button(say(locale, "board.target.aim"), kind="small", on_click=open_dialog("board-aim")),
        class_name="card months",
        custom_attrs={"aria-label": say(locale, "board.targets")},
    )


def _row(locale: str, one: rx.Var[Aim]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(
                rx.el.b(one.name), rx.cond(one.account != "", " · " + one.account, ""), class_name="clip"
            ),
            rx.cond(one.verdict != "", pill(one.verdict, one.tone)),
            button(
                rx.fragment(
                    "×", rx.el.span(say(locale, "board.target.forget"), " ", one.name, class_name="sr")
                ),
                kind="small icon",
                on_click=BoardHead.forget(one.id),
            ),
            class_name="line",
        ),
        rx.el.div(
            rx.el.i(style={"width": one.part.to_string() + "%"}),
            class_name=rx.Var.create("bar thin ") + one.tone,
            custom_attrs={"aria-hidden": "true"},
        ),
        rx.el.div(
            rx.el.span(one.spent, class_name="num"),
            rx.el.span(one.projected, class_name="num quiet"),
            class_name="line small",
        ),
    )


def _aiming(locale: str) -> rx.Component:
    return dialog(
        "board-aim",
        say(locale, "board.target.aim.title"),
        rx.el.form(
            field(
                "target_account",
                say(locale, "board.target.account"),
                rx.el.select(
                    rx.el.option("—", value=""),
                    rx.foreach(BoardHead.accounts, lambda one: rx.el.option(one.label, value=one.id)),
                    id="target_account",
                    name="target_account",
                    value=BoardHead.aiming_at,
                    on_change=BoardHead.choose,
                    required=True,
                    class_name="input",
                ),
            ),
            field(
                "target_campaign",
                say(locale, "board.target.campaign"),
                rx.el.select(
                    rx.el.option(say(locale, "board.target.campaign.none"), value=""),
                    rx.foreach(BoardHead.campaigns, lambda one: rx.el.option(one.label, value=one.id)),
                    id="target_campaign",
                    name="target_campaign",
                    class_name="input",
                ),
            ),
            field(
                "amount",
                say(locale, "board.target.amount"),
                text_input("amount", required=True, input_mode="decimal", auto_complete="off"),
            ),
            acts(locale, "board-aim", button(say(locale, "board.target.save"), kind="go", type="submit")),
            on_submit=BoardHead.aim,
            class_name="stack",
        ),
    )
