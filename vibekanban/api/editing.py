"""What the routes of writes at Meta share: who acts, what a dry run and a copy answer, how money is given."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field

from vibekanban.api.errors import responses
from vibekanban.api.wire import Wire, example
from vibekanban.clients.meta import errors as meta_errors
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn, OutsideFailed
from vibekanban.domains.accounts import hot
from vibekanban.domains.editing import copying, creating, edits
from vibekanban.domains.editing.comparing import Difference
from vibekanban.domains.editing.copying import Copied, CopyOrder
from vibekanban.domains.editing.creating import Draft, Made
from vibekanban.domains.editing.edits import Edit, Outcome
from vibekanban.domains.editing.errors import (
    BudgetChangedTooOften,
    ChangedSince,
    NotEditable,
    NotRevertible,
    NotSwitchable,
    ParentGone,
    Unconfirmed,
)
from vibekanban.domains.editing.stakes import Stake
from vibekanban.domains.editing.switching import Verb
from vibekanban.domains.meta import money
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.errors import ConnectionNeedsSignIn
from vibekanban.domains.meta.models import ActorKind, Level

Amount = Annotated[Decimal, Field(ge=0, max_digits=20, description="In major units; text or a number")]
BirthStatus = Literal["PAUSED", "ACTIVE"]
Status = Literal["ACTIVE", "PAUSED", "ARCHIVED", "DELETED"]
DryRun = Annotated[bool, Field(description="Check with Meta and show what would change; nothing is written")]
DryRunQuery = Annotated[bool, Query(description="Show what would change; nothing is written")]


class ChangedFieldOut(Wire):
    """One field, before and after."""

    field: str
    before: Any
    after: Any


class StakeOut(Wire):
    """The money an edit moves, in major units; null where it moves none."""

    currency: str
    daily_budget_delta: str | None
    lifetime_budget_delta: str | None
    spend_last_30_days: str


class DryRunOut(Wire):
    """What would change; nothing was written."""

    dry_run: Literal[True] = True
    fields: list[ChangedFieldOut]
    stake: StakeOut | None

    model_config = example(
        {
            "dryRun": True,
            "fields": [{"field": "dailyBudget", "before": "50.00", "after": "60.00"}],
            "stake": {
                "currency": "EUR",
                "dailyBudgetDelta": "10.00",
                "lifetimeBudgetDelta": None,
                "spendLast30Days": "1320.54",
            },
        }
    )


class CopyIn(Wire):
    """How to copy; the new name is the old one between `prefix` and `suffix`."""

    deep: bool = Field(False, description="With all that is in it")
    status: Literal["PAUSED", "ACTIVE", "INHERITED_FROM_SOURCE"] = "PAUSED"
    prefix: str = Field("", max_length=100)
    suffix: str = Field("", max_length=100)
    dry_run: DryRun = False

    model_config = example({"deep": True, "status": "PAUSED", "suffix": " - copia", "dryRun": False})


class CopyOut(Wire):
    """The copy. While Meta makes a large one (`underWay`) `id` is null; the change tells when it is done."""

    id: UUID | None
    meta_id: str | None
    under_way: bool
    change_id: UUID | None
    objects: dict[Level, int] = Field(description="How many objects of each level")
    daily_budget: str | None = Field(description="What the copies may spend a day when they run")
    currency: str
    dry_run: bool

    model_config = example(
        {
            "id": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d",
            "metaId": "120210000000000002",
            "underWay": False,
            "changeId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5e",
            "objects": {"campaign": 1, "adset": 3, "ad": 9},
            "dailyBudget": "50.00",
            "currency": "EUR",
            "dryRun": False,
        }
    )


_META = (
    ConnectionNeedsSignIn,
    Unconfirmed,
    OutsideFailed,
    meta_errors.Refused,
    meta_errors.Missing,
    meta_errors.Throttled,
)
_MADE = {200: {"model": DryRunOut, "description": "A dry run"}}
SWITCHING = responses(NotSignedIn, NotFound, NotSwitchable, *_META)
EDITING = responses(NotSignedIn, NotFound, NotEditable, Invalid, BudgetChangedTooOften, *_META)
UNDOING = responses(
    NotSignedIn, NotFound, NotRevertible, ChangedSince, NotEditable, Invalid, BudgetChangedTooOften, *_META
)
CREATING = {**responses(NotSignedIn, NotFound, ParentGone, Invalid, *_META), **_MADE}
DELETING = {**EDITING, **_MADE}
COPYING = {
    **responses(NotSignedIn, NotFound, NotEditable, ParentGone, Invalid, *_META),
    200: {"model": CopyOut, "description": "A dry run"},
    202: {"model": CopyOut, "description": "Meta makes a large copy"},
}


def actor(seen: hot.Seen) -> Actor:
    """The person who acts."""
    return Actor(ActorKind.USER, seen.user_id, seen.name)


def edited(seen: hot.Seen, level: Level, object_id: UUID, body: Wire) -> Outcome:
    """Apply the fields that a PATCH names."""
    values = body.model_dump(exclude_unset=True)
    dry_run = bool(values.pop("dry_run", False))
    return edits.apply(seen.user_id, Edit(level, object_id, values), actor(seen), dry_run=dry_run)


def switched(seen: hot.Seen, level: Level, object_id: UUID, verb: Verb) -> Outcome:
    return edits.apply(seen.user_id, Edit(level, object_id, {"status": verb.status}), actor(seen))


def deleted(seen: hot.Seen, level: Level, object_id: UUID, *, dry_run: bool) -> Response:
    """Delete at Meta, for good: 204, or what would be deleted."""
    edit = Edit(level, object_id, {"status": "DELETED"})
    done = edits.apply(seen.user_id, edit, actor(seen), dry_run=dry_run)
    if dry_run:
        body = rehearsed(done).model_dump_json(by_alias=True)
        return Response(body, media_type="application/json")
    return Response(status_code=204)


def made(seen: hot.Seen, level: Level, parent: UUID, values: Mapping[str, Any], *, dry_run: bool) -> Made:
    return creating.create(seen.user_id, Draft(level, parent, values), actor(seen), dry_run=dry_run)


def copied(
    seen: hot.Seen,
    level: Level,
    object_id: UUID,
    body: CopyIn,
    response: Response,
    *,
    into: UUID | None = None,
) -> CopyOut:
    """Copy: 201, 202 while Meta makes a large one, 200 for a dry run."""
    order = CopyOrder(
        level,
        object_id,
        deep=body.deep,
        status=body.status,
        prefix=body.prefix,
        suffix=body.suffix,
        into=into,
    )
    done: Copied = copying.copy(seen.user_id, order, actor(seen), dry_run=body.dry_run)
    response.status_code = 200 if body.dry_run else 202 if done.under_way else 201
    return CopyOut(
        id=done.thing.id if done.thing else None,
        meta_id=done.thing.meta_id if done.thing else None,
        under_way=done.under_way,
        change_id=done.change_id,
        objects=dict(done.objects),
        daily_budget=done.daily_budget,
        currency=done.currency,
        dry_run=body.dry_run,
    )


def rehearsed(done: Outcome | Made, response: Response | None = None) -> DryRunOut:
    """The answer of a dry run; a route that usually creates answers it with 200."""
    if response is not None:
        response.status_code = 200
    return DryRunOut(
        fields=[_field(one) for one in done.differences], stake=_stake(done.stake) if done.stake else None
    )


def _field(one: Difference) -> ChangedFieldOut:
    return ChangedFieldOut(field=one.field, before=one.before, after=one.after)


def _stake(stake: Stake) -> StakeOut:
    return StakeOut(
        currency=stake.currency,
        daily_budget_delta=money.text(stake.daily_budget_delta, stake.currency),
        lifetime_budget_delta=money.text(stake.lifetime_budget_delta, stake.currency),
        spend_last_30_days=money.text(stake.spend_30d, stake.currency) or "0",
    )


def budget(minor: int | None, currency: str) -> str | None:
    """A budget as answers write it."""
    return money.text(money.budget(minor, currency), currency)
