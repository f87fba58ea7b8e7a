"""Share links: making one, opening it without an account of ours, ending it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, func, or_, select

from vibekanban.core import columns, events, security
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.core.settings import settings
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta import objects
from vibekanban.domains.meta.models import MetaAccount
from vibekanban.domains.sharing.errors import TooManyShares, WrongSharePassword
from vibekanban.domains.sharing.models import ShareKind, ShareLink

PREFIX = "vkv"
HINT = 12
MOST, MOST_ACCOUNTS = 100, 200
SHORTEST_PASSWORD, LONGEST_PASSWORD = 6, 200


@dataclass(frozen=True)
class Issued:
    """A link with its token, which exists nowhere else from here on."""

    link: ShareLink
    token: str

    @property
    def address(self) -> str:
        return f"{settings().origin}/s/{self.token}"


@dataclass(frozen=True)
class Opened:
    """A link that is good, with the accounts that it may still show."""

    link: ShareLink
    accounts: list[MetaAccount]


def make(
    session: Session,
    owner: UUID,
    *,
    name: str,
    kind: ShareKind,
    account_ids: Sequence[UUID],
    filters: Mapping[str, Any] | None = None,
    password: str = "",
    expires_at: datetime | None = None,
) -> Issued:
    """A link to some of one's own accounts; `filters` narrow what a board shows of them."""
    clean = " ".join(name.replace("\x00", "").split())
    wrong = {}
    if not 1 <= len(clean) <= 120:
        wrong["name"] = "sharing.field.name"
    if not account_ids or len(account_ids) > MOST_ACCOUNTS:
        wrong["accountIds"] = "sharing.field.accounts"
    if password and not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        wrong["password"] = "sharing.field.password"  # noqa: S105 - the key of a sentence
    if expires_at is not None and expires_at <= columns.now():
        wrong["expiresAt"] = "sharing.field.expiry"
    if wrong:
        raise Invalid(wrong)
    if not objects.owns_accounts(session, owner, account_ids):
        raise NotFound()
    live = select(func.count()).where(ShareLink.user_id == owner, col(ShareLink.revoked_at).is_(None))
    if session.exec(live).one() >= MOST:
        raise TooManyShares(most=MOST)
    token, hashed = security.new_token(PREFIX)
    link = ShareLink(
        user_id=owner,
        name=clean,
        kind=kind,
        account_ids=list(dict.fromkeys(account_ids)),
        filters=dict(filters or {}),
        token_hash=hashed,
        hint=token[:HINT],
        password_hash=security.hash_password(password) if password else None,
        expires_at=expires_at,
    )
    session.add(link)
    session.flush()
    events.publish(session, owner, events.Topic.SHARING)
    return Issued(link, token)


def links(session: Session, owner: UUID) -> list[ShareLink]:
    """One's own that were not ended, newest first."""
    query = select(ShareLink).where(ShareLink.user_id == owner, col(ShareLink.revoked_at).is_(None))
    return list(session.exec(query.order_by(col(ShareLink.id).desc()).limit(MOST)))


def link(session: Session, owner: UUID, link_id: UUID) -> ShareLink:
    found = session.exec(
        select(ShareLink).where(ShareLink.id == link_id, ShareLink.user_id == owner).with_for_update()
    ).first()
    if found is None:
        raise NotFound()
    return found


def end(session: Session, owner: UUID, link_id: UUID) -> None:
    """Dead when this commits; ending again changes nothing."""
    found = link(session, owner, link_id)
    if found.revoked_at is None:
        found.revoked_at = columns.now()
        session.flush()


def opened(session: Session, token: str) -> Opened:
    """What a token shows now; NotFound for one that is unknown, ended, expired, or whose owner is gone."""
    found = session.exec(
        select(ShareLink)
        .join(User, col(User.id) == ShareLink.user_id)
        .where(
            ShareLink.token_hash == security.token_hash(token),
            col(ShareLink.revoked_at).is_(None),
            or_(col(ShareLink.expires_at).is_(None), col(ShareLink.expires_at) > columns.now()),
            col(User.is_active),
        )
    ).first()
    if found is None:
        raise NotFound()
    accounts = session.exec(
        select(MetaAccount)
        .where(col(MetaAccount.id).in_(found.account_ids), MetaAccount.user_id == found.user_id)
        .order_by(func.lower(MetaAccount.name))
    ).all()
    return Opened(found, list(accounts))


def count_view(session: Session, link: ShareLink) -> None:
    """It was looked at. The last thing of a look: until it is over, the next one waits here for its turn."""
    session.execute(
        update(ShareLink)
        .where(col(ShareLink.id) == link.id)
        .values(views=col(ShareLink.views) + 1, seen_at=columns.now())
    )


def unlock(link: ShareLink, password: str) -> str:
    """The pass that shows that the password was known; WrongSharePassword otherwise."""
    if not security.password_matches(password, link.password_hash):
        raise WrongSharePassword()
    return _pass(link)


def is_open(link: ShareLink, shown: str | None) -> bool:
    """Whether the link may be read with this pass; one without a password needs none."""
    return link.password_hash is None or hmac.compare_digest(_pass(link), shown or "")


def _pass(link: ShareLink) -> str:
    """Bound to the link and to its password: another password, another pass."""
    told = f"share:{link.id}:{link.password_hash}".encode()
    return hmac.new(settings().jwt_secret.encode(), told, hashlib.sha256).hexdigest()
