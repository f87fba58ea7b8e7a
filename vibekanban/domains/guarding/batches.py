"""A program's write of many objects: every row is judged by itself, and a refused one fails alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session

from vibekanban.core import columns, db
from vibekanban.core.errors import AppError
from vibekanban.domains.access.errors import ScopeMissing
from vibekanban.domains.access.hot import Caller
from vibekanban.domains.access.models import Scope
from vibekanban.domains.access.policy import Policy, Reason
from vibekanban.domains.editing import fields
from vibekanban.domains.editing.bulk import Ran
from vibekanban.domains.editing.planning import Planned
from vibekanban.domains.editing.trouble import Trouble
from vibekanban.domains.guarding import approvals, judging, writes
from vibekanban.domains.guarding.errors import AccountStopped, PolicyRefused
from vibekanban.domains.guarding.judging import Budget, Move, Verdict
from vibekanban.domains.guarding.models import Approval
from vibekanban.domains.guarding.writes import Preview, Write
from vibekanban.domains.meta import money
from vibekanban.domains.meta.models import MetaAccount

SWITCHES: Mapping[Any, Scope] = {
    "PAUSED": Scope.PAUSE,
    "ACTIVE": Scope.RESUME,
    "ARCHIVED": Scope.DELETE,
    "DELETED": Scope.DELETE,
}


@dataclass(frozen=True)
class Batch:
    """Rows that a program wants written; `arguments` repeat the call about the same objects."""

    tool: str
    arguments: dict[str, Any]
    account_id: UUID
    name: str
    rows: Sequence[Planned]
    shown: dict[str, Any]
    act: Callable[[Sequence[Planned]], Ran]


@dataclass(frozen=True)
class Sent:
    """How it went: under way or over, held for a person, or only tried (`rows` as they were judged)."""

    rows: Sequence[Planned]
    ran: Ran | None = None
    approval: Approval | None = None


def verb(values: Mapping[str, Any]) -> Scope:
    """What a program must be allowed to, to set these fields."""
    return SWITCHES.get(values["status"], Scope.EDIT) if values.keys() == {"status"} else Scope.EDIT


def carry_out(caller: Caller, batch: Batch, *, dry_run: bool = False, approved: bool = False) -> Sent:
    """Write what the caller's policy allows of it; one row that must wait for a person makes all of it wait."""
    policy = Policy.read(caller.policy)
    writes.admitted(caller, batch.account_id)
    with writes.alone(caller.token_id):
        with db.transaction() as session:
            rows, held = _judged(session, caller, policy, batch.rows)
        if dry_run or policy.dry_run:
            return Sent(rows)
        if held and not approved:
            hours = policy.approval.expires_hours if policy.approval else 24
            preview = Preview(None, "", {}, batch.shown)
            with db.transaction() as session:
                asked = approvals.ask(
                    session,
                    caller,
                    _write(batch),
                    preview,
                    Verdict(held=held),
                    lasts=timedelta(hours=hours),
                )
            return Sent(rows, approval=asked)
        return Sent(rows, ran=batch.act(rows))


def _judged(
    session: Session, caller: Caller, policy: Policy, rows: Sequence[Planned]
) -> tuple[list[Planned], dict[Reason, dict[str, Any]]]:
    """The rows with what is refused marked, and why any of them waits for a person."""
    written = writes.writes_today(session, caller)
    earlier = writes.budgets_a_day_ago(session, {one.object_id for one in rows if one.acts})
    found: list[Planned] = []
    held: dict[Reason, dict[str, Any]] = {}
    for one in rows:
        if not one.acts or one.account is None:
            found.append(one)
            continue
        judged = judging.verdict(
            policy, _move(one, one.account, earlier[one.object_id], written), columns.now()
        )
        refusal = _refusal(caller, one, one.account, judged)
        if refusal is None:
            written += 1
            held |= judged.held
        found.append(one if refusal is None else replace(one, trouble=Trouble.of(refusal)))
    return found, held


def _refusal(caller: Caller, one: Planned, account: MetaAccount, judged: Verdict) -> AppError | None:
    needed = verb(one.values)
    if not caller.may(needed):
        return ScopeMissing(scope=needed.value)
    if account.agents_stopped_at is not None:
        return AccountStopped()
    return PolicyRefused(judged.refused) if judged.refused else None


def _move(one: Planned, account: MetaAccount, earlier: Mapping[str, Decimal], written: int) -> Move:
    def budget(name: str) -> Budget:
        if one.handing is not None:
            stands = one.handing.stand, one.handing.plan.after
            before, after = (money.budget(stand.allotted(name), account.currency) for stand in stands)
            return Budget(before, after, before)
        known = fields.known(one.level, name)
        if known is None:
            return judging.NO_BUDGET
        before = money.budget(fields.read(known, one.row), account.currency)
        after = money.budget(one.values[name], account.currency) if name in one.values else before
        return Budget(before, after, earlier.get(known.shown_name, before))

    return Move(
        verb(one.values),
        account.currency,
        daily=budget("daily_budget"),
        lifetime=budget("lifetime_budget"),
        writes_today=written,
    )


def _write(batch: Batch) -> Write[None]:
    """What an approval keeps of it."""
    return Write(
        tool=batch.tool,
        arguments=batch.arguments,
        verb=Scope.EDIT,
        account_id=batch.account_id,
        object_id=None,
        object_name=batch.name,
        preview=lambda: Preview(None, "", {}, batch.shown),
        act=lambda: None,
    )
