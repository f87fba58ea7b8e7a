"""What every tool that writes has in common: its arguments, its result, and the way through the policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from vibekanban.core import db, i18n
from vibekanban.core.shapes import Moment, Shape
from vibekanban.domains.access.models import Scope
from vibekanban.domains.editing import edits
from vibekanban.domains.editing.comparing import Difference
from vibekanban.domains.editing.edits import Edit, Outcome
from vibekanban.domains.editing.stakes import Stake
from vibekanban.domains.guarding import writes
from vibekanban.domains.guarding.writes import Carried, Preview, Write
from vibekanban.domains.meta import money, objects
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import ActorKind, Level, MetaAccount
from vibekanban.domains.meta.objects import Thing
from vibekanban.domains.tools.shapes import Arguments, Optional
from vibekanban.domains.tools.tool import Context, Done

Budgets = Mapping[str, tuple[Decimal | None, Decimal | None]]
BUDGETS = ("dailyBudget", "lifetimeBudget")


class Writing(Arguments):
    """Arguments of every write; a repeated call with the same key gives the first answer again."""

    reason: Annotated[str, Field(max_length=300)] = ""
    dry_run: bool = False
    idempotency_key: Annotated[str, Field(min_length=8, max_length=100)] | Optional = None

    def asked(self) -> dict[str, Any]:
        """The call as it is kept and compared: without its key."""
        return self.model_dump(mode="json", by_alias=True, exclude={"idempotency_key"}, exclude_unset=True)


class FieldChange(Shape):
    field: str
    before: Any
    after: Any


class MoneyAtStake(Shape):
    """In major units; a delta is null when that budget does not move."""

    currency: str
    daily_budget_delta: str | None
    lifetime_budget_delta: str | None
    spend_30d: str


class WrittenObject(Shape):
    """`outcome` says what happened; only `applied` wrote something at Meta."""

    id: UUID
    meta_id: str
    account_id: UUID
    level: str
    name: str
    status: str
    effective_status: str
    outcome: Literal["applied", "unchanged", "dry_run", "pending_approval"]
    changed: bool
    message: str
    changes: list[FieldChange]
    at_stake: MoneyAtStake | None
    change_id: UUID | None
    approval_id: UUID | None
    approval_expires_at: Moment | None


@dataclass(frozen=True)
class Found:
    """The object of a write, with what the preview needs of its account."""

    thing: Thing
    currency: str


def found(context: Context, level: Level, reference: str) -> Found:
    """The object, if the token reaches it."""
    caller = context.caller
    with db.transaction() as session:
        thing = objects.found(session, caller.user_id, level, reference, account_ids=caller.account_ids)
        return Found(thing, session.get_one(MetaAccount, thing.account_id).currency)


def edit(
    context: Context,
    asked: Writing,
    *,
    tool: str,
    verb: Scope,
    level: Level,
    reference: str,
    fields: Mapping[str, Any],
    words: str,
) -> Done:
    """Set fields within the token's policy; `words` names the sentences mcp.done.<words>."""
    target = found(context, level, reference)
    chosen = Edit(level, target.thing.id, fields, context.caller.account_ids)

    def apply(dry_run: bool) -> Outcome:
        return edits.apply(context.caller.user_id, chosen, acting(context), dry_run=dry_run)

    return carried(context, asked, tool, verb, level, target, apply, words)


def carried(
    context: Context,
    asked: Writing,
    tool: str,
    verb: Scope,
    level: Level,
    target: Found,
    apply: Callable[[bool], Outcome],
    words: str,
    budgets: Callable[[Outcome], Budgets] | None = None,
) -> Done:
    """Change one object within the token's policy; `apply` takes whether it is only tried."""

    def preview() -> Preview[Outcome]:
        tried = apply(True)
        moved_to = budgets(tried) if budgets else _budgets(tried, target)
        return Preview(tried, target.currency, moved_to, shown(tried.differences, tried.stake))

    done = writes.carry_out(
        context.caller,
        Write(
            tool=tool,
            arguments=asked.asked(),
            verb=verb,
            account_id=target.thing.account_id,
            object_id=target.thing.id,
            object_name=target.thing.name,
            preview=preview,
            act=lambda: apply(False),
        ),
        dry_run=asked.dry_run,
        approved=context.approved,
    )
    return _done(context, level, target.thing, done, words)


def acting(context: Context) -> Actor:
    """Who the change log names."""
    return Actor(ActorKind.TOKEN, context.caller.token_id, context.caller.name)


def shown(differences: Iterable[Difference], stake: Stake | None) -> dict[str, Any]:
    """What a person is shown who decides about the call."""
    money_moved = at_stake(stake)
    return {
        "changes": [one.model_dump(by_alias=True) for one in moved(differences)],
        "atStake": money_moved.model_dump(by_alias=True) if money_moved else None,
    }


def moved(differences: Iterable[Difference]) -> list[FieldChange]:
    return [FieldChange(field=one.field, before=one.before, after=one.after) for one in differences]


def _budgets(tried: Outcome, target: Found) -> Budgets:
    """The object's budgets before and after, in major units."""
    moved = {
        one.field: (_amount(one.before), _amount(one.after))
        for one in tried.differences
        if one.field in BUDGETS
    }
    held = {
        "dailyBudget": getattr(target.thing, "daily_budget", None),
        "lifetimeBudget": getattr(target.thing, "lifetime_budget", None),
    }
    stays = {name: money.budget(value, target.currency) for name, value in held.items()}
    return {name: moved.get(name, (stays[name], stays[name])) for name in BUDGETS}


def _amount(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def at_stake(stake: Stake | None) -> MoneyAtStake | None:
    if stake is None:
        return None

    def delta(amount: Decimal | None) -> str | None:
        return None if amount is None else money.text(amount, stake.currency)

    return MoneyAtStake(
        currency=stake.currency,
        daily_budget_delta=delta(stake.daily_budget_delta),
        lifetime_budget_delta=delta(stake.lifetime_budget_delta),
        spend_30d=delta(stake.spend_30d) or "0",
    )


def _done(context: Context, level: Level, thing: Thing, carried: Carried[Outcome], words: str) -> Done:
    outcome, held = carried.done, carried.approval
    if outcome is not None:
        thing = outcome.thing
    how = (
        "pending_approval"
        if outcome is None
        else "dry_run"
        if carried.dry
        else "applied"
        if outcome.changed
        else "unchanged"
    )
    said = {"applied": words, "unchanged": f"{words}_already"}.get(how, how)
    result = WrittenObject(
        id=thing.id,
        meta_id=thing.meta_id,
        account_id=thing.account_id,
        level=level.value,
        name=thing.name,
        status=thing.status,
        effective_status=thing.effective_status,
        outcome=how,
        changed=how == "applied",
        message=i18n.say(context.locale, f"mcp.done.{said}", name=thing.name),
        changes=moved(outcome.differences if outcome else ()),
        at_stake=at_stake(outcome.stake) if outcome else None,
        change_id=outcome.change_id if outcome else None,
        approval_id=held.id if held else None,
        approval_expires_at=held.expires_at if held else None,
    )
    wrote = outcome is not None and not carried.dry and outcome.changed
    return Done(
        result,
        account_id=thing.account_id,
        object_id=str(thing.id),
        before=_side(outcome, "before") if wrote else None,
        after=_side(outcome, "after") if wrote else None,
    )


def _side(outcome: Outcome | None, side: str) -> dict[str, Any]:
    return {one.field: getattr(one, side) for one in outcome.differences} if outcome else {}
