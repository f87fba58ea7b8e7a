"""What a form asks for: the fields of a level, their choices and limits, and the keys of their texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Session

from vibekanban.core import columns, db
from vibekanban.core.errors import AppError, NotFound
from vibekanban.core.queue import Lane
from vibekanban.domains.editing import choices, fields, limits
from vibekanban.domains.editing.choices import BudgetMode
from vibekanban.domains.editing.fields import Kind
from vibekanban.domains.editing.limits import Limits
from vibekanban.domains.meta import accounts, connections, money, objects
from vibekanban.domains.meta.models import AdSet, Campaign, Level, MetaAccount
from vibekanban.domains.meta.objects import Thing


class Group(StrEnum):
    """Fields that stand together; its title is `editing.group.<value>`."""

    BASICS = "basics"
    CATEGORIES = "categories"
    BUDGET = "budget"
    BIDDING = "bidding"
    SCHEDULE = "schedule"
    AUDIENCE = "audience"
    PROMOTION = "promotion"
    TRANSPARENCY = "transparency"
    CREATIVE = "creative"


@dataclass(frozen=True)
class Choice:
    """One value to choose; `key` is its text."""

    value: str
    key: str


@dataclass(frozen=True)
class Control:
    """One field of a form: `name` is that of bodies, errors and the change log.

    Its label is `key`; `minimum` and `decimals` hold for money, `most` is a length; `parts` are the members that a
    document must name; of the controls of one `either` at most one is filled in.
    """

    name: str
    kind: Kind
    group: Group
    required: bool = False
    choices: tuple[Choice, ...] = ()
    minimum: str | None = None
    decimals: int | None = None
    most: int | None = None
    parts: tuple[str, ...] = ()
    either: str = ""

    @property
    def key(self) -> str:
        return f"editing.field.{self.name}"


@dataclass(frozen=True)
class Setting:
    """What decides about the fields; an empty `goal` or `bid_strategy` stands for the usual one."""

    level: Level
    currency: str
    making: bool = True
    objective: str = ""
    budget_mode: BudgetMode = BudgetMode.CAMPAIGN
    goal: str = ""
    bid_strategy: str = ""
    budget: str = ""  # the kind that is held already: daily_budget or lifetime_budget
    started: bool = False
    limits: Limits | None = None
    timezone: str = "UTC"  # the account's, in which people write moments


@dataclass(frozen=True)
class Form:
    """The controls of a setting, in order, and the values they begin with, as the API writes them."""

    setting: Setting
    controls: tuple[Control, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    campaign_id: UUID | None = None  # the campaign it is, or that it is part of
    account_id: UUID | None = None


def controls(setting: Setting) -> tuple[Control, ...]:
    """The controls of a campaign, an ad set or an ad in this setting; ask again when a choice changes."""
    return tuple(_OF_LEVEL[setting.level](setting))


def blank(user_id: UUID, level: Level, parent: UUID) -> Form:
    """The form of a new object under an account, a campaign or an ad set; Meta may be asked for limits."""
    with db.transaction() as session:
        account, above = _under(session, user_id, level, parent)
    campaign_id = above.campaign_id if isinstance(above, AdSet) else above.id if above else None
    campaign = above if isinstance(above, Campaign) else None
    setting = _setting(level, account, None, campaign, limits=_limits(account))
    return Form(setting, controls(setting), {"status": "PAUSED"}, campaign_id, account.id)


def filled(user_id: UUID, level: Level, object_id: UUID) -> Form:
    """The form of an object that is there, with our copy of its values; Meta may be asked for limits."""
    with db.transaction() as session:
        thing = objects.found(session, user_id, level, object_id)
        account = session.get_one(MetaAccount, thing.account_id)
        above = session.get_one(Campaign, thing.campaign_id) if isinstance(thing, AdSet) else None
    setting = _setting(level, account, thing, above, limits=_limits(account))
    shown = controls(setting)
    campaign_id = thing.id if isinstance(thing, Campaign) else thing.campaign_id
    return Form(setting, shown, _values(level, thing, account.currency, shown), campaign_id, account.id)


# -- campaigns


def _campaign(setting: Setting) -> Iterable[Control]:
    yield Control("name", Kind.TEXT, Group.BASICS, required=True, most=400)
    if setting.making:
        objectives = _choices(choices.OBJECTIVES)
        yield Control("objective", Kind.CHOICE, Group.BASICS, required=True, choices=objectives)
    yield _status(setting)
    categories = _choices(choices.CATEGORIES)
    yield Control("specialAdCategories", Kind.CHOICES, Group.CATEGORIES, choices=categories)
    yield Control("specialAdCategoryCountry", Kind.CHOICES, Group.CATEGORIES)
    if setting.budget_mode is BudgetMode.CAMPAIGN:
        yield from _budgets(setting, required=setting.making)
        yield Control("bidStrategy", Kind.CHOICE, Group.BIDDING, choices=_choices(choices.BID_STRATEGIES))
    cap = setting.limits.least_spend_cap if setting.limits else None
    yield _amount(setting, "spendCap", Group.BUDGET, least=cap)
    yield from _schedule(setting, "stopTime")


# -- ad sets


def _ad_set(setting: Setting) -> Iterable[Control]:
    goals = choices.GOALS.get(setting.objective, ())
    goal = setting.goal or next(iter(goals), "")
    yield Control("name", Kind.TEXT, Group.BASICS, required=True, most=400)
    yield _status(setting)
    yield Control(
        "optimizationGoal", Kind.CHOICE, Group.PROMOTION, required=setting.making, choices=_choices(goals)
    )
    paid = [name for name, only in choices.BILLING.items() if not only or goal in only]
    yield Control("billingEvent", Kind.CHOICE, Group.PROMOTION, choices=_choices(paid))
    parts = choices.promoted(setting.objective, goal)
    if parts:
        events = _choices(choices.EVENTS) if "custom_event_type" in parts else ()
        yield Control(
            "promotedObject", Kind.DOCUMENT, Group.PROMOTION, required=True, parts=parts, choices=events
        )
    if setting.budget_mode is not BudgetMode.CAMPAIGN:
        yield from _budgets(setting, required=setting.making)
        strategies = _choices(
            one for one in choices.BID_STRATEGIES if one != choices.MIN_ROAS or goal == "VALUE"
        )
        yield Control("bidStrategy", Kind.CHOICE, Group.BIDDING, choices=strategies)
    if setting.bid_strategy in choices.CAPPED:
        yield _amount(setting, "bidAmount", Group.BIDDING, required=True)
    if setting.bid_strategy == choices.MIN_ROAS:
        yield Control("roasFloor", Kind.RATIO, Group.BIDDING, required=True)
    yield from _schedule(setting, "endTime")
    yield Control("targeting", Kind.DOCUMENT, Group.AUDIENCE, required=setting.making)
    if setting.limits is not None:
        for name, known in (
            ("dsaBeneficiary", setting.limits.names_beneficiary),
            ("dsaPayor", setting.limits.names_payor),
        ):
            if not known:
                yield Control(name, Kind.TEXT, Group.TRANSPARENCY, most=512)


def _ad(setting: Setting) -> Iterable[Control]:
    yield Control("name", Kind.TEXT, Group.BASICS, required=True, most=400)
    yield _status(setting)
    yield Control("creativeId", Kind.TEXT, Group.CREATIVE, required=setting.making)
    yield Control("conversionDomain", Kind.TEXT, Group.CREATIVE, most=253)


_OF_LEVEL = {Level.CAMPAIGN: _campaign, Level.AD_SET: _ad_set, Level.AD: _ad}


# -- shared controls


def _status(setting: Setting) -> Control:
    known = ("PAUSED", "ACTIVE") if setting.making else ("PAUSED", "ACTIVE", "ARCHIVED")
    return Control("status", Kind.CHOICE, Group.BASICS, choices=_choices(known))


def _budgets(setting: Setting, *, required: bool) -> Iterable[Control]:
    """Both kinds to choose from, or the one that is held: the kind of a budget never changes."""
    kinds = [setting.budget] if setting.budget else list(fields.BUDGETS)
    if setting.budget_mode is BudgetMode.SHARED:
        kinds = ["daily_budget"]
    least = setting.limits.least_daily() if setting.limits else None
    for kind in kinds:
        name = fields.EDITABLE[setting.level][kind].shown_name
        either = "budget" if len(kinds) > 1 else ""
        yield _amount(setting, name, Group.BUDGET, least=least, required=required, either=either)


def _schedule(setting: Setting, end: str) -> Iterable[Control]:
    if not setting.started:
        yield Control("startTime", Kind.MOMENT, Group.SCHEDULE)
    lifetime = setting.budget == "lifetime_budget" and setting.level is Level.AD_SET
    yield Control(end, Kind.MOMENT, Group.SCHEDULE, required=lifetime)


def _amount(
    setting: Setting,
    name: str,
    group: Group,
    *,
    least: int | None = None,
    required: bool = False,
    either: str = "",
) -> Control:
    return Control(
        name,
        Kind.MONEY,
        group,
        required=required,
        minimum=money.text(money.budget(least, setting.currency), setting.currency) if least else None,
        decimals=money.decimals(setting.currency),
        either=either,
    )


def _choices(values: Iterable[str]) -> tuple[Choice, ...]:
    return tuple(Choice(value, f"editing.choice.{value}") for value in values)


# -- of what is there


def _under(session: Session, user_id: UUID, level: Level, parent: UUID) -> tuple[MetaAccount, Thing | None]:
    if level is Level.CAMPAIGN:
        return accounts.account(session, user_id, parent), None
    above = objects.found(session, user_id, Level.CAMPAIGN if level is Level.AD_SET else Level.AD_SET, parent)
    return session.get_one(MetaAccount, above.account_id), above


def _limits(account: MetaAccount) -> Limits | None:
    """The account's limits, or None: a form without minimums is better than none."""
    try:
        with connections.opened(account.id, Lane.HUMAN) as meta:
            return limits.limits(meta, account)
    except NotFound:
        raise
    except AppError:
        return None


def _setting(
    level: Level, account: MetaAccount, thing: Thing | None, above: Campaign | None, *, limits: Limits | None
) -> Setting:
    campaign = thing if isinstance(thing, Campaign) else above
    budget = ""
    if isinstance(thing, Campaign | AdSet):
        held = [name for name in fields.BUDGETS if getattr(thing, name) is not None]
        budget = held[0] if held else ""
    start = thing.start_time if isinstance(thing, Campaign | AdSet) else None
    strategy = thing.bid_strategy if isinstance(thing, AdSet) else ""
    return Setting(
        level,
        account.currency,
        making=thing is None,
        objective=campaign.objective if campaign else "",
        budget_mode=mode_of(campaign) if campaign else BudgetMode.CAMPAIGN,
        goal=thing.optimization_goal if isinstance(thing, AdSet) else "",
        bid_strategy=strategy or (campaign.bid_strategy if campaign else ""),
        budget=budget,
        started=start is not None and start <= columns.now(),
        limits=limits,
        timezone=account.timezone,
    )


def mode_of(campaign: Campaign) -> BudgetMode:
    """Who holds the budget."""
    if campaign.daily_budget is not None or campaign.lifetime_budget is not None:
        return BudgetMode.CAMPAIGN
    return BudgetMode.SHARED if campaign.is_adset_budget_sharing_enabled else BudgetMode.AD_SETS


def _values(level: Level, thing: Thing, currency: str, shown: Iterable[Control]) -> dict[str, Any]:
    wanted = {control.name for control in shown}
    found: dict[str, Any] = {}
    for known in fields.EDITABLE[level].values():
        if known.shown_name not in wanted:
            continue
        if known.name == "roas_floor":
            value = fields.read(known, {"bid_constraints": getattr(thing, "bid_constraints", {})})
        elif not hasattr(thing, known.name):
            continue
        else:
            value = getattr(thing, known.name)
        found[known.shown_name] = fields.shown(known, value, currency)
    return found
