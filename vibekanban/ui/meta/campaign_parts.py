"""What a campaign consists of: its ad sets and ads, why they deliver or do not, and what can be done to each."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from vibekanban.core.i18n import catalogue, known, say
from vibekanban.domains.meta import money, overview
from vibekanban.domains.meta.models import Ad, AdSet, Level
from vibekanban.ui import guard, shown
from vibekanban.ui.base import locale_of, path
from vibekanban.ui.components.parts import anchor, button, card, head, pill, table
from vibekanban.ui.editing import delivery
from vibekanban.ui.editing.acting import Acting


@dataclass
class Part:
    """An ad set or an ad."""

    id: str
    level: str
    name: str
    about: str  # the goal of an ad set, the ad set of an ad
    budget: str
    status: str
    tone: str
    why: list[str]
    on: bool
    alive: bool  # and one's own: it can be changed
    ad_set_id: str


class Parts(rx.State):
    ad_sets: list[Part] = []
    ads: list[Part] = []
    ad_set_id: str = ""
    listed: list[Part] = []
    mine: bool = True

    @guard.signed_in
    async def only(self, ad_set_id: str) -> None:
        """Show the ads of one ad set, or of all."""
        self.ad_set_id = ad_set_id
        self._list()

    def _show(self, found: overview.Detail, *, mine: bool) -> None:
        self.mine = mine
        locale, currency = locale_of(self), found.connected.account.currency
        names = {one.id: one.name for one in found.ad_sets}
        self.ad_sets = [
            _part(one, Level.AD_SET, _goal(one, locale), _budget(one, currency, locale), locale, mine)
            for one in found.ad_sets
        ]
        self.ads = [_part(one, Level.AD, names.get(one.ad_set_id, ""), "", locale, mine) for one in found.ads]
        if self.ad_set_id not in {one.id for one in self.ad_sets}:
            self.ad_set_id = ""
        self._list()

    def _list(self) -> None:
        self.listed = [one for one in self.ads if self.ad_set_id in {"", one.ad_set_id}]


def _part(one: AdSet | Ad, level: Level, about: str, budget: str, locale: str, mine: bool) -> Part:
    return Part(
        str(one.id),
        level.value,
        one.name,
        about,
        budget,
        *shown.status(one.effective_status, locale),
        delivery.why(one, locale),
        one.status == "ACTIVE",
        mine and one.status in {"ACTIVE", "PAUSED"},
        str(one.ad_set_id) if isinstance(one, Ad) else "",
    )


def _goal(one: AdSet, locale: str) -> str:
    texts = catalogue(known(locale))
    plain = one.optimization_goal.replace("_", " ").capitalize()
    return texts.get(f"editing.choice.{one.optimization_goal}", plain)


def _budget(one: AdSet, currency: str, locale: str) -> str:
    for kind, held in (("daily", one.daily_budget), ("lifetime", one.lifetime_budget)):
        if held is not None:
            amount = shown.money(money.budget(held, currency), currency, locale)
            return f"{amount} {say(locale, f'ui.campaign.budget.{kind}')}"
    return "—"


# -- on the page


def parts(locale: str, campaign_id: rx.Var[str]) -> rx.Component:
    return rx.fragment(
        card(
            say(locale, "ui.campaign.adsets"),
            rx.cond(
                Parts.ad_sets.length() > 0,
                _table(locale, Parts.ad_sets, Level.AD_SET),
                rx.el.p(say(locale, "ui.parts.ad_sets.none"), class_name="quiet"),
            ),
            aside=_new(locale, Level.AD_SET, campaign_id),
        ),
        card(
            say(locale, "ui.parts.ads"),
            rx.cond(
                Parts.listed.length() > 0,
                _table(locale, Parts.listed, Level.AD),
                rx.el.p(say(locale, "ui.parts.ads.none"), class_name="quiet"),
            ),
            aside=rx.el.div(
                rx.el.select(
                    rx.el.option(say(locale, "ui.parts.all"), value=""),
                    rx.foreach(Parts.ad_sets, lambda one: rx.el.option(one.name, value=one.id)),
                    value=Parts.ad_set_id,
                    on_change=Parts.only,
                    class_name="input narrow",
                    custom_attrs={"aria-label": say(locale, "ui.parts.of")},
                ),
                rx.cond(Parts.ad_set_id != "", _new(locale, Level.AD, Parts.ad_set_id)),
                class_name="spread",
            ),
        ),
    )


def _new(locale: str, level: Level, parent: rx.Var[str]) -> rx.Component:
    key = "ui.parts.new_ad_set" if level is Level.AD_SET else "ui.parts.new_ad"
    href = path(locale, "/app/new") + f"?level={level.value}&parent=" + parent
    return rx.cond(Parts.mine, anchor(say(locale, key), href, kind="small", symbol="plus"))


def _table(locale: str, rows: rx.Var[list[Part]], level: Level) -> rx.Component:
    sets = level is Level.AD_SET
    caption = say(locale, "ui.campaign.adsets" if sets else "ui.parts.ads")
    about = say(locale, "ui.campaign.goal" if sets else "ui.parts.of")
    return table(
        caption,
        [
            head(say(locale, "ui.column.name")),
            head(say(locale, "ui.column.status")),
            head(about),
            *([head(say(locale, "ui.column.budget"), number=True)] if sets else []),
            head(rx.el.span(say(locale, "ui.parts.acts"), class_name="sr")),
        ],
        rx.foreach(rows, lambda one: _row(locale, one, sets)),
    )


def _row(locale: str, one: rx.Var[Part], sets: bool) -> rx.Component:
    edit = path(locale, "/app/edit") + "?level=" + one.level + "&id=" + one.id
    return rx.el.tr(
        rx.el.td(rx.cond(one.alive, rx.el.a(one.name, href=edit), one.name)),
        rx.el.td(
            pill(one.status, one.tone),
            rx.foreach(one.why, lambda reason: rx.el.div(reason, class_name="small quiet")),
        ),
        rx.el.td(one.about),
        *([rx.el.td(one.budget, class_name="n num")] if sets else []),
        rx.el.td(
            rx.cond(
                one.alive,
                rx.el.div(
                    rx.cond(
                        one.on,
                        _act(locale, one, "pause", "pause"),
                        _act(locale, one, "resume", "play"),
                    ),
                    anchor(say(locale, "ui.action.edit"), edit, kind="small"),
                    _act(locale, one, "copy"),
                    class_name="acts",
                ),
            ),
            class_name="n",
        ),
    )


def _act(locale: str, one: rx.Var[Part], verb: str, symbol: str = "") -> rx.Component:
    return button(
        say(locale, f"ui.action.{verb}"),
        kind="small",
        symbol=symbol,
        on_click=Acting.ask(verb, one.level, one.id),
    )
