"""Changes whose writer died before it could settle them: Meta is asked what became of them."""

from __future__ import annotations

from vibekanban.core import columns, db
from vibekanban.core.errors import AppError
from vibekanban.domains.editing import budget_modes, copying, creating, creatives, edits
from vibekanban.domains.meta import changes
from vibekanban.domains.meta.models import Change, ChangeOutcome, Level

RESOLVERS = {
    "create": creating.resolve,
    "copy": copying.resolve,
    budget_modes.ACTION: budget_modes.resolve,
}


def resolve(change: Change) -> ChangeOutcome:
    """Settle a stranded change by looking at Meta; UNKNOWN when Meta could not be asked for a day."""
    try:
        if change.level is Level.CREATIVE:
            return creatives.resolve(change)
        return RESOLVERS.get(change.action, edits.resolve)(change)
    except AppError as error:
        if columns.now() - change.created_at < changes.GIVEN_UP:
            raise
        with db.transaction() as session:
            changes.settle(session, change.id, ChangeOutcome.UNKNOWN, error_code=error.code)
        return ChangeOutcome.UNKNOWN
