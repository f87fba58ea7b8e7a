"""The one way an object at Meta is changed: read and check, write down, call, settle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from pydantic.alias_generators import to_camel

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import db
from vibekanban.core.errors import AppError, Invalid, NotFound
from vibekanban.core.queue import Lane
from vibekanban.domains.editing import comparing, fields, limits, pace, refusals, rules, stakes, watching
from vibekanban.domains.editing.comparing import Difference
from vibekanban.domains.editing.errors import Unconfirmed
from vibekanban.domains.editing.rules import Situation
from vibekanban.domains.editing.stakes import Stake
from vibekanban.domains.meta import changes, connections, creatives, objects, structure
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import Change, ChangeOutcome, Level, MetaAccount
from vibekanban.domains.meta.objects import Live, Thing

T = TypeVar("T")
# what an edit looks at beside the fields that are kept
MORE: Mapping[Level, str] = {
    Level.CAMPAIGN: "",
    Level.AD_SET: "attribution_spec,dsa_beneficiary,dsa_payor,"
    "campaign{id,objective,status,special_ad_categories,daily_budget,lifetime_budget,bid_strategy,is_adset_budget_sharing_enabled}",
    Level.AD: "tracking_specs,conversion_domain",
}
DRY_RUN = {"execution_options": ["validate_only"]}
ACTIONS: Mapping[str, str] = {
    "PAUSED": "pause",
    "ACTIVE": "resume",
    "ARCHIVED": "archive",
    "DELETED": "delete",
}


@dataclass(frozen=True)
class Edit:
    """Fields to set on an object, named as in `fields.EDITABLE`; money in major units, moments with a zone.

    `account_ids` are the accounts the caller may touch; None when all of the user's. `expecting` are values
    that Meta must still hold: what somebody changed meanwhile is not written over.
    """

    level: Level
    reference: UUID | str
    fields: Mapping[str, Any] = field(default_factory=dict)
    account_ids: Sequence[UUID] | None = None
    expecting: Mapping[str, Any] | None = None

    @classmethod
    def undoing(cls, change: Change) -> Edit:
        """What brings back what was before a change; what was made goes."""
        if change.action in {"create", "copy"}:
            return cls(change.level, change.object_id, {"status": "DELETED"})
        return cls(
            change.level,
            change.object_id,
            fields.unshown(change.level, change.before),
            expecting=fields.unshown(change.level, change.after),
        )


@dataclass(frozen=True)
class Outcome:
    """The object afterwards and what changed of it; `changed` is False when it was so already.

    After a dry run `differences` is what would change, `stake` the money in it, and nothing was written.
    """

    thing: Thing
    changed: bool
    differences: tuple[Difference, ...]
    before: Live
    after: Live
    change_id: UUID | None = None
    stake: Stake | None = None


def apply(
    user_id: UUID,
    edit: Edit,
    actor: Actor,
    *,
    dry_run: bool = False,
    batch_id: UUID | None = None,
    reverts_id: UUID | None = None,
    lane: Lane = Lane.HUMAN,
) -> Outcome:
    """Set fields at Meta and log it; opens its own short transactions, none during a call.

    What Meta says counts, not our copy: fields that are so already are left alone. Invalid names the fields
    that Meta would refuse; a dry run asks Meta itself as well, and writes nothing anywhere.
    """
    with db.transaction() as session:
        thing = objects.found(session, user_id, edit.level, edit.reference, account_ids=edit.account_ids)
        account = session.get_one(MetaAccount, thing.account_id)
    wanted = fields.cleaned(edit.level, edit.fields, account.currency)
    resolve_creative(user_id, account, wanted)
    with connections.opened(account.id, lane) as meta:
        row = _look(meta, edit.level, thing)
        values = comparing.different(edit.level, row, wanted)
        before = Live.of(row)
        if edit.expecting and values:
            expected = fields.cleaned(edit.level, edit.expecting, account.currency)
            comparing.check_unchanged(edit.level, row, expected, account.currency)
        if not values:
            return Outcome(_refreshed(edit.level, thing, row, dry_run), False, (), before, before)
        rules.check_alive(row, values)
        allowed = limits.limits(meta, account) if rules.needs_limits(edit.level, values) else None
        rules.check(Situation(edit.level, account.currency, values, row, row.get("campaign") or {}, allowed))
        if edit.level is Level.AD_SET and not values.keys().isdisjoint(fields.BUDGETS):
            with db.transaction() as session:
                pace.check(session, thing.id)
        differences = comparing.differences(edit.level, row, values, account.currency)
        params = fields.sent(values, edit.level)
        if dry_run:
            told(lambda: meta.post(thing.meta_id, **params, **DRY_RUN))
            with db.transaction() as session:
                at_stake = stakes.stake(session, account, edit.level, thing, row, values)
            return Outcome(
                thing, True, differences, before, comparing.expected(before, values), stake=at_stake
            )
        with db.transaction() as session:
            change = changes.begin(
                session,
                thing,
                level=edit.level,
                object_id=thing.id,
                action=_action(values),
                actor=actor,
                before=comparing.shown(differences, before, "before"),
                after=comparing.shown(differences, comparing.expected(before, values), "after"),
                batch_id=batch_id,
                reverts_id=reverts_id,
            )
        after = _write(meta, edit.level, thing, row, values, change)
    shown = comparing.shown(differences, Live.of(after), "after")
    with db.transaction() as session:
        changes.settle(session, change.id, ChangeOutcome.APPLIED, after=shown)
        thing = objects.refresh(session, edit.level, thing.id, after)
        watching.order(session, edit.level, thing)
    return Outcome(thing, True, differences, before, Live.of(after), change.id)


def resolve(change: Change) -> ChangeOutcome:
    """Settle a stranded change by looking at the object."""
    with db.transaction() as session:
        thing = objects.found(session, change.user_id, change.level, change.object_id)
        account = session.get_one(MetaAccount, thing.account_id)
    with connections.opened(change.account_id, Lane.TODAY) as meta:
        row = _look(meta, change.level, thing)
    wanted = fields.cleaned(change.level, fields.unshown(change.level, change.after), account.currency)
    arrived = comparing.took(change.level, row, wanted)
    outcome = ChangeOutcome.APPLIED if arrived else ChangeOutcome.FAILED
    with db.transaction() as session:
        changes.settle(session, change.id, outcome, error_code=None if arrived else "not_applied")
        objects.refresh(session, change.level, change.object_id, row)
    return outcome


# -- reading and comparing


def resolve_creative(user_id: UUID, account: MetaAccount, values: dict[str, Any]) -> None:
    """A creative may be named by our id; Meta is told its own."""
    if values.get("creative_id"):
        reference = str(values["creative_id"])
        try:
            with db.transaction() as session:
                values["creative_id"] = creatives.at_meta(session, user_id, account.id, reference)
        except NotFound:
            raise Invalid({"creativeId": "editing.rule.creative_missing"}) from None


def _look(meta: Gateway, level: Level, thing: Thing) -> dict[str, Any]:
    return meta.get(thing.meta_id, fields=f"{structure.FIELDS[level]},{MORE[level]}".rstrip(","))


def _action(values: Mapping[str, Any]) -> str:
    """A change of nothing but the status has a word of its own."""
    return ACTIONS[values["status"]] if values.keys() == {"status"} else "edit"


def _refreshed(level: Level, thing: Thing, row: Mapping[str, Any], dry_run: bool) -> Thing:
    if dry_run:
        return thing
    with db.transaction() as session:
        return objects.refresh(session, level, thing.id, row)


# -- writing


def _write(
    meta: Gateway,
    level: Level,
    thing: Thing,
    row: Mapping[str, Any],
    values: Mapping[str, Any],
    change: Change,
) -> Mapping[str, Any]:
    """Tell Meta, then look: its answer does not carry what became of the object."""

    def arrived(_: Gateway) -> bool:
        try:
            return comparing.took(level, _look(meta, level, thing), values)
        except meta_errors.MetaError as error:
            raise Unconfirmed(service="meta") from error

    params = fields.sent(values, level)
    try:
        told(lambda: meta.write_verified(thing.meta_id, params, arrived))
    except Unconfirmed:
        raise
    except meta_errors.UnknownOutcome as error:  # the second try got no answer either
        if not arrived(meta):
            failed(change, error)
            raise
    except AppError as error:
        failed(change, error)
        raise
    try:
        return _look(meta, level, thing)
    except meta_errors.MetaError:  # it is done; what Meta makes of it comes with the next sync
        return _assumed(level, row, values)


def _assumed(level: Level, row: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The row as it must be after a write that Meta took."""
    live = comparing.expected(Live.of(row), values)
    found = {**row, **fields.sent(values, level), "effective_status": live.effective_status}
    if "creative_id" in values:
        found["creative"] = {"id": values["creative_id"]}
    return found


def told(call: Callable[[], T]) -> T:
    """Meta's refusals in our words where we have them, and with our names of the fields."""
    try:
        return call()
    except meta_errors.Refused as error:
        ours = refusals.ours(error)
        if ours is not None:
            raise ours from error
        error.blamed = [to_camel(name) for name in error.blamed]
        raise


def failed(change: Change, error: AppError) -> None:
    with db.transaction() as session:
        changes.settle(session, change.id, ChangeOutcome.FAILED, error_code=error.code)
