"""What a bulk edit, or undoing one, comes to for every object: before, after, and what Meta would refuse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from vibekanban.core import db, logging
from vibekanban.core.errors import AppError, Conflict, Invalid, NotFound
from vibekanban.core.queue import Lane
from vibekanban.domains.editing import bulk_actions, comparing, fields, handing, pace, rules, undoing
from vibekanban.domains.editing import limits as account_limits
from vibekanban.domains.editing.bulk_actions import Deed
from vibekanban.domains.editing.errors import NotRevertible
from vibekanban.domains.editing.handing import Handing
from vibekanban.domains.editing.limits import Limits
from vibekanban.domains.editing.situation import Situation
from vibekanban.domains.editing.trouble import Trouble
from vibekanban.domains.meta import changes, connections, objects
from vibekanban.domains.meta.models import AdSet, Campaign, Change, ChangeOutcome, Level, MetaAccount
from vibekanban.domains.meta.objects import Thing

MONEY = ("daily_budget", "lifetime_budget", "bid_amount")
WORDS = ("bid_strategy", "billing_event", "optimization_goal", "objective")
MOMENTS = ("start_time", "end_time", "stop_time")

log = logging.logger(__name__)


@dataclass(frozen=True)
class Planned:
    """One object of a bulk edit; `values` are cleaned, `before` and `after` as the change log writes them."""

    object_id: UUID
    level: Level
    thing: Thing | None = None
    account: MetaAccount | None = None
    row: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    trouble: Trouble | None = None
    reverts_id: UUID | None = None
    said_name: str = ""
    asked: bool = False  # whether Meta itself was asked about it
    handing: Handing | None = None  # budgets that change hands: more than fields of one object

    @property
    def name(self) -> str:
        return self.thing.name if self.thing else self.said_name

    @property
    def acts(self) -> bool:
        """Whether anything would be written."""
        return self.trouble is None and bool(self.values or self.handing)

    @property
    def same(self) -> bool:
        """Whether it is so already, as far as we know."""
        return self.trouble is None and not self.acts

    @property
    def sent(self) -> dict[str, Any]:
        """What Meta would be told."""
        return self.handing.plan.params if self.handing else fields.sent(self.values, self.level)


def planned(user_id: UUID, ids: Sequence[UUID], deed: Deed) -> list[Planned]:
    """Every object in the order of the ids; NotFound when none of them is the user's.

    From what was read last, so that looking at five hundred objects costs none of Meta's quota; the limits of
    an account are asked for once a day.
    """
    with db.transaction() as session:
        found = _found(session, user_id, ids)
        if not found:
            raise NotFound()
        accounts = _accounts(session, user_id)
        parents = _campaigns(session, found.values())
    deed.check_currencies({accounts[thing.account_id].currency for _, thing in found.values()})
    first = [
        _aimed(found.get(object_id), object_id, accounts, parents, deed) for object_id in dict.fromkeys(ids)
    ]
    allowed = _limits(first)
    with db.transaction() as session:
        return [_judged(session, one, parents, allowed) for one in first]


def undone(user_id: UUID, batch_id: UUID) -> list[Planned]:
    """What undoing a batch would do, the newest change first; NotFound when there is no such batch."""
    with db.transaction() as session:
        found = changes.changes(session, user_id, batch_id=batch_id, limit=10_000)
        if not found:
            raise NotFound()
        reverted = changes.reverting(session, [one.id for one in found])
        accounts = _accounts(session, user_id)
        things = _found(session, user_id, [one.object_id for one in found])
        parents = _campaigns(session, things.values())
        holders = _holders(session, found)
    return [
        _backwards(one, things.get(one.object_id), accounts, parents, holders, reverted=one.id in reverted)
        for one in found
        if one.outcome is not ChangeOutcome.FAILED
    ]


def _found(session: Session, user_id: UUID, ids: Sequence[UUID]) -> dict[UUID, tuple[Level, Thing]]:
    found: dict[UUID, tuple[Level, Thing]] = {}
    for level, table in objects.TABLES.items():
        rows: Sequence[Thing] = session.exec(
            select(table).where(table.user_id == user_id, col(table.id).in_(ids))
        ).all()
        found |= {one.id: (level, one) for one in rows}
    return found


def _accounts(session: Session, user_id: UUID) -> dict[UUID, MetaAccount]:
    query = select(MetaAccount).where(MetaAccount.user_id == user_id)
    return {one.id: one for one in session.exec(query)}


def _campaigns(session: Session, found: Any) -> dict[UUID, Campaign]:
    wanted = {thing.campaign_id for _, thing in found if not isinstance(thing, Campaign)}
    rows = session.exec(select(Campaign).where(col(Campaign.id).in_(wanted)))
    return {one.id: one for one in rows}


def _holders(session: Session, found: Sequence[Change]) -> dict[UUID, list[AdSet]]:
    """The living ad sets of the campaigns whose budgets changed hands."""
    moved = [one.object_id for one in found if one.action == changes.BUDGET_MODE]
    query = select(AdSet).where(
        col(AdSet.campaign_id).in_(moved), col(AdSet.effective_status).not_in(objects.GONE)
    )
    holders: dict[UUID, list[AdSet]] = defaultdict(list)
    for one in session.exec(query) if moved else ():
        holders[one.campaign_id].append(one)
    return holders


# -- one object


def _aimed(
    known: tuple[Level, Thing] | None,
    object_id: UUID,
    accounts: Mapping[UUID, MetaAccount],
    parents: Mapping[UUID, Campaign],
    deed: Deed,
) -> Planned:
    if known is None:
        return Planned(object_id, Level.CAMPAIGN, trouble=Trouble.of(NotFound()))
    level, thing = known
    account = accounts[thing.account_id]
    row = as_meta(thing, _campaign_of(thing, parents))
    one = Planned(object_id, level, thing, account, row)
    try:
        wanted = bulk_actions.wanted(deed, level, row, account.currency)
    except AppError as error:
        return replace(one, trouble=Trouble.of(error))
    return _compared(one, wanted)


def _compared(one: Planned, wanted: Mapping[str, Any]) -> Planned:
    currency = one.account.currency if one.account else ""
    values = comparing.different(one.level, one.row, wanted)
    found = comparing.differences(one.level, one.row, values, currency)
    return replace(
        one,
        values=values,
        before={difference.field: difference.before for difference in found},
        after={difference.field: difference.after for difference in found},
    )


def _judged(
    session: Session, one: Planned, parents: Mapping[UUID, Campaign], allowed: Mapping[UUID, Limits | None]
) -> Planned:
    """With what Meta would refuse, as far as it is known beforehand."""
    if one.thing is None or one.account is None or one.trouble or not one.values:
        return one
    above = _campaign_of(one.thing, parents)
    campaign = as_meta(above, None) if above is not None else {}
    found = allowed.get(one.account.id) if rules.needs_limits(one.level, one.values) else None
    try:
        rules.check_alive(one.row, one.values)
        rules.check(Situation(one.level, one.account.currency, one.values, one.row, campaign, found))
        if one.level is Level.AD_SET and not one.values.keys().isdisjoint(fields.BUDGETS):
            pace.check(session, one.object_id)
    except AppError as error:
        return replace(one, trouble=Trouble.of(error))
    return one


def _backwards(
    change: Change,
    known: tuple[Level, Thing] | None,
    accounts: Mapping[UUID, MetaAccount],
    parents: Mapping[UUID, Campaign],
    holders: Mapping[UUID, Sequence[AdSet]],
    *,
    reverted: bool,
) -> Planned:
    one = Planned(change.object_id, change.level, reverts_id=change.id, said_name=change.object_name)
    if known is None:
        return replace(one, trouble=Trouble.of(NotFound()))
    thing = known[1]
    account = accounts[thing.account_id]
    one = replace(one, thing=thing, account=account, row=as_meta(thing, _campaign_of(thing, parents)))
    reason = undoing.obstacle(change, reverted=reverted)
    if reason is not None:
        return replace(one, trouble=Trouble.of(NotRevertible(reason)))
    try:
        if change.action == changes.BUDGET_MODE:
            return _handed(one, change, [as_meta(ad_set, None) for ad_set in holders.get(thing.id, ())])
        edit = undoing.Edit.undoing(change)
        return _compared(one, fields.cleaned(change.level, edit.fields, account.currency))
    except (Conflict, Invalid) as error:
        return replace(one, trouble=Trouble.of(error))


def _handed(one: Planned, change: Change, ad_sets: Sequence[Mapping[str, Any]]) -> Planned:
    """Budgets that go back to who held them."""
    found = handing.back(change, one.row, ad_sets, one.account.currency if one.account else "")
    if found is None:
        return one
    rules.check_alive(one.row, {"budget_mode": change.before.get("budgetMode")})
    return replace(one, handing=found, before=found.before, after=found.after)


def _campaign_of(thing: Thing, parents: Mapping[UUID, Campaign]) -> Campaign | None:
    return None if isinstance(thing, Campaign) else parents.get(thing.campaign_id)


def as_meta(thing: Thing, campaign: Campaign | None) -> dict[str, Any]:
    """What we read last, as Meta would describe it, for the rules that look at Meta's rows."""
    row: dict[str, Any] = {
        "id": thing.meta_id,
        "name": thing.name,
        "status": thing.status,
        "effective_status": thing.effective_status,
    }
    for name in (*MONEY, *WORDS):
        row[name] = getattr(thing, name, None)
    for name in MOMENTS:
        moment = getattr(thing, name, None)
        row[name] = moment.strftime(fields.MOMENT) if isinstance(moment, datetime) else None
    if isinstance(thing, Campaign):
        row["is_adset_budget_sharing_enabled"] = thing.is_adset_budget_sharing_enabled
    if isinstance(thing, AdSet):
        row["bid_constraints"] = thing.bid_constraints
    if campaign is not None:
        row["campaign"] = as_meta(campaign, None)
    return row


def _limits(plans: Sequence[Planned]) -> dict[UUID, Limits | None]:
    """Of every account whose budgets are to change; None where Meta did not say."""
    needed = {
        one.account.id: one.account
        for one in plans
        if one.account is not None and one.values and rules.needs_limits(one.level, one.values)
    }
    found: dict[UUID, Limits | None] = {}
    for account in needed.values():
        try:
            with connections.opened(account.id, Lane.HUMAN) as meta:
                found[account.id] = account_limits.limits(meta, account)
        except AppError as error:  # the preview goes without; the edit itself will say it row by row
            log.info("bulk.limits_unknown", account=str(account.id), code=error.code)
            found[account.id] = None
    return found
