"""People who may look at somebody's ad accounts: inviting, answering, who sees what, and the end of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, func, select

from vibekanban.core import columns, events
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.accounts import passwords, queries
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta import objects
from vibekanban.domains.meta.models import MetaAccount
from vibekanban.domains.notifications import channels, outbox
from vibekanban.domains.sharing.errors import InvitationOver, NeedsVerifiedEmail, TooManyShares
from vibekanban.domains.sharing.models import AccountMember, MemberInvitation

LIVES = timedelta(days=30)
MOST_OPEN = 100
PAGE = "/app/sharing"


@dataclass(frozen=True)
class Member:
    """A person and the accounts of one's own that they see."""

    id: UUID
    name: str
    email: str
    accounts: list[MetaAccount]
    may_export: bool


@dataclass(frozen=True)
class Shared:
    """Somebody else's account that one may look at."""

    account: MetaAccount
    owner_id: UUID
    owner_name: str
    may_export: bool


@dataclass(frozen=True)
class Asked:
    """An invitation as the invited person sees it."""

    invitation: MemberInvitation
    owner_name: str
    account_names: list[str]


def invite(
    session: Session, owner: UUID, *, email: str, account_ids: Sequence[UUID], may_export: bool = True
) -> MemberInvitation:
    """Ask an address to look at accounts; the same whether somebody has that address here or not.

    `may_export` is whether they may take the numbers away as files.
    """
    if not account_ids:
        raise Invalid({"accountIds": "sharing.field.accounts"})
    if not objects.owns_accounts(session, owner, account_ids):
        raise NotFound()
    me = queries.user(session, owner)
    address = passwords.address(email)
    if me is None or address == me.email:
        raise Invalid({"email": "sharing.field.own_email"})
    if len(invitations(session, owner)) >= MOST_OPEN:
        raise TooManyShares(most=MOST_OPEN)
    asked = MemberInvitation(
        user_id=owner,
        email=address,
        account_ids=list(dict.fromkeys(account_ids)),
        may_export=may_export,
        expires_at=columns.now() + LIVES,
    )
    session.add(asked)
    session.flush()
    known = queries.user_by_email(session, address)
    told = {"owner": me.name}
    if known is not None:
        channels.tell(session, known.id, "share_invited", dedupe_key=f"share:{asked.id}", href=PAGE, **told)
    else:
        outbox.write_to(
            session, address, me.locale, "share_invited", told, dedupe_key=f"share:{asked.id}", href=PAGE
        )
    _told(session, owner)
    return asked


def invitations(session: Session, owner: UUID) -> list[MemberInvitation]:
    """One's own that nobody has answered yet, newest first."""
    query = select(MemberInvitation).where(
        MemberInvitation.user_id == owner,
        col(MemberInvitation.answered_at).is_(None),
        MemberInvitation.expires_at > columns.now(),
    )
    return list(session.exec(query.order_by(col(MemberInvitation.id).desc())))


def take_back(session: Session, owner: UUID, invitation_id: UUID) -> None:
    """An invitation that was not answered is as if it had not been made; InvitationOver when it was."""
    found = session.exec(
        select(MemberInvitation)
        .where(MemberInvitation.id == invitation_id, MemberInvitation.user_id == owner)
        .with_for_update()
    ).first()
    if found is None:
        raise NotFound()
    if found.answered_at is not None:
        raise InvitationOver()
    session.delete(found)
    session.flush()
    about = f"share:{found.id}"
    known = queries.user_by_email(session, found.email)
    if known is not None:
        channels.forget(session, known.id, about=about)
    outbox.withdraw(session, about=about)
    _told(session, owner)


def asked(session: Session, me: UUID) -> list[Asked]:
    """The open invitations to one's own address; none before it is verified."""
    user = queries.user(session, me)
    if user is None or not user.is_verified:
        return []
    found = session.exec(
        select(MemberInvitation, User.name)
        .join(User, col(User.id) == MemberInvitation.user_id)
        .where(
            MemberInvitation.email == user.email,
            col(MemberInvitation.answered_at).is_(None),
            MemberInvitation.expires_at > columns.now(),
        )
        .order_by(col(MemberInvitation.id).desc())
    ).all()
    names = {one.id: [account.name for account in _accounts(session, one)] for one, _ in found}
    return [Asked(one, owner, names[one.id]) for one, owner in found]


def answer(session: Session, me: UUID, invitation_id: UUID, *, accept: bool) -> None:
    """Accept or decline; accepting shows the accounts that are still the owner's."""
    user = queries.user(session, me)
    found = session.exec(
        select(MemberInvitation).where(MemberInvitation.id == invitation_id).with_for_update()
    ).first()
    if user is None or found is None or found.email != user.email:
        raise NotFound()
    if not user.is_verified:
        raise NeedsVerifiedEmail()
    if found.answered_at is not None or found.expires_at <= columns.now():
        raise InvitationOver()
    found.answered_at, found.accepted = columns.now(), accept
    accounts = _accounts(session, found) if accept else []
    if accounts:
        adding = insert(AccountMember)
        session.execute(
            adding.on_conflict_do_update(
                index_elements=["account_id", "member_id"], set_={"may_export": adding.excluded.may_export}
            ),
            [
                {
                    "id": columns.new_id(),
                    "user_id": found.user_id,
                    "account_id": account.id,
                    "member_id": me,
                    "may_export": found.may_export,
                    "created_at": columns.now(),
                }
                for account in accounts
            ],
        )
    session.flush()
    kind = "share_accepted" if accept else "share_declined"
    channels.tell(
        session, found.user_id, kind, dedupe_key=f"share-answer:{found.id}", href=PAGE, who=user.name
    )
    _told(session, found.user_id, me)


def members(session: Session, owner: UUID, *, account_id: UUID | None = None) -> list[Member]:
    """Who looks at one's own accounts, by name; at one of them when asked."""
    query = (
        select(User, MetaAccount, AccountMember.may_export)
        .join(AccountMember, col(AccountMember.member_id) == User.id)
        .join(MetaAccount, col(MetaAccount.id) == AccountMember.account_id)
        .where(AccountMember.user_id == owner, MetaAccount.user_id == owner, col(User.is_active))
        .order_by(func.lower(User.name), func.lower(MetaAccount.name))
    )
    if account_id is not None:
        query = query.where(AccountMember.account_id == account_id)
    found: dict[UUID, Member] = {}
    for user, account, may_export in session.exec(query):
        one = found.setdefault(user.id, Member(user.id, user.name, user.email, [], may_export))
        one.accounts.append(account)
    return list(found.values())


def shared_with(session: Session, me: UUID) -> list[Shared]:
    """Other people's accounts that one may look at, by name."""
    query = (
        select(MetaAccount, User.id, User.name, AccountMember.may_export)
        .join(AccountMember, col(AccountMember.account_id) == MetaAccount.id)
        .join(User, col(User.id) == AccountMember.user_id)
        .where(
            AccountMember.member_id == me, MetaAccount.user_id == AccountMember.user_id, col(User.is_active)
        )
        .order_by(func.lower(MetaAccount.name))
    )
    return [Shared(*row) for row in session.exec(query)]


def let_export(session: Session, owner: UUID, member_id: UUID, *, may: bool) -> None:
    """Let somebody who looks at one's accounts take files away, or not; NotFound when they do not look."""
    changed = session.execute(
        update(AccountMember)
        .where(col(AccountMember.user_id) == owner, col(AccountMember.member_id) == member_id)
        .values(may_export=may)
        .returning(col(AccountMember.id))
    ).all()
    if not changed:
        raise NotFound()
    _told(session, owner, member_id)


def remove(session: Session, owner: UUID, member_id: UUID, *, account_id: UUID | None = None) -> None:
    """Somebody looks no longer at one's accounts, or at one of them; NotFound when they did not."""
    _end(session, owner, member_id, account_id)


def leave(session: Session, me: UUID, account_id: UUID) -> None:
    """Look no longer at somebody else's account."""
    found = session.exec(
        select(AccountMember).where(AccountMember.member_id == me, AccountMember.account_id == account_id)
    ).first()
    if found is None:
        raise NotFound()
    _end(session, found.user_id, me, account_id)


def _end(session: Session, owner: UUID, member_id: UUID, account_id: UUID | None) -> None:
    gone = delete(AccountMember).where(
        col(AccountMember.user_id) == owner, col(AccountMember.member_id) == member_id
    )
    if account_id is not None:
        gone = gone.where(col(AccountMember.account_id) == account_id)
    if not session.execute(gone.returning(col(AccountMember.id))).all():
        raise NotFound()
    _told(session, owner, member_id)


def _told(session: Session, *people: UUID) -> None:
    """Open pages look again, and open streams at what they may tell."""
    for person in people:
        events.publish(session, person, events.Topic.SHARING)


def _accounts(session: Session, invitation: MemberInvitation) -> list[MetaAccount]:
    """The accounts of an invitation that are still its owner's."""
    query = select(MetaAccount).where(
        col(MetaAccount.id).in_(invitation.account_ids), MetaAccount.user_id == invitation.user_id
    )
    return list(session.exec(query.order_by(func.lower(MetaAccount.name))))
