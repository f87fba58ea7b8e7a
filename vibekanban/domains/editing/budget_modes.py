"""Moving the budgets of a campaign: from the campaign to its ad sets, back, and lent among them or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import columns, db
from vibekanban.core.errors import AppError
from vibekanban.core.queue import Lane
from vibekanban.domains.editing import budget_plans, edits, forms, limits, rules, stakes, watching
from vibekanban.domains.editing.budget_plans import Plan, Stand
from vibekanban.domains.editing.choices import BudgetMode
from vibekanban.domains.editing.comparing import Difference
from vibekanban.domains.editing.edits import Edit, Outcome
from vibekanban.domains.editing.errors import ChangedSince, Unconfirmed
from vibekanban.domains.editing.stakes import Stake
from vibekanban.domains.meta import changes, connections, money, objects, structure
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import AdSet, Campaign, Change, ChangeOutcome, Level, MetaAccount
from vibekanban.domains.meta.objects import Live

ACTION = changes.BUDGET_MODE
Budgets = Mapping[str, Any]  # daily_budget or lifetime_budget, in major units


@dataclass(frozen=True)
class Switch:
    """Who is to hold a campaign's budgets: `budget` when the campaign does, else `shares` by ad set.

    Ad sets are named by our id or by Meta's; every one that is not deleted or archived needs its share.
    """

    campaign: UUID | str
    mode: BudgetMode
    budget: Budgets = field(default_factory=dict)
    shares: Mapping[str, Budgets] = field(default_factory=dict)
    account_ids: Sequence[UUID] | None = None
    expecting: Mapping[str, Any] | None = None


def switch(
    user_id: UUID,
    wanted: Switch,
    actor: Actor,
    *,
    dry_run: bool = False,
    batch_id: UUID | None = None,
    reverts_id: UUID | None = None,
    lane: Lane = Lane.HUMAN,
) -> Outcome:
    """Move the budgets at Meta in one call and log it; opens its own short transactions, none during a call.

    Bid strategies move along unchanged. A mode that is held already is left alone: what its budgets are is an
    edit of the campaign or of its ad sets.
    """
    with db.transaction() as session:
        campaign = _campaign(session, user_id, wanted)
        account = session.get_one(MetaAccount, campaign.account_id)
        ours = _ours(session, campaign)
    with connections.opened(account.id, lane) as meta:
        stand = _stand(meta, campaign.meta_id, account.currency)
        live = Live.of(stand.campaign)
        if wanted.mode is stand.mode and not wanted.shares and wanted.expecting is None:
            edit = Edit(Level.CAMPAIGN, campaign.id, {**wanted.budget}, wanted.account_ids)
            return edits.apply(user_id, edit, actor, dry_run=dry_run, batch_id=batch_id, lane=lane)
        if wanted.expecting is not None:
            _check_unchanged(stand, wanted.expecting)
        rules.check_alive(stand.campaign, {"budget_mode": wanted.mode})
        plan = budget_plans.plan(
            stand, wanted.mode, wanted.budget, _named(wanted.shares, ours), limits.limits(meta, account)
        )
        differences = _differences(stand.shown, plan.after.shown)
        if dry_run:
            edits.told(lambda: meta.post(campaign.meta_id, **plan.params, **edits.DRY_RUN))
            at_stake = _stake(stand, plan, account, campaign)
            return Outcome(campaign, True, differences, live, live, stake=at_stake)
        with db.transaction() as session:
            change = changes.begin(
                session,
                campaign,
                level=Level.CAMPAIGN,
                object_id=campaign.id,
                action=ACTION,
                actor=actor,
                before=stand.shown,
                after=plan.after.shown,
                batch_id=batch_id,
                reverts_id=reverts_id,
            )
        after = _write(meta, campaign, plan, change)
    with db.transaction() as session:
        thing = _settle(session, account, change, after)
    return Outcome(thing, True, differences, live, Live.of(after.campaign), change.id)


def back(user_id: UUID, change: Change, actor: Actor, **how: Any) -> Outcome:
    """Bring the budgets back to who held them before a change; ChangedSince when they moved meanwhile."""
    before, after = change.before, change.after
    wanted = Switch(
        change.object_id,
        BudgetMode(before["budgetMode"]),
        budget_plans.budgets(before),
        {meta_id: budget_plans.budgets(share) for meta_id, share in before.get("adSetBudgets", {}).items()},
        expecting=after,
    )
    return switch(user_id, wanted, actor, reverts_id=change.id, **how)


def resolve(change: Change) -> ChangeOutcome:
    """Settle a stranded change by looking who holds the budgets now."""
    with db.transaction() as session:
        campaign = session.get_one(Campaign, change.object_id)
        account = session.get_one(MetaAccount, campaign.account_id)
    with connections.opened(account.id, Lane.TODAY) as meta:
        stand = _stand(meta, campaign.meta_id, account.currency)
    with db.transaction() as session:
        if budget_plans.same(stand.shown, change.after):
            _settle(session, account, change, stand)
            return ChangeOutcome.APPLIED
        changes.settle(session, change.id, ChangeOutcome.FAILED, error_code="not_applied")
        return ChangeOutcome.FAILED


@dataclass(frozen=True)
class Offer:
    """Who holds a campaign's budgets as we read it last, and what each ad set would get of equal parts.

    `budgets` are those held now, or the parts, by ad set; `whole` is what all of them are together.
    """

    campaign: Campaign
    account: MetaAccount
    mode: BudgetMode
    kind: str  # daily_budget or lifetime_budget
    ad_sets: Sequence[AdSet]
    budgets: Mapping[UUID, str]
    whole: str


def offer(session: Session, user_id: UUID, campaign_id: UUID) -> Offer:
    """What a page asks before the budgets change hands."""
    campaign = _campaign(session, user_id, Switch(campaign_id, BudgetMode.CAMPAIGN))
    account = session.get_one(MetaAccount, campaign.account_id)
    living = select(AdSet).where(
        AdSet.campaign_id == campaign.id, col(AdSet.effective_status).not_in(objects.GONE)
    )
    ad_sets = session.exec(living.order_by(col(AdSet.id))).all()
    mode = forms.mode_of(campaign)
    holders: Sequence[Campaign | AdSet] = [campaign] if mode is BudgetMode.CAMPAIGN else ad_sets
    kind = "lifetime_budget" if any(one.lifetime_budget for one in holders) else "daily_budget"
    amounts = [getattr(one, kind) or 0 for one in holders]
    parts = _even(sum(amounts), len(ad_sets)) if mode is BudgetMode.CAMPAIGN else amounts

    def written(minor: int) -> str:
        return money.text(money.budget(minor, account.currency), account.currency) or ""

    budgets = {one.id: written(part) for one, part in zip(ad_sets, parts, strict=True)}
    return Offer(campaign, account, mode, kind, ad_sets, budgets, written(sum(amounts)))


def _even(whole: int, count: int) -> list[int]:
    """Equal parts to the minor unit; what does not divide goes to the first."""
    if not count:
        return []
    part, left = divmod(whole, count)
    return [part + (1 if place < left else 0) for place in range(count)]


# -- before


def _campaign(session: Session, user_id: UUID, wanted: Switch) -> Campaign:
    found = objects.found(session, user_id, Level.CAMPAIGN, wanted.campaign, account_ids=wanted.account_ids)
    return session.get_one(Campaign, found.id)


def _ours(session: Session, campaign: Campaign) -> dict[str, str]:
    """Meta's ids of the campaign's ad sets by ours."""
    query = select(AdSet.id, AdSet.meta_id).where(col(AdSet.campaign_id) == campaign.id)
    return {str(own): meta_id for own, meta_id in session.exec(query)}


def _named(shares: Mapping[str, Budgets], ours: Mapping[str, str]) -> dict[str, Budgets]:
    return {ours.get(name.lower(), name): share for name, share in shares.items()}


def _stand(meta: Gateway, campaign: str, currency: str) -> Stand:
    row = meta.get(campaign, fields=structure.FIELDS[Level.CAMPAIGN])
    listed = [
        one
        for page in meta.pages(f"{campaign}/adsets", fields=structure.FIELDS[Level.AD_SET])
        for one in page
        if one.get("effective_status") not in objects.GONE
    ]
    return Stand(row, listed, currency)


def _check_unchanged(stand: Stand, expected: Mapping[str, Any]) -> None:
    if not budget_plans.same(stand.shown, expected):
        raise ChangedSince(
            {name: value for name, value in stand.shown.items() if expected.get(name) != value}
        )


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    names = dict.fromkeys((*before, *after))
    every = (Difference(name, before.get(name), after.get(name)) for name in names)
    return tuple(one for one in every if one.before != one.after)


def _stake(stand: Stand, plan: Plan, account: MetaAccount, campaign: Campaign) -> Stake:
    def moved(name: str) -> Decimal | None:
        return money.budget((plan.after.total(name) - stand.total(name)) or None, account.currency)

    spent = stakes.spent(account, Level.CAMPAIGN, campaign.meta_id)
    return Stake(account.currency, moved("daily_budget"), moved("lifetime_budget"), spent)


# -- writing


def _write(meta: Gateway, campaign: Campaign, plan: Plan, change: Change) -> Stand:
    currency = plan.after.currency

    def arrived(_: Gateway) -> bool:
        try:
            return budget_plans.same(_stand(meta, campaign.meta_id, currency).shown, plan.after.shown)
        except meta_errors.MetaError as error:
            raise Unconfirmed(service="meta") from error

    try:
        edits.told(lambda: meta.write_verified(campaign.meta_id, plan.params, arrived))
    except Unconfirmed:
        raise
    except meta_errors.UnknownOutcome as error:  # the second try got no answer either
        if not arrived(meta):
            edits.failed(change, error)
            raise
    except AppError as error:
        edits.failed(change, error)
        raise
    try:
        return _stand(meta, campaign.meta_id, currency)
    except meta_errors.MetaError as error:  # it is done; a job reads what became of it
        raise Unconfirmed(service="meta") from error


def _settle(session: Session, account: MetaAccount, change: Change, stand: Stand) -> Campaign:
    """Our rows of the campaign and its ad sets as Meta shows them now."""
    changes.settle(session, change.id, ChangeOutcome.APPLIED, after=stand.shown)
    structure.keep(session, account, Level.AD_SET, stand.ad_sets, read_at=columns.now())
    objects.refresh(session, Level.CAMPAIGN, change.object_id, stand.campaign)
    campaign = session.get_one(Campaign, change.object_id)
    watching.order(session, Level.CAMPAIGN, campaign)
    return campaign
