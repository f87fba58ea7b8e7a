"""What ends at Meta: telling it that we are out, and hearing from it who has left."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, exists
from sqlmodel import Session, col, select

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta import oauth as meta_oauth
from vibekanban.core import columns, db, logging, vault
from vibekanban.core.errors import Malformed
from vibekanban.domains.meta import connections
from vibekanban.domains.meta.models import ConnectionStatus, MetaConnection

GIVEN_UP = timedelta(days=14)
# Meta will not take it back however often it is asked; the token goes, and that is all we can do
FINAL = (meta_errors.NeedsUserAction, meta_errors.NeedsPermission, meta_errors.Refused, meta_errors.Missing)

log = logging.logger(__name__)


def unrevoked(session: Session) -> list[UUID]:
    """Connections that ended here and, as far as we know, not yet at Meta."""
    return list(
        session.exec(select(MetaConnection.id).where(MetaConnection.status == ConnectionStatus.REVOKED))
    )


def revoke(connection_id: UUID) -> None:
    """Tell Meta that we are out, then delete the token; raises while Meta can not be told.

    Safe to repeat. Meta takes back all that a person gave our app, so nothing is said while somebody else
    here is connected as the same person.
    """
    with db.transaction() as session:
        connection = session.get(MetaConnection, connection_id)
        shared = connection is not None and _shared(session, connection)
    if connection is None or connection.status is not ConnectionStatus.REVOKED:
        return
    if not shared and columns.now() - connection.updated_at < GIVEN_UP:
        try:
            meta_oauth.revoke(connections.token(connection))
        except (*FINAL, vault.Undecryptable) as refused:
            log.warning("revocation_refused", connection=str(connection_id), reason=type(refused).__name__)
    with db.transaction() as session:
        session.execute(
            delete(MetaConnection).where(
                col(MetaConnection.id) == connection_id,
                col(MetaConnection.status) == ConnectionStatus.REVOKED,
                col(MetaConnection.sealed_token) == connection.sealed_token,
            )
        )


def _shared(session: Session, connection: MetaConnection) -> bool:
    others = exists().where(
        col(MetaConnection.meta_user_id) == connection.meta_user_id,
        col(MetaConnection.id) != connection.id,
        col(MetaConnection.status) != ConnectionStatus.REVOKED,
    )
    return bool(session.execute(select(others)).scalar())


def deauthorized(session: Session, signed_request: str) -> None:
    """The person removed our app at Meta: every connection of theirs is dead."""
    meta_user_id = person(signed_request)
    rows = session.exec(select(MetaConnection.id).where(MetaConnection.meta_user_id == meta_user_id)).all()
    for connection_id in rows:
        connections.lost(session, connection_id, ConnectionStatus.NEEDS_REAUTH)


def person(signed_request: str) -> str:
    """Who a request of Meta's is about; Malformed when Meta did not sign it."""
    meta_user_id = meta_oauth.signed_person(signed_request)
    if meta_user_id is None:
        raise Malformed()
    return meta_user_id
