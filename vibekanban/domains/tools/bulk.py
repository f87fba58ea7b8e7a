"""Tools that change many objects of an account alike: a preview, carrying it out, how far it is, calling it off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from sqlmodel import Session

from vibekanban.core import db, i18n
from vibekanban.core.errors import NotFound
from vibekanban.domains.access.models import Scope
from vibekanban.domains.editing import bulk, picking
from vibekanban.domains.editing.bulk import Order, Preview, Ran
from vibekanban.domains.editing.bulk_actions import Action
from vibekanban.domains.editing.errors import Cancelled
from vibekanban.domains.editing.models import RunState
from vibekanban.domains.editing.picking import Filter
from vibekanban.domains.editing.planning import Planned
from vibekanban.domains.editing.trouble import Trouble
from vibekanban.domains.guarding import batches
from vibekanban.domains.guarding.batches import Batch
from vibekanban.domains.meta.models import Level, MetaAccount
from vibekanban.domains.tools import bulk_shapes, reach, settable, writing
from vibekanban.domains.tools.shapes import Arguments, Delivery, Optional, Paging, Reference
from vibekanban.domains.tools.tool import Context, Done, InvalidArguments
from vibekanban.domains.tools.writing import Writing

Words = Annotated[str, Field(max_length=200)]
Bound = Annotated[Decimal, Field(ge=0, max_digits=15)]
TOUCHING = (Scope.EDIT, Scope.PAUSE, Scope.RESUME, Scope.DELETE)
PARAMS = ("amount", "percent", "find", "replace", "prefix", "suffix")


class _Order(Arguments):
    """Either `objectIds`, or what fits the filter; then the action with what it needs."""

    account_id: Reference
    action: Action
    object_ids: Annotated[list[UUID], Field(max_length=bulk.MOST)] | Optional = None
    level: Literal["campaign", "adset", "ad"] = "campaign"
    status: Delivery | Optional = None
    q: Words = ""
    metric: Literal[
        "spend", "revenue", "roas", "conversions", "cpa", "impressions", "clicks", "ctr", "cpc", "cpm"
    ] = "spend"
    days: Annotated[int, Field(ge=1, le=90)] = 30
    above: Bound | Optional = None
    below: Bound | Optional = None
    amount: settable.Money | Optional = None
    percent: Annotated[Decimal, Field(ge=-90, le=1000, max_digits=7)] | Optional = None
    find: Words | Optional = None
    replace: Words | Optional = None
    prefix: Words | Optional = None
    suffix: Words | Optional = None

    def order(self, ids: Sequence[UUID]) -> Order:
        params: dict[str, object] = {
            name: str(value) for name in PARAMS if (value := getattr(self, name)) is not None
        }
        return Order(self.action, ids, params)


class PreviewBulk(_Order, Paging):
    pass


class ApplyBulk(_Order, Writing):
    pass


class OfBatch(Paging):
    batch_id: UUID


class CancelBulk(Arguments):
    batch_id: UUID


def preview(context: Context, asked: PreviewBulk) -> Done:
    account, ids = _chosen(context, asked)
    tried = _within(bulk.preview(context.caller.user_id, asked.order(ids)), account)
    result = bulk_shapes.previewed(tried, context.locale, limit=asked.limit, cursor=asked.cursor)
    return Done(result, account_id=account.id)


def apply(context: Context, asked: ApplyBulk) -> Done:
    account, ids = _chosen(context, asked)
    order = asked.order(ids)
    tried = _within(bulk.preview(context.caller.user_id, order), account)
    # what a person approves are these objects, not whatever fits the filter by then
    filtered = {"level", "status", "q", "metric", "days", "above", "below"}
    arguments = {name: value for name, value in asked.asked().items() if name not in filtered}
    arguments["objectIds"] = [str(one) for one in ids]

    def act(rows: Sequence[Planned]) -> Ran:
        return bulk.begin(
            context.caller.user_id, order.action.value, dict(order.params), rows, writing.acting(context)
        )

    return carried(context, asked, "apply_bulk", account.id, tried, arguments, act)


def carried(
    context: Context,
    asked: Writing,
    tool: str,
    account_id: UUID,
    tried: Preview,
    arguments: dict[str, Any],
    act: Callable[[Sequence[Planned]], Ran],
) -> Done:
    """A batch within the token's policy, and its answer."""
    shown = bulk_shapes.shown(tried)
    sent = batches.carry_out(
        context.caller,
        Batch(tool, arguments, account_id, f"{tried.action} ({len(tried.rows)})", tried.rows, shown, act),
        dry_run=asked.dry_run,
        approved=context.approved,
    )
    if sent.ran is not None:
        result = bulk_shapes.ran(_followed(context, sent.ran), context.locale)
    else:
        result = bulk_shapes.previewed(
            replace(tried, rows=list(sent.rows)), context.locale, held=sent.approval, dry_run=True
        )
    return Done(result, account_id=account_id, object_id=str(sent.ran.run.id) if sent.ran else None)


def _followed(context: Context, begun: Ran) -> Ran:
    """Until it is over for who follows it; calling it off leaves the rows that have not begun."""
    user_id = context.caller.user_id

    def look() -> Ran:
        with db.transaction() as session:
            return bulk.ran(session, user_id, begun.run.id)

    def told(found: Ran) -> tuple[float, float, str]:
        run = found.run
        words = i18n.say(
            context.locale, "mcp.done.bulk_running", total=run.total, done=run.done, failed=run.failed
        )
        return run.done + run.failed, run.total, words

    try:
        return context.watch.until(look, lambda found: found.run.status is RunState.DONE, told)
    except Cancelled:
        with db.transaction() as session:
            bulk.cancel(session, user_id, begun.run.id)
        raise


def get(context: Context, asked: OfBatch) -> Done:
    with db.transaction() as session:
        found = reached(session, context, asked.batch_id)
        return Done(bulk_shapes.ran(found, context.locale, limit=asked.limit, cursor=asked.cursor))


def cancel(context: Context, asked: CancelBulk) -> Done:
    with db.transaction() as session:
        found = called_off(session, context, reached(session, context, asked.batch_id))
        return Done(bulk_shapes.ran(found, context.locale), object_id=str(found.run.id))


def called_off(session: Session, context: Context, found: Ran) -> Ran:
    """The edit as it stands without the rows that had not begun; of who may write in some way."""
    if not any(context.caller.may(scope) for scope in TOUCHING):
        context.caller.must(Scope.EDIT)
    bulk.cancel(session, context.caller.user_id, found.run.id)
    session.expire_all()
    return bulk.ran(session, context.caller.user_id, found.run.id)


def reached(session: Session, context: Context, batch_id: UUID) -> Ran:
    """A bulk edit of nothing but accounts the token reaches."""
    found = bulk.ran(session, context.caller.user_id, batch_id)
    if any(row.account_id and row.account_id not in context.caller.account_ids for row in found.rows):
        raise NotFound()
    return found


def _chosen(context: Context, asked: _Order) -> tuple[MetaAccount, list[UUID]]:
    caller = context.caller
    with db.transaction() as session:
        account = reach.account(session, caller, asked.account_id)
        if asked.object_ids is not None:
            return account, asked.object_ids
        wanted = Filter(
            Level(asked.level),
            account.id,
            asked.status or "",
            asked.q,
            asked.metric,
            asked.days,
            asked.above,
            asked.below,
        )
        found = [one.thing.id for one in picking.candidates(session, caller.user_id, wanted)]
    if not found:
        raise InvalidArguments({"level": "mcp.fields.nothing_fits"})
    return account, found


def _within(tried: Preview, account: MetaAccount) -> Preview:
    """What is not of the account is as if it were not there; NotFound when nothing is left."""
    gone = Trouble.of(NotFound())
    rows = [
        one
        if one.account is None or one.account.id == account.id
        else Planned(one.object_id, one.level, trouble=gone)
        for one in tried.rows
    ]
    if all(one.account is None for one in rows):
        raise NotFound()
    return replace(tried, rows=rows)
