"""How often the budget of an ad set has changed: Meta allows four changes an hour, then blocks it for an hour."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import array
from sqlmodel import Session, col, select

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.core import columns
from vibekanban.domains.editing.errors import BudgetChangedTooOften
from vibekanban.domains.meta.models import Change, ChangeOutcome

MOST = 4
WINDOW = timedelta(hours=1)
META_SAYS = (613, 1487632)
BUDGET_NAMES = ["dailyBudget", "lifetimeBudget"]


def check(session: Session, ad_set_id: UUID) -> None:
    """BudgetChangedTooOften while four of our own changes are younger than an hour."""
    since = columns.now() - WINDOW
    made = session.exec(
        select(Change.created_at)
        .where(
            Change.object_id == ad_set_id,
            col(Change.created_at) > since,
            col(Change.action) == "edit",
            col(Change.outcome) != ChangeOutcome.FAILED,
            Change.after.has_any(array(BUDGET_NAMES)),  # pyright: ignore[reportAttributeAccessIssue],
        )
        .order_by(col(Change.created_at).desc())
        .limit(MOST)
    ).all()
    if len(made) == MOST:
        raise BudgetChangedTooOften(int((made[-1] - since).total_seconds()) + 1)


def refusal(error: meta_errors.Refused) -> BudgetChangedTooOften | None:
    """Meta counted more than we did: changes were made elsewhere too."""
    if (error.meta_code, error.subcode) != META_SAYS:
        return None
    return BudgetChangedTooOften(int(WINDOW.total_seconds()))
