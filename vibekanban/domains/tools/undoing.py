"""Tools that undo: one change, or a whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from vibekanban.core import db
from vibekanban.core.errors import NotFound
from vibekanban.domains.editing import bulk, undoing
from vibekanban.domains.editing.bulk import Ran
from vibekanban.domains.editing.edits import Edit, Outcome
from vibekanban.domains.editing.planning import Planned
from vibekanban.domains.guarding import batches
from vibekanban.domains.meta import changes
from vibekanban.domains.tools import bulk as bulk_tools
from vibekanban.domains.tools import modes, writing
from vibekanban.domains.tools.tool import Context, Done
from vibekanban.domains.tools.writing import Writing


class UndoChange(Writing):
    change_id: UUID


class UndoBatch(Writing):
    batch_id: UUID


def change(context: Context, asked: UndoChange) -> Done:
    caller = context.caller
    with db.transaction() as session:
        found = changes.one(session, caller.user_id, asked.change_id)
        if found.account_id not in caller.account_ids:
            raise NotFound()
        undoing.check(session, found)
    moved = found.action == changes.BUDGET_MODE
    verb = batches.verb({} if moved else Edit.undoing(found).fields)
    caller.must(verb)
    target = writing.found(context, found.level, str(found.object_id))

    def apply(dry_run: bool) -> Outcome:
        return undoing.revert(caller.user_id, found.id, writing.acting(context), dry_run=dry_run)

    budgets = modes.budgets if moved else None
    return writing.carried(context, asked, "undo_change", verb, found.level, target, apply, "undo", budgets)


def batch(context: Context, asked: UndoBatch) -> Done:
    caller = context.caller
    with db.transaction() as session:
        found = changes.changes(session, caller.user_id, batch_id=asked.batch_id, limit=10_000)
    if not found or any(one.account_id not in caller.account_ids for one in found):
        raise NotFound()
    tried = bulk.preview_undo(caller.user_id, asked.batch_id)
    bulk.check_undoable(tried.rows)

    def act(rows: Sequence[Planned]) -> Ran:
        return bulk.begin(
            caller.user_id,
            bulk.REVERT,
            {},
            rows,
            writing.acting(context),
            reverts_batch_id=asked.batch_id,
        )

    return bulk_tools.carried(context, asked, "undo_batch", found[0].account_id, tried, asked.asked(), act)
