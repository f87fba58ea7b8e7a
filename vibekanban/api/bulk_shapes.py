"""How bulk edits look on the wire: what is asked, and rows with what became, or would become, of them."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from vibekanban.api.editing import DryRun
from vibekanban.api.wire import Wire, example
from vibekanban.core.i18n import Locale
from vibekanban.domains.editing.bulk import Preview, Ran
from vibekanban.domains.editing.bulk_actions import Action
from vibekanban.domains.editing.models import BulkRow, RowState, RunState
from vibekanban.domains.editing.planning import Planned
from vibekanban.domains.editing.trouble import Trouble
from vibekanban.domains.editing.weighing import Weight
from vibekanban.domains.meta import money
from vibekanban.domains.meta.models import Level

OBJECT = "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0003"


class BulkIn(Wire):
    """`params` by action: `amount`, or `amounts` by currency (set_budget, set_bid), `percent`
    (change_budget_percent), `find`, `replace`, `prefix` and `suffix` (rename)."""

    action: Action
    ids: list[UUID] = Field(description="Campaigns, ad sets and ads of any of your accounts; at most 500")
    params: dict[str, Any] = Field(default_factory=dict)
    dry_run: DryRun = False

    model_config = example(
        {
            "action": "set_budget",
            "ids": [OBJECT],
            "params": {"amounts": {"EUR": "50.00", "JPY": "7000"}},
            "dryRun": True,
        }
    )


class BulkProblemOut(Wire):
    """Why a row can not be."""

    code: str
    message: str
    fields: dict[str, str]


class BulkRowOut(Wire):
    """`state` is null in a dry run; a row that is refused then has an error."""

    id: UUID
    level: Level
    account_id: UUID | None
    name: str
    before: dict[str, Any]
    after: dict[str, Any]
    state: RowState | None
    error: BulkProblemOut | None
    change_id: UUID | None
    spend_last_30_days: str | None
    asked_meta: bool = Field(False, description="Of a dry run: Meta was asked about the row itself")


class BulkMoneyOut(Wire):
    """Of one currency, in major units; `share` is in percent of what the touched accounts spent."""

    currency: str
    daily_budget_moved: str
    lifetime_budget_moved: str
    spend_touched: str
    spend_total: str
    share: float | None


class BulkOut(Wire):
    """A bulk edit: what it would do (`dryRun`), or how far it is. Its id is the batch of its changes."""

    dry_run: bool
    id: UUID | None
    action: str
    status: RunState | Literal["preview"]
    total: int
    done: int
    failed: int
    rows: list[BulkRowOut]
    money: list[BulkMoneyOut]

    model_config = example(
        {
            "dryRun": True,
            "id": None,
            "action": "set_budget",
            "status": "preview",
            "total": 1,
            "done": 0,
            "failed": 0,
            "rows": [
                {
                    "id": OBJECT,
                    "level": "campaign",
                    "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
                    "name": "Rebajas de invierno",
                    "before": {"dailyBudget": "40.00"},
                    "after": {"dailyBudget": "50.00"},
                    "state": None,
                    "error": None,
                    "changeId": None,
                    "spendLast30Days": "1320.54",
                    "askedMeta": True,
                }
            ],
            "money": [
                {
                    "currency": "EUR",
                    "dailyBudgetMoved": "10.00",
                    "lifetimeBudgetMoved": "0.00",
                    "spendTouched": "1320.54",
                    "spendTotal": "4012.10",
                    "share": 32.9,
                }
            ],
        }
    )


def previewed(found: Preview, locale: Locale) -> BulkOut:
    rows = [_planned(one, found, locale) for one in found.rows]
    return BulkOut(
        dry_run=True,
        id=None,
        action=found.action,
        status="preview",
        total=len(rows),
        done=0,
        failed=sum(one.error is not None for one in rows),
        rows=rows,
        money=[_money(one) for one in found.weighed.by_currency],
    )


def ran(found: Ran, locale: Locale) -> BulkOut:
    run = found.run
    return BulkOut(
        dry_run=False,
        id=run.id,
        action=run.action,
        status=run.status,
        total=run.total,
        done=run.done,
        failed=run.failed,
        rows=[_row(one, locale) for one in found.rows],
        money=[],
    )


def _planned(one: Planned, found: Preview, locale: Locale) -> BulkRowOut:
    spent = found.weighed.spent.get(one.object_id)
    return BulkRowOut(
        id=one.object_id,
        level=one.level,
        account_id=one.account.id if one.account else None,
        name=one.name,
        before=dict(one.before),
        after=dict(one.after),
        state=None,
        error=_problem(one.trouble, locale),
        change_id=None,
        spend_last_30_days=money.text(spent, one.account.currency) if one.account else None,
        asked_meta=one.asked,
    )


def _row(one: BulkRow, locale: Locale) -> BulkRowOut:
    return BulkRowOut(
        id=one.object_id,
        level=one.level,
        account_id=one.account_id,
        name=one.object_name,
        before=one.before,
        after=one.fields,
        state=one.state,
        error=_problem(Trouble.stored(one.error_code, one.error) if one.error_code else None, locale),
        change_id=one.change_id,
        spend_last_30_days=None,
        asked_meta=False,
    )


def _problem(trouble: Trouble | None, locale: Locale) -> BulkProblemOut | None:
    if trouble is None:
        return None
    return BulkProblemOut(code=trouble.code, message=trouble.sentence(locale), fields=trouble.fields)


def _money(one: Weight) -> BulkMoneyOut:
    def written(amount: Any) -> str:
        return money.text(amount, one.currency) or "0"

    return BulkMoneyOut(
        currency=one.currency,
        daily_budget_moved=written(one.daily_moved),
        lifetime_budget_moved=written(one.lifetime_moved),
        spend_touched=written(one.spend_touched),
        spend_total=written(one.spend_total),
        share=None if one.share is None else float(one.share),
    )
