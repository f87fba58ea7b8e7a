"""In whose name somebody reads an account: in their own, or in its owner's who lets them look."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from vibekanban.core.errors import NotFound
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta import accounts
from vibekanban.domains.meta.models import Ad, AdSet, Campaign, Level, MetaAccount
from vibekanban.domains.meta.objects import TABLES
from vibekanban.domains.sharing import members
from vibekanban.domains.sharing.errors import ExportForbidden
from vibekanban.domains.sharing.models import AccountMember


@dataclass(frozen=True)
class Sight:
    """A read of an account: use cases are asked as `owner_id`; `shared_by` is empty for one's own."""

    account_id: UUID
    owner_id: UUID
    shared_by: str = ""
    may_export: bool = True

    @property
    def mine(self) -> bool:
        return not self.shared_by

    def exporting(self) -> UUID:
        """The owner to ask for a file; ExportForbidden when the owner keeps them from guests."""
        if not self.may_export:
            raise ExportForbidden()
        return self.owner_id


@dataclass(frozen=True)
class Seen:
    """An account one may look at."""

    account: MetaAccount
    shared_by: str


def seen(session: Session, me: UUID) -> list[Seen]:
    """One's own accounts, then those that others share, by name."""
    own = [Seen(one.account, "") for one in accounts.connected(session, me, limit=1000)]
    return own + [Seen(one.account, one.owner_name) for one in members.shared_with(session, me)]


def of_account(session: Session, me: UUID, account_id: UUID) -> Sight:
    """NotFound for an account that is neither one's own nor shared with one."""
    owner = session.exec(select(MetaAccount.user_id).where(MetaAccount.id == account_id)).first()
    if owner is None:
        raise NotFound()
    if owner == me:
        return Sight(account_id, me)
    found = session.exec(
        select(User.name, AccountMember.may_export)
        .join(AccountMember, col(AccountMember.user_id) == User.id)
        .where(
            AccountMember.account_id == account_id,
            AccountMember.member_id == me,
            AccountMember.user_id == owner,
            col(User.is_active),
        )
    ).first()
    if found is None:
        raise NotFound()
    return Sight(account_id, owner, *found)


def of_object(session: Session, me: UUID, level: Level, object_id: UUID) -> Sight:
    """The same for the account of a campaign, an ad set or an ad."""
    table: type[Campaign] | type[AdSet] | type[Ad] = TABLES[level]
    account_id = session.exec(select(table.account_id).where(table.id == object_id)).first()
    if account_id is None:
        raise NotFound()
    return of_account(session, me, account_id)


def reader(session: Session, me: UUID, *, account_id: UUID | None, campaign_id: UUID | None = None) -> UUID:
    """As whom to list what a filter names: the owner of what is shared, oneself for everything else."""
    try:
        if account_id is not None:
            return of_account(session, me, account_id).owner_id
        if campaign_id is not None:
            return of_object(session, me, Level.CAMPAIGN, campaign_id).owner_id
    except NotFound:  # a list of nothing, as for any other filter
        pass
    return me
