"""Writes that stay here and never reach Meta, alerts and tasks, on the same way through the policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from sqlmodel import Session

from vibekanban.core import db, i18n
from vibekanban.core.shapes import Moment, Shape
from vibekanban.domains.access.models import Scope
from vibekanban.domains.guarding import writes
from vibekanban.domains.guarding.writes import Preview, Write
from vibekanban.domains.tools.tool import Context, Done
from vibekanban.domains.tools.writing import Budgets, Writing

T = TypeVar("T")


class Written(Shape):
    """`outcome` says what happened; only `applied` wrote something."""

    outcome: Literal["applied", "dry_run", "pending_approval"]
    message: str
    approval_id: UUID | None
    approval_expires_at: Moment | None


@dataclass(frozen=True)
class Keeping(Generic[T]):
    """What is to be written: `preview` only tries it, `words` names the sentence mcp.done.<words>.

    `also` are the verbs of what follows from it, `budgets` what that may come to.
    """

    tool: str
    verb: Scope
    account_id: UUID
    name: str
    preview: Callable[[], T]
    act: Callable[[Session], T]
    words: str
    currency: str = ""
    also: tuple[Scope, ...] = ()
    budgets: Budgets = field(default_factory=dict)


def kept(
    context: Context,
    asked: Writing,
    wanted: Keeping[T],
    row: Callable[[T], Shape],
    shape: type[Written],
) -> Done:
    """Write it within the token's policy; the answer carries the row."""

    def preview() -> Preview[Shape]:
        tried = row(wanted.preview())
        return Preview(tried, wanted.currency, wanted.budgets, _shown(asked))

    def act() -> Shape:
        with db.transaction() as session:
            return row(wanted.act(session))

    carried = writes.carry_out(
        context.caller,
        Write(
            tool=wanted.tool,
            arguments=asked.asked(),
            verb=wanted.verb,
            account_id=wanted.account_id,
            object_id=None,
            object_name=wanted.name,
            preview=preview,
            act=act,
            also=wanted.also,
        ),
        dry_run=asked.dry_run,
        approved=context.approved,
    )
    held = carried.approval
    how = "pending_approval" if held else "dry_run" if carried.dry else "applied"
    said = wanted.words if how == "applied" else f"kept_{how}" if how == "dry_run" else how
    done = carried.done
    result = shape.model_validate(
        {
            "outcome": how,
            "message": i18n.say(context.locale, f"mcp.done.{said}", name=wanted.name),
            "approval_id": held.id if held else None,
            "approval_expires_at": held.expires_at if held else None,
            "item": done,
        }
    )
    return Done(
        result,
        account_id=wanted.account_id,
        object_id=str(made) if how == "applied" and (made := getattr(done, "id", None)) else None,
        after=asked.asked() if how == "applied" else None,
    )


def _shown(asked: Writing) -> dict[str, Any]:
    """What a person is shown who decides: there is no before, so what was asked for."""
    hidden = {"reason", "dryRun"}
    return {
        "changes": [
            {"field": name, "before": None, "after": value}
            for name, value in asked.asked().items()
            if name not in hidden
        ]
    }
