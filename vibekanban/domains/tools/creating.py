"""Tools that make campaigns, ad sets and ads."""

from __future__ import annotations

from uuid import UUID

from vibekanban.core import db
from vibekanban.domains.editing import creating
from vibekanban.domains.editing.creating import Draft, Made
from vibekanban.domains.meta import objects
from vibekanban.domains.meta.models import Level, MetaAccount
from vibekanban.domains.tools import making, reach, settable, writing
from vibekanban.domains.tools.making import Job, Product
from vibekanban.domains.tools.shapes import Reference
from vibekanban.domains.tools.tool import Context, Done
from vibekanban.domains.tools.writing import Budgets, Writing


class _Birth(Writing):
    status: settable.Birth = "PAUSED"


class _Campaign(_Birth):
    account_id: Reference


class _AdSet(_Birth):
    campaign_id: Reference


class _Ad(_Birth):
    ad_set_id: Reference


CreateCampaign = settable.making(_Campaign, Level.CAMPAIGN, ("name", "objective"))
CreateAdSet = settable.making(_AdSet, Level.AD_SET, ("name", "optimization_goal", "targeting"))
CreateAd = settable.making(_Ad, Level.AD, ("name", "creative_id"))


def campaign(context: Context, asked: _Campaign) -> Done:
    with db.transaction() as session:
        account = reach.account(session, context.caller, asked.account_id)
    return _make(context, asked, "create_campaign", Level.CAMPAIGN, account, account.id)


def ad_set(context: Context, asked: _AdSet) -> Done:
    return _make(
        context, asked, "create_ad_set", Level.AD_SET, *_above(context, asked.campaign_id, Level.CAMPAIGN)
    )


def ad(context: Context, asked: _Ad) -> Done:
    return _make(context, asked, "create_ad", Level.AD, *_above(context, asked.ad_set_id, Level.AD_SET))


def _above(context: Context, reference: str, level: Level) -> tuple[MetaAccount, UUID]:
    caller = context.caller
    with db.transaction() as session:
        found = objects.found(session, caller.user_id, level, reference, account_ids=caller.account_ids)
        return session.get_one(MetaAccount, found.account_id), found.id


def _make(
    context: Context, asked: _Birth, tool: str, level: Level, account: MetaAccount, parent: UUID
) -> Done:
    caller = context.caller
    values = settable.given(asked, {"account_id", "campaign_id", "ad_set_id"})
    draft = Draft(level, parent, values, caller.account_ids)
    actor = writing.acting(context)
    job: Job[Made] = Job(
        tool=tool,
        words="create",
        level=level,
        account=account,
        name=str(values["name"]),
        starts=asked.status == "ACTIVE",
        preview=lambda: creating.create(caller.user_id, draft, actor, dry_run=True),
        act=lambda: creating.create(caller.user_id, draft, actor),
        budgets=_budgets,
        product=lambda made: Product(made.thing, made.differences, made.stake, made.change_id),
    )
    return making.made(context, asked, job)


def _budgets(tried: Made) -> Budgets:
    """A new object's budgets come out of nothing: ceilings are for them, percents are not."""
    return {
        "dailyBudget": (None, tried.stake.daily_budget_delta),
        "lifetimeBudget": (None, tried.stake.lifetime_budget_delta),
    }
