"""Which ad accounts a caller reaches: those its token names that are still its owner's."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session, col, select

from vibekanban.core.errors import NotFound
from vibekanban.domains.access.hot import Caller
from vibekanban.domains.meta.models import MetaAccount, MetaConnection


def accounts(
    session: Session, caller: Caller, *, after: UUID | None = None, limit: int = 25
) -> list[tuple[MetaAccount, MetaConnection]]:
    """The accounts with their connections, in the order of their ids."""
    query = (
        select(MetaAccount, MetaConnection)
        .join(MetaConnection, col(MetaConnection.id) == MetaAccount.connection_id)
        .where(MetaAccount.user_id == caller.user_id, col(MetaAccount.id).in_(caller.account_ids))
    )
    if after is not None:
        query = query.where(MetaAccount.id > after)
    return list(session.exec(query.order_by(col(MetaAccount.id)).limit(limit)))


def account(session: Session, caller: Caller, reference: str) -> MetaAccount:
    """One account by our id or by Meta's, with or without `act_`; NotFound beyond the token's reach."""
    query = select(MetaAccount).where(
        MetaAccount.user_id == caller.user_id, col(MetaAccount.id).in_(caller.account_ids)
    )
    try:
        query = query.where(MetaAccount.id == UUID(reference))
    except ValueError:
        query = query.where(MetaAccount.meta_account_id == reference.removeprefix("act_"))
    found = session.exec(query).first()
    if found is None:
        raise NotFound()
    return found


def narrowed(session: Session, caller: Caller, reference: str | None) -> list[UUID]:
    """The ids to look in: one account, or all the caller reaches."""
    return [account(session, caller, reference).id] if reference else caller.account_ids
