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


def an_invitation(
    session: Session, email: str, *accounts: MetaAccount, may_export: bool = True
) -> MemberInvitation:
    ids = [account.id for account in accounts]
    return members.invite(session, accounts[0].user_id, email=email, account_ids=ids, may_export=may_export)


def a_member(session: Session, user: User, *accounts: MetaAccount, may_export: bool = True) -> User:
    """The person, who looks at these accounts from now on."""
    asked = an_invitation(session, user.email, *accounts, may_export=may_export)
    members.answer(session, user.id, asked.id, accept=True)
    return user
