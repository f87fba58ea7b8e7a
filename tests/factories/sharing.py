"""Links and members as tests need them."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta.models import MetaAccount
from vibekanban.domains.sharing import links, members
from vibekanban.domains.sharing.models import MemberInvitation, ShareKind


def a_link(session: Session, *accounts: MetaAccount, **values: Any) -> links.Issued:
    """A link to the board of these accounts of one owner."""
    given: dict[str, Any] = {"name": "Para el cliente", "kind": ShareKind.BOARD, **values}
    return links.make(session, accounts[0].user_id, account_ids=[account.id for account in accounts], **given)


def an_invitation(session: Session, email: str, *accounts: MetaAccount) -> MemberInvitation:
    return members.invite(
        session, accounts[0].user_id, email=email, account_ids=[account.id for account in accounts]
    )


def a_member(session: Session, user: User, *accounts: MetaAccount) -> User:
    """The person, who looks at these accounts from now on."""
    members.answer(session, user.id, an_invitation(session, user.email, *accounts).id, accept=True)
    return user
