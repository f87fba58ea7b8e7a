"""What the demo's people find: an account at the sandbox of Meta, and a client who looks at it."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session, col, select

from vibekanban.clients.meta import sandbox_consent
from vibekanban.clients.meta.errors import BadGateway
from vibekanban.core import db, queue
from vibekanban.core.settings import Settings
from vibekanban.domains.accounts import queries
from vibekanban.domains.accounts.demo import PEOPLE
from vibekanban.domains.accounts.models import Role, User
from vibekanban.domains.meta import accounts, oauth
from vibekanban.domains.meta.models import MetaConnection, Permission
from vibekanban.domains.sharing import members
from vibekanban.domains.sharing.models import MemberInvitation

AT_META = "lucia"  # one tidy shop, which is read in seconds
RETRIES = (1, 2, 2, 3, 5, 10, 30, 60, 300)  # a first start has its sandbox later than its workers


def order(session: Session, current: Settings) -> None:
    """Have it made by a job, where Meta is the sandbox: nobody gives consent in other people's names elsewhere."""
    if current.has_demo and current.graph == current.dialog == current.sandbox_origin:
        queue.enqueue(session, queue.Job.CONNECT_DEMO, job_id="connect-demo", retry=RETRIES)


def connect() -> None:
    """Connect the media buyer as the trip to Meta's consent page would, and invite the business owner as client.

    Each once; raises while the sandbox does not answer. Opens its own transactions, none during a call.
    """
    with db.transaction() as session:
        buyer, client = _of(session, Role.TRAFICER), _of(session, Role.EMPRESARIO)
        if buyer is None or client is None or _has_shared(session, buyer.id):
            return
        connection_id = _connection(session, buyer.id)
        dialog = (
            oauth.begin(session, buyer.id, Permission.MANAGE, locale=buyer.locale)
            if connection_id is None
            else ""
        )
    if dialog:
        back = sandbox_consent.given(dialog, AT_META)
        ended = oauth.finish(buyer.id, oauth.Returned(back["state"], back["code"], ""))
        if ended.error_code is not None:
            raise BadGateway()
        with db.transaction() as session:
            connection_id = _connection(session, buyer.id)
    if connection_id is not None:
        accounts.discover(connection_id)
    with db.transaction() as session:
        _share(session, buyer.id, client)


def _share(session: Session, owner: UUID, client: User) -> None:
    found = accounts.connected(session, owner, limit=1)
    if not found or _has_shared(session, owner):
        return
    invited = members.invite(session, owner, email=client.email, account_ids=[found[0].account.id])
    members.answer(session, client.id, invited.id, accept=True)


def _of(session: Session, role: Role) -> User | None:
    email = next(person.email for person in PEOPLE if person.role is role)
    return queries.user_by_email(session, email)


def _connection(session: Session, user_id: UUID) -> UUID | None:
    query = select(MetaConnection.id).where(MetaConnection.user_id == user_id)
    return session.exec(query.order_by(col(MetaConnection.id))).first()


def _has_shared(session: Session, owner: UUID) -> bool:
    query = select(MemberInvitation.id).where(MemberInvitation.user_id == owner)
    return session.exec(query.limit(1)).first() is not None
