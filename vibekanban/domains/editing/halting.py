"""Whether a program that ordered a bulk edit has been stopped since: a switch that is thrown holds at the next row."""

from __future__ import annotations

from sqlmodel import Session, col, select

from vibekanban.domains.access.models import McpToken
from vibekanban.domains.accounts.models import User
from vibekanban.domains.editing.models import BulkRow, BulkRun
from vibekanban.domains.meta.models import ActorKind, MetaAccount


def halted(session: Session, run: BulkRun, row: BulkRow) -> bool:
    """Whether its token is stopped or revoked, or its owner stopped all programs, or those of the account."""
    if run.actor_kind is not ActorKind.TOKEN:
        return False
    token = session.exec(
        select(McpToken.id)
        .join(User, col(User.id) == col(McpToken.user_id))
        .where(
            McpToken.id == run.actor_id,
            col(McpToken.revoked_at).is_(None),
            col(McpToken.stopped_at).is_(None),
            col(User.agents_stopped_at).is_(None),
        )
    ).first()
    account = session.get(MetaAccount, row.account_id) if row.account_id else None
    return token is None or (account is not None and account.agents_stopped_at is not None)
