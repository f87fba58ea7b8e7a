"""What every tool that makes something at Meta has in common: the way through the policy, and the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, cast
from uuid import UUID

from vibekanban.core import i18n
from vibekanban.core.shapes import Moment, Shape
from vibekanban.domains.access.models import Scope
from vibekanban.domains.editing.comparing import Difference
from vibekanban.domains.editing.stakes import Stake
from vibekanban.domains.guarding import writes
from vibekanban.domains.guarding.writes import Preview, Write
from vibekanban.domains.meta.models import Creative, Level, MetaAccount
from vibekanban.domains.meta.objects import Thing
from vibekanban.domains.tools import writing
from vibekanban.domains.tools.tool import Context, Done
from vibekanban.domains.tools.writing import Budgets, FieldChange, MoneyAtStake, Writing

T = TypeVar("T")
How = Literal["applied", "dry_run", "pending_approval", "under_way"]


class MadeObject(Shape):
    """`outcome` says what happened; `id` is null unless the object is there."""

    id: UUID | None
    meta_id: str | None
    account_id: UUID
    level: str
    name: str
    status: str | None
    effective_status: str | None
    outcome: How
    message: str
    changes: list[FieldChange]
    at_stake: MoneyAtStake | None
    change_id: UUID | None
    approval_id: UUID | None
    approval_expires_at: Moment | None


@dataclass(frozen=True)
class Product:
    """What came of it, or would: without a `thing` nothing is there yet."""

    thing: Thing | Creative | None
    differences: Sequence[Difference] = ()
    stake: Stake | None = None
    change_id: UUID | None = None


@dataclass(frozen=True)
class Job(Generic[T]):
    """What is to be made where: the words are those of `mcp.done.<words>` and `mcp.done.<words>_dry`."""

    tool: str
    words: str
    level: Level
    account: MetaAccount
    name: str
    starts: bool
    preview: Callable[[], T]
    act: Callable[[], T]
    budgets: Callable[[T], Budgets]
    product: Callable[[T], Product]


def made(
    context: Context,
    asked: Writing,
    job: Job[T],
    *,
    shape: type[MadeObject] = MadeObject,
    more: Callable[[T | None], Mapping[str, Any]] = lambda _: {},
) -> Done:
    """Make it, PAUSED unless told, within the token's policy."""
    if job.starts:
        context.caller.must(Scope.RESUME)  # what is born running spends, as what is resumed does

    def preview() -> Preview[T]:
        tried = job.preview()
        product = job.product(tried)
        shown = writing.shown(product.differences, product.stake)
        return Preview(tried, job.account.currency, job.budgets(tried), shown)

    carried = writes.carry_out(
        context.caller,
        Write(
            tool=job.tool,
            arguments=asked.asked(),
            verb=Scope.CREATE,
            account_id=job.account.id,
            object_id=None,
            object_name=job.name,
            preview=preview,
            act=job.act,
            also=(Scope.RESUME,) if job.starts else (),
        ),
        dry_run=asked.dry_run,
        approved=context.approved,
    )
    held = carried.approval
    product = Product(None) if held else job.product(cast(T, carried.done))
    thing = product.thing
    how: How = (
        "pending_approval" if held else "dry_run" if carried.dry else "applied" if thing else "under_way"
    )
    said = {"applied": job.words, "dry_run": f"{job.words}_dry"}.get(how, how)
    result = shape(
        id=thing.id if thing else None,
        meta_id=thing.meta_id if thing else None,
        account_id=job.account.id,
        level=job.level.value,
        name=thing.name if thing else job.name,
        status=thing.status if thing else None,
        effective_status=thing.effective_status if thing and not isinstance(thing, Creative) else None,
        outcome=how,
        message=i18n.say(context.locale, f"mcp.done.{said}", name=thing.name if thing else job.name),
        changes=writing.moved(product.differences),
        at_stake=writing.at_stake(product.stake),
        change_id=product.change_id,
        approval_id=held.id if held else None,
        approval_expires_at=held.expires_at if held else None,
        **more(carried.done),
    )
    wrote = how in {"applied", "under_way"}
    return Done(
        result,
        account_id=job.account.id,
        object_id=str(thing.id) if thing else None,
        before={} if wrote else None,
        after={one.field: one.after for one in product.differences} if wrote else None,
    )
