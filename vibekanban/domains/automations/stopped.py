"""Why an automation does nothing although it should: its token, a kill switch, an account, or n8n."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlmodel import Session, col, select

from vibekanban.core import columns
from vibekanban.domains.access.models import McpToken
from vibekanban.domains.accounts.models import User
from vibekanban.domains.automations.models import Automation, State
from vibekanban.domains.meta.models import ConnectionStatus, MetaAccount, MetaConnection


class StopReason(StrEnum):
    """Each has a sentence in both languages that says what to do next."""

    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - a reason
    TOKEN_EXPIRED = "token_expired"  # noqa: S105
    TOKEN_STOPPED = "token_stopped"  # noqa: S105
    TOKEN_ROTATED = "token_rotated"  # noqa: S105
    EVERYTHING_STOPPED = "everything_stopped"
    ACCOUNT_STOPPED = "account_stopped"
    ACCOUNT_GONE = "account_gone"
    CONNECTION_BROKEN = "connection_broken"
    N8N = "n8n"


def reasons(session: Session, automation: Automation) -> list[StopReason]:
    """What keeps it from acting, the owner's own switches first; empty when nothing does."""
    if automation.state is State.ENDED:
        return []
    user = session.get_one(User, automation.user_id)
    token = session.get_one(McpToken, automation.token_id)
    accounts = _accounts(session, automation)
    found = {
        StopReason.TOKEN_REVOKED: token.revoked_at is not None,
        StopReason.TOKEN_EXPIRED: token.expires_at is not None and token.expires_at <= columns.now(),
        StopReason.TOKEN_STOPPED: token.stopped_at is not None,
        StopReason.TOKEN_ROTATED: automation.settled
        and automation.armed_hint is not None
        and automation.armed_hint != token.hint,
        StopReason.EVERYTHING_STOPPED: user.agents_stopped_at is not None,
        StopReason.ACCOUNT_STOPPED: any(
            account.agents_stopped_at is not None for account, _ in accounts.values()
        ),
        StopReason.ACCOUNT_GONE: any(one not in accounts for one in automation.account_ids),
        StopReason.CONNECTION_BROKEN: any(
            status is not ConnectionStatus.ACTIVE for _, status in accounts.values()
        ),
        StopReason.N8N: automation.problem != "",
    }
    return [reason for reason, holds in found.items() if holds]


def _accounts(session: Session, automation: Automation) -> dict[UUID, tuple[MetaAccount, ConnectionStatus]]:
    query = (
        select(MetaAccount, MetaConnection.status)
        .join(MetaConnection, col(MetaConnection.id) == MetaAccount.connection_id)
        .where(MetaAccount.user_id == automation.user_id, col(MetaAccount.id).in_(automation.account_ids))
    )
    return {account.id: (account, ConnectionStatus(status)) for account, status in session.exec(query)}
