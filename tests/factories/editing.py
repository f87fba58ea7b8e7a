"""Bulk edits as tests need them."""

from __future__ import annotations

from sqlmodel import Session

from vibekanban.domains.accounts.models import User
from vibekanban.domains.editing.models import BulkRow, BulkRun, RowState, RunState
from vibekanban.domains.meta.models import ActorKind, Campaign, Level


def a_bulk_run(session: Session, user: User, campaign: Campaign) -> BulkRun:
    """One that paused a campaign and is over."""
    run = BulkRun(
        user_id=user.id,
        action="pause",
        actor_kind=ActorKind.USER,
        actor_id=user.id,
        actor_name=user.name,
        status=RunState.DONE,
        total=1,
        done=1,
    )
    session.add(run)
    session.flush()
    row = BulkRow(
        run_id=run.id,
        position=0,
        user_id=user.id,
        account_id=campaign.account_id,
        level=Level.CAMPAIGN,
        object_id=campaign.id,
        object_name=campaign.name,
        fields={"status": "PAUSED"},
        before={"status": "ACTIVE"},
        state=RowState.DONE,
    )
    session.add(row)
    session.flush()
    return run
