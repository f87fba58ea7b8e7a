"""Tools that copy campaigns, ad sets and ads."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlmodel import Session, col, select

from vibekanban.core import db
from vibekanban.domains.editing import copying
from vibekanban.domains.editing.comparing import Difference
from vibekanban.domains.editing.copying import Copied, CopyOrder
from vibekanban.domains.meta import money, objects
from vibekanban.domains.meta.models import AdSet, Campaign, Level, MetaAccount
from vibekanban.domains.meta.objects import Thing
from vibekanban.domains.tools import making, writing
from vibekanban.domains.tools.making import Job, MadeObject, Product
from vibekanban.domains.tools.shapes import Optional, Reference
from vibekanban.domains.tools.tool import Context, Done
from vibekanban.domains.tools.writing import Budgets, Writing

Affix = Annotated[str, Field(max_length=100)]


class CopiedObject(MadeObject):
    """`objects` counts what is made of each level; `dailyBudget` is what all of it may spend a day when it runs."""

    source_id: str
    objects: dict[str, int]
    daily_budget: str | None
    currency: str


class _Copy(Writing):
    """The new name is the old one between `prefix` and `suffix`."""

    status: Literal["PAUSED", "ACTIVE", "INHERITED_FROM_SOURCE"] = "PAUSED"
    prefix: Affix = ""
    suffix: Affix = ""


class CopyCampaign(_Copy):
    campaign_id: Reference
    deep: bool = False


class CopyAdSet(_Copy):
    ad_set_id: Reference
    deep: bool = False
    into_campaign_id: Reference | Optional = None


class CopyAd(_Copy):
    ad_id: Reference
    into_ad_set_id: Reference | Optional = None


def campaign(context: Context, asked: CopyCampaign) -> Done:
    return _copy(context, asked, "copy_campaign", Level.CAMPAIGN, asked.campaign_id, deep=asked.deep)


def ad_set(context: Context, asked: CopyAdSet) -> Done:
    into = asked.into_campaign_id
    return _copy(context, asked, "copy_ad_set", Level.AD_SET, asked.ad_set_id, deep=asked.deep, into=into)


def ad(context: Context, asked: CopyAd) -> Done:
    return _copy(context, asked, "copy_ad", Level.AD, asked.ad_id, into=asked.into_ad_set_id)


def _copy(
    context: Context,
    asked: _Copy,
    tool: str,
    level: Level,
    reference: str,
    *,
    deep: bool = False,
    into: str | None = None,
) -> Done:
    caller = context.caller
    with db.transaction() as session:
        source = objects.found(session, caller.user_id, level, reference, account_ids=caller.account_ids)
        account = session.get_one(MetaAccount, source.account_id)
        budgets = _budgets(session, source, account, deep=deep)
    order = CopyOrder(
        level,
        source.id,
        deep=deep,
        status=asked.status,
        prefix=asked.prefix,
        suffix=asked.suffix,
        into=into,
        account_ids=caller.account_ids,
    )
    actor = writing.acting(context)
    job: Job[Copied] = Job(
        tool=tool,
        words="copy",
        level=level,
        account=account,
        name=source.name,
        starts=asked.status != "PAUSED",
        preview=lambda: copying.copy(caller.user_id, order, actor, dry_run=True),
        act=lambda: copying.copy(caller.user_id, order, actor),
        budgets=lambda _: budgets,
        product=lambda copied: Product(copied.thing, _made(copied), change_id=copied.change_id),
    )

    def more(copied: Copied | None) -> dict[str, Any]:
        return {
            "source_id": str(source.id),
            "objects": {one.value: count for one, count in copied.objects.items()} if copied else {},
            "daily_budget": copied.daily_budget if copied else None,
            "currency": account.currency,
        }

    return making.made(context, asked, job, shape=CopiedObject, more=more)


def _made(copied: Copied) -> tuple[Difference, ...]:
    """What a person is shown who decides about it."""
    told = {one.value: count for one, count in copied.objects.items()}
    budget = [Difference("dailyBudget", None, copied.daily_budget)] if copied.daily_budget else []
    return (*(Difference(name, None, count) for name, count in told.items()), *budget)


def _budgets(session: Session, source: Thing, account: MetaAccount, *, deep: bool) -> Budgets:
    """The largest budget of each kind that a copy brings: a ceiling holds for every single object."""
    holders: list[Campaign | AdSet] = [source] if isinstance(source, Campaign | AdSet) else []
    if deep and isinstance(source, Campaign):
        query = select(AdSet).where(
            AdSet.campaign_id == source.id, col(AdSet.effective_status).not_in(objects.GONE)
        )
        holders += session.exec(query)

    def largest(name: str) -> Decimal | None:
        held = [amount for one in holders if (amount := getattr(one, name)) is not None]
        return money.budget(max(held), account.currency) if held else None

    return {
        "dailyBudget": (None, largest("daily_budget")),
        "lifetimeBudget": (None, largest("lifetime_budget")),
    }
