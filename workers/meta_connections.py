"""Jobs of connections: finding accounts, the daily look at tokens, revoking."""

from __future__ import annotations

from uuid import UUID

from vibekanban.clients.meta import oauth as meta_oauth
from vibekanban.core import db, queue
from vibekanban.core.logging import logger
from vibekanban.domains.meta import accounts, connections, tokens
from vibekanban.domains.meta.errors import ConnectionNeedsSignIn
from vibekanban.domains.meta.models import ConnectionStatus, MetaConnection

log = logger(__name__)


def discover_accounts(connection_id: str) -> None:
    """Find the accounts of a connection; a dead token has told its owner already and is not tried again."""
    try:
        found = accounts.discover(UUID(connection_id))
    except ConnectionNeedsSignIn:
        return
    log.info("accounts_discovered", connection=connection_id, accounts=found)


def sweep_connections() -> None:
    """Order the daily look at every live token."""
    with db.transaction() as session:
        for connection_id in tokens.due(session):
            queue.enqueue(
                session,
                queue.Job.CHECK_CONNECTION,
                str(connection_id),
                lane=queue.Lane.TODAY,
                job_id=f"check-{connection_id}",
            )


def check_connection(connection_id: str) -> None:
    """Look at one token."""
    tokens.check(UUID(connection_id))


def revoke_connection(connection_id: str) -> None:
    """Tell Meta that we are out, then delete the token; repeated until Meta has heard it."""
    with db.transaction() as session:
        connection = session.get(MetaConnection, UUID(connection_id))
    if connection is None or connection.status is not ConnectionStatus.REVOKED:
        return
    meta_oauth.revoke(connections.token(connection))
    with db.transaction() as session:
        connections.forget(session, connection.id)
