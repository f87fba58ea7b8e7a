"""Making campaigns, ad sets and ads: checked, written down, made once, found again when nobody heard of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import columns, db
from vibekanban.core.errors import AppError, Invalid, NotFound
from vibekanban.core.queue import Lane
from vibekanban.domains.editing import edits, fields, limits, rules, watching
from vibekanban.domains.editing.comparing import Difference
from vibekanban.domains.editing.errors import ParentGone, Unconfirmed
from vibekanban.domains.editing.rules import Situation
from vibekanban.domains.editing.stakes import Stake
from vibekanban.domains.meta import accounts, changes, connections, money, objects, structure
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import Change, ChangeOutcome, Level, MetaAccount
from vibekanban.domains.meta.objects import Thing

ABOVE: Mapping[Level, Level] = {Level.AD_SET: Level.CAMPAIGN, Level.AD: Level.AD_SET}
PARENT: Mapping[Level, str] = {Level.AD_SET: "campaign_id", Level.AD: "adset_id"}
DEFAULTS: Mapping[Level, Mapping[str, Any]] = {
    Level.CAMPAIGN: {"status": "PAUSED", "buying_type": "AUCTION", "special_ad_categories": []},
    Level.AD_SET: {"status": "PAUSED", "billing_event": "IMPRESSIONS"},
    Level.AD: {"status": "PAUSED"},
}
BIRTH = frozenset({"ACTIVE", "PAUSED"})


@dataclass(frozen=True)
class Draft:
    """A new object: `parent` is the account of a campaign, the campaign of an ad set, the ad set of an ad."""

    level: Level
    parent: UUID | str
    fields: Mapping[str, Any] = field(default_factory=dict)
    account_ids: Sequence[UUID] | None = None


@dataclass(frozen=True)
class Made:
    """What was made, or after a dry run what would be: then there is no `thing` and no change."""

    thing: Thing | None
    differences: tuple[Difference, ...]
    stake: Stake
    change_id: UUID | None = None


@dataclass(frozen=True)
class Subject:
    """Who a change belongs to before its object has a row."""

    user_id: UUID
    account_id: UUID
    name: str


def create(
    user_id: UUID,
    draft: Draft,
    actor: Actor,
    *,
    dry_run: bool = False,
    batch_id: UUID | None = None,
    lane: Lane = Lane.HUMAN,
) -> Made:
    """Make an object at Meta, PAUSED unless told, and our row of it; opens its own short transactions.

    Creations are not idempotent at Meta: every one carries a label of its own, by which it is looked for
    before a second try.
    """
    account, parent = _under(user_id, draft)
    values = fields.cleaned(draft.level, _completed(draft), account.currency, making=True)
    edits.resolve_creative(user_id, account, values)
    if values["status"] not in BIRTH:
        raise Invalid.choice("status", sorted(BIRTH))
    with connections.opened(account.id, lane) as meta:
        campaign = _look_above(meta, draft.level, parent)
        allowed = limits.limits(meta, account) if rules.needs_limits(draft.level, values) else None
        rules.check(Situation(draft.level, account.currency, values, {}, campaign, allowed))
        params = fields.sent(values, draft.level, making=True)
        if parent is not None:
            params[PARENT[draft.level]] = parent.meta_id
        differences = _differences(draft.level, values, account.currency)
        stake = _stake(values, account.currency)
        edge = f"act_{account.meta_account_id}/{structure.EDGES[draft.level]}"
        if dry_run:
            edits.told(lambda: meta.post(edge, **params, **edits.DRY_RUN))
            return Made(None, differences, stake)
        with db.transaction() as session:
            change = changes.begin(
                session,
                Subject(account.user_id, account.id, values["name"]),
                level=draft.level,
                object_id=columns.new_id(),
                action="create",
                actor=actor,
                before={},
                after={one.field: one.after for one in differences},
                batch_id=batch_id,
            )
        meta_id = make(meta, draft.level, edge, params, change)
        row = _read(meta, draft.level, meta_id)
    with db.transaction() as session:
        thing = _settle(session, account, draft.level, change, row)
    return Made(thing, differences, stake, change.id)


def resolve(change: Change) -> ChangeOutcome:
    """Settle a stranded creation: what carries its label was made."""
    with db.transaction() as session:
        account = session.get(MetaAccount, change.account_id)
    if account is None:
        raise NotFound()
    edge = f"act_{account.meta_account_id}/{structure.EDGES[change.level]}"
    with connections.opened(account.id, Lane.TODAY) as meta:
        meta_id = labelled(meta, edge, change.level, change)
        row = _read(meta, change.level, meta_id) if meta_id else None
    with db.transaction() as session:
        if row is None:
            changes.settle(session, change.id, ChangeOutcome.FAILED, error_code="not_applied")
            return ChangeOutcome.FAILED
        _settle(session, account, change.level, change, row)
    return ChangeOutcome.APPLIED


# -- before


def _under(user_id: UUID, draft: Draft) -> tuple[MetaAccount, Thing | None]:
    """The account, and the object above unless a campaign is made; NotFound when not the user's."""
    with db.transaction() as session:
        above = ABOVE.get(draft.level)
        if above is None:
            if draft.level is not Level.CAMPAIGN:
                raise NotFound()
            account = accounts.account(session, user_id, _own_id(draft.parent))
            if draft.account_ids is not None and account.id not in draft.account_ids:
                raise NotFound()
            return account, None
        parent = objects.found(session, user_id, above, draft.parent, account_ids=draft.account_ids)
        return session.get_one(MetaAccount, parent.account_id), parent


def _own_id(reference: UUID | str) -> UUID:
    try:
        return reference if isinstance(reference, UUID) else UUID(reference)
    except ValueError:
        raise NotFound() from None


def _completed(draft: Draft) -> dict[str, Any]:
    """What was given, over what is sent always: PAUSED, the categories, whether budgets are shared."""
    given = {name: value for name, value in draft.fields.items() if value is not None}
    found = {**DEFAULTS[draft.level], **given}
    if draft.level is Level.CAMPAIGN and not found.keys() & set(fields.BUDGETS):
        found.setdefault("is_adset_budget_sharing_enabled", False)
    return found


def _look_above(meta: Gateway, level: Level, parent: Thing | None) -> Mapping[str, Any]:
    """The campaign's row for the rules of an ad set; nothing is made under what is gone."""
    if parent is None:
        return {}
    wanted = structure.FIELDS[Level.CAMPAIGN] if level is Level.AD_SET else "status,effective_status"
    row = meta.get(parent.meta_id, fields=wanted)
    gone = {str(row.get("status")), str(row.get("effective_status"))} & objects.GONE
    if gone:
        raise ParentGone(status=gone.pop())
    return row if level is Level.AD_SET else {}


def _differences(level: Level, values: Mapping[str, Any], currency: str) -> tuple[Difference, ...]:
    found: list[Difference] = []
    for name, value in values.items():
        known = fields.known(level, name, making=True)
        if known is not None:
            found.append(Difference(known.shown_name, None, fields.shown(known, value, currency)))
    return tuple(found)


def _stake(values: Mapping[str, Any], currency: str) -> Stake:
    daily, lifetime = (money.budget(values.get(name), currency) for name in fields.BUDGETS)
    return Stake(currency, daily, lifetime, Decimal(0))


# -- making


def label(change: Change) -> str:
    """By which an object is found whose making nobody heard of."""
    return f"vk-{change.id.hex}"


def make(meta: Gateway, level: Level, edge: str, params: Mapping[str, Any], change: Change) -> str:
    """Meta's id of the new object. When no answer came it is looked for; then one second try."""
    labels = [{"name": label(change)}]
    try:
        for attempt in (1, 2):
            try:
                return str(edits.told(lambda: meta.post(edge, **params, adlabels=labels))["id"])
            except meta_errors.UnknownOutcome:
                found = _look_for(meta, edge, level, change)
                if found is not None:
                    return found
                if attempt == 2:
                    raise
        raise AssertionError("a second try returns or raises")
    except Unconfirmed:
        raise
    except AppError as error:
        edits.failed(change, error)
        raise


def _look_for(meta: Gateway, edge: str, level: Level, change: Change) -> str | None:
    try:
        return labelled(meta, edge, level, change)
    except meta_errors.MetaError as error:
        raise Unconfirmed(service="meta") from error


def labelled(meta: Gateway, edge: str, level: Level, change: Change) -> str | None:
    """Meta's id of the object that carries the change's label, if it was made."""
    prefix = "" if level is Level.CREATIVE else f"{level.value}."
    by_name = [{"field": f"{prefix}name", "operator": "CONTAIN", "value": change.object_name}]
    for page in meta.pages(edge, fields="id,adlabels", filtering=by_name, limit=100):
        for row in page:
            if any(one.get("name") == label(change) for one in row.get("adlabels") or []):
                return str(row["id"])
    return None


def _read(meta: Gateway, level: Level, meta_id: str) -> dict[str, Any]:
    """The new object as Meta shows it; what can not be read now is settled by a job."""
    try:
        return meta.get(meta_id, fields=structure.FIELDS[level])
    except meta_errors.MetaError as error:
        raise Unconfirmed(service="meta") from error


def _settle(
    session: Session, account: MetaAccount, level: Level, change: Change, row: Mapping[str, Any]
) -> Thing:
    (thing,) = adopt(session, account, level, [row])
    watching.order(session, level, thing)
    after = {**change.after, "metaId": thing.meta_id}
    changes.settle(session, change.id, ChangeOutcome.APPLIED, after=after, object_id=thing.id)
    return thing


def adopt(
    session: Session, account: MetaAccount, level: Level, rows: Sequence[Mapping[str, Any]]
) -> list[Thing]:
    """Objects that Meta just showed as our rows, in the same order, on the owner's open pages at once."""
    structure.keep(session, account, level, rows, read_at=columns.now())
    table = objects.TABLES[level]
    found: list[Thing] = []
    for row in rows:
        thing = session.exec(
            select(table).where(table.account_id == account.id, table.meta_id == str(row["id"]))
        ).one()
        objects.announce(session, level, thing)
        found.append(thing)
    return found
