"""Why an automation does nothing although it should: its token, a kill switch, an account, or n8n."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_, any_
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


@dataclass(frozen=True)
class Reached:
    """An account of an automation, and how its connection is."""

    account: MetaAccount
    connection: ConnectionStatus


def reached(session: Session, automations: Sequence[Automation]) -> dict[UUID, list[Reached]]:
    """The accounts of each automation that its owner still has, read at once."""
    query = (
        select(Automation.id, MetaAccount, MetaConnection.status)
        .join(
            MetaAccount,
            and_(
                col(MetaAccount.user_id) == Automation.user_id,
                col(MetaAccount.id) == any_(col(Automation.account_ids)),
            ),
        )
        .join(MetaConnection, col(MetaConnection.id) == MetaAccount.connection_id)
        .where(col(Automation.id).in_([one.id for one in automations]))
    )
    found: dict[UUID, list[Reached]] = {one.id: [] for one in automations}
    for automation_id, account, status in session.exec(query):
        found[automation_id].append(Reached(account, ConnectionStatus(status)))
    return found


def reasons(
    automation: Automation, token: McpToken, owner: User, accounts: Sequence[Reached]
) -> list[StopReason]:
    """What keeps it from acting, the owner's own switches first; empty when nothing does."""
    if automation.state is State.ENDED:
        return []
    found = {
        StopReason.TOKEN_REVOKED: token.revoked_at is not None,
        StopReason.TOKEN_EXPIRED: token.expires_at is not None and token.expires_at <= columns.now(),
        StopReason.TOKEN_STOPPED: token.stopped_at is not None,
        StopReason.TOKEN_ROTATED: automation.settled
        and automation.armed_hint is not None
        and automation.armed_hint != token.hint,
        StopReason.EVERYTHING_STOPPED: owner.agents_stopped_at is not None,
        StopReason.ACCOUNT_STOPPED: any(one.account.agents_stopped_at is not None for one in accounts),
        StopReason.ACCOUNT_GONE: not {one.account.id for one in accounts}.issuperset(automation.account_ids),
        StopReason.CONNECTION_BROKEN: any(one.connection is not ConnectionStatus.ACTIVE for one in accounts),
        StopReason.N8N: automation.problem != "",
    }
    return [reason for reason, holds in found.items() if holds]
