"""How a change of many objects is answered: rows with what becomes of each, and the money it touches."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from vibekanban.core import i18n
from vibekanban.core.shapes import Moment, Shape
from vibekanban.domains.editing.bulk import Preview, Ran
from vibekanban.domains.editing.models import BulkRow, RunState
from vibekanban.domains.editing.planning import Planned
from vibekanban.domains.editing.trouble import Trouble
from vibekanban.domains.editing.weighing import Weight
from vibekanban.domains.guarding.models import Approval
from vibekanban.domains.meta import cursors, money

FIRST = 25
NOT_YET = UUID(int=0)  # the batch of what is only tried, in its cursors
SHOWN = 20  # rows a person is shown who decides
How = Literal["preview", "dry_run", "pending_approval", "running", "done"]


class RowError(Shape):
    """Why this row is not, or can not be, done."""

    code: str
    message: str


class BulkRowResult(Shape):
    """`state` is `planned`, `same` or `refused` as long as nothing was ordered."""

    id: UUID
    account_id: UUID | None
    level: str
    name: str
    before: dict[str, Any]
    after: dict[str, Any]
    state: Literal["planned", "refused", "waiting", "running", "done", "same", "failed"]
    error: RowError | None
    change_id: UUID | None
    spend_30d: str | None


class Touched(Shape):
    """Of one currency, in major units; `share` is the percent of the accounts' spend of 30 days that is touched."""

    currency: str
    daily_budget_moved: str
    lifetime_budget_moved: str
    spend_30d_touched: str
    spend_30d_total: str
    share: float | None


class BulkResult(Shape):
    """`outcome` says how far it is; `batchId` is for get_bulk, cancel_bulk and undo_batch."""

    outcome: How
    batch_id: UUID | None
    action: str
    message: str
    total: int
    done: int
    failed: int
    money: list[Touched]
    items: list[BulkRowResult]
    has_more: bool
    next_cursor: str | None
    approval_id: UUID | None
    approval_expires_at: Moment | None


def previewed(
    tried: Preview,
    locale: i18n.Locale,
    *,
    limit: int = FIRST,
    cursor: str | None = None,
    dry_run: bool = False,
    held: Approval | None = None,
) -> BulkResult:
    how: How = "pending_approval" if held else "dry_run" if dry_run else "preview"
    rows, following = cursors.stretch(tried.rows, cursor, limit, NOT_YET)
    return BulkResult(
        outcome=how,
        batch_id=None,
        action=tried.action,
        message=i18n.say(locale, f"mcp.done.bulk_{how}", total=len(tried.rows)),
        total=len(tried.rows),
        done=0,
        failed=sum(one.trouble is not None for one in tried.rows),
        money=[_touched(one) for one in tried.weighed.by_currency],
        items=[_planned(one, tried, locale) for one in rows],
        has_more=following is not None,
        next_cursor=following,
        approval_id=held.id if held else None,
        approval_expires_at=held.expires_at if held else None,
    )


def ran(found: Ran, locale: i18n.Locale, *, limit: int = FIRST, cursor: str | None = None) -> BulkResult:
    run = found.run
    how: How = "done" if run.status is RunState.DONE else "running"
    rows, following = cursors.stretch(found.rows, cursor, limit, run.id)
    return BulkResult(
        outcome=how,
        batch_id=run.id,
        action=run.action,
        message=i18n.say(locale, f"mcp.done.bulk_{how}", total=run.total, done=run.done, failed=run.failed),
        total=run.total,
        done=run.done,
        failed=run.failed,
        money=[],
        items=[_row(one, locale) for one in rows],
        has_more=following is not None,
        next_cursor=following,
        approval_id=None,
        approval_expires_at=None,
    )


def shown(tried: Preview) -> dict[str, Any]:
    """What a person is shown who decides about it: the money, and the first rows."""
    acting = [one for one in tried.rows if one.trouble is None and not one.same]
    return {
        "changes": [
            {"field": one.name, "before": _words(one.before), "after": _words(one.after)}
            for one in acting[:SHOWN]
        ],
        "rows": len(acting),
        "money": [_touched(one).model_dump(by_alias=True) for one in tried.weighed.by_currency],
    }


def _words(values: Any) -> str:
    return ", ".join(str(value) for value in values.values())


def _planned(one: Planned, tried: Preview, locale: i18n.Locale) -> BulkRowResult:
    spent = tried.weighed.spent.get(one.object_id)
    return BulkRowResult(
        id=one.object_id,
        account_id=one.account.id if one.account else None,
        level=one.level.value,
        name=one.name,
        before=dict(one.before),
        after=dict(one.after),
        state="refused" if one.trouble else "same" if one.same else "planned",
        error=_error(one.trouble, locale),
        change_id=None,
        spend_30d=money.text(spent, one.account.currency) if one.account else None,
    )


def _row(one: BulkRow, locale: i18n.Locale) -> BulkRowResult:
    return BulkRowResult(
        id=one.object_id,
        account_id=one.account_id,
        level=one.level.value,
        name=one.object_name,
        before=one.before,
        after=one.fields,
        state=one.state.value,
        error=_error(Trouble.stored(one.error_code, one.error) if one.error_code else None, locale),
        change_id=one.change_id,
        spend_30d=None,
    )


def _error(trouble: Trouble | None, locale: i18n.Locale) -> RowError | None:
    return None if trouble is None else RowError(code=trouble.code, message=trouble.sentence(locale))


def _touched(one: Weight) -> Touched:
    def written(amount: Decimal) -> str:
        return money.text(amount, one.currency) or "0"

    return Touched(
        currency=one.currency,
        daily_budget_moved=written(one.daily_moved),
        lifetime_budget_moved=written(one.lifetime_moved),
        spend_30d_touched=written(one.spend_touched),
        spend_30d_total=written(one.spend_total),
        share=None if one.share is None else float(one.share),
    )
