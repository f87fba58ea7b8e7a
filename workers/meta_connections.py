"""Jobs of connections: finding accounts, the daily look at tokens, revoking."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from sqlmodel import Session

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.core import db, queue
from vibekanban.core.logging import logger
from vibekanban.domains.meta import accounts, connections, deletions, leaving, tokens
from vibekanban.domains.meta.errors import ConnectionNeedsSignIn

# trying these again changes nothing, and calls that fail cost the app its tier
FINAL = (
    ConnectionNeedsSignIn,
    meta_errors.AppMisconfigured,
    meta_errors.NeedsPermission,
    meta_errors.Refused,
    meta_errors.Missing,
    meta_errors.Blocked,
    meta_errors.VersionRetired,
)

AT_ONCE = 250  # tokens a job looks at: to start one costs as much as forty looks
TOGETHER = (
    10  # discoveries at a time: each takes a database connection for moments, of which a process has fifteen
)

log = logger(__name__)


def discover_accounts(connection_id: str, daily: bool = False) -> None:
    """Find the accounts of a connection; a dead token has told its owner already and is not tried again."""
    try:
        found = accounts.discover(UUID(connection_id), daily=daily)
    except meta_errors.Throttled as throttled:
        with db.transaction() as session:
            connections.order_discovery(session, UUID(connection_id), daily=daily, after=throttled.until)
        return
    except FINAL as refused:
        log.warning("discovery_refused", connection=connection_id, code=refused.code)
        return
    log.info("accounts_discovered", connection=connection_id, accounts=found)


def discover_daily(connection_ids: list[str]) -> None:
    """Find the accounts of many connections; those where it fails are tried again alone."""
    with ThreadPoolExecutor(TOGETHER) as threads:
        found = list(threads.map(_discovered, connection_ids))
    with db.transaction() as session:
        for connection_id, was_found in zip(connection_ids, found, strict=True):
            if not was_found:
                connections.order_discovery(session, UUID(connection_id), daily=True)


def _discovered(connection_id: str) -> bool:
    try:
        discover_accounts(connection_id, daily=True)
    except Exception as error:  # whatever it is, it must not keep the others from being looked at
        log.warning("discovery_failed", connection=connection_id, reason=type(error).__name__)
        return False
    return True


def sweep_connections() -> None:
    """Order the daily look at every token that may be good, what Meta has not been told yet, what is to be deleted."""
    with db.transaction() as session:
        order_checks(session, [str(connection_id) for connection_id in tokens.due(session)])
        for connection_id in leaving.unrevoked(session):
            connections.order_revocation(session, connection_id)
        deletions.order_unfinished(session)


def order_checks(session: Session, connection_ids: Sequence[str]) -> None:
    """Have tokens looked at, many by one job."""
    for first in range(0, len(connection_ids), AT_ONCE):
        some = list(connection_ids[first : first + AT_ONCE])
        queue.enqueue(
            session,
            queue.Job.CHECK_CONNECTIONS,
            some,
            lane=queue.Lane.TODAY,
            job_id=f"checks-{some[0]}",
            timeout=1200,
        )


def check_connections(connection_ids: list[str]) -> None:
    """Look at many tokens side by side: a job costs more than a look, which mostly waits for Meta.

    What fails is tried again by a job of its own, so that none is looked at twice for another's sake.
    """
    failed = tokens.check_all([UUID(one) for one in connection_ids])
    with db.transaction() as session:
        for connection_id, error in failed.items():
            if isinstance(error, FINAL):
                log.warning("check_refused", connection=str(connection_id), code=error.code)
                continue
            log.warning("check_failed", connection=str(connection_id), reason=type(error).__name__)
            queue.enqueue(
                session,
                queue.Job.CHECK_CONNECTION,
                str(connection_id),
                lane=queue.Lane.TODAY,
                job_id=f"check-{connection_id}",
            )


def check_connection(connection_id: str) -> None:
    """Look at one token; when our app itself is refused an operator is told, and nothing is tried again."""
    try:
        tokens.check(UUID(connection_id))
    except FINAL as refused:
        log.warning("check_refused", connection=connection_id, code=refused.code)


def revoke_connection(connection_id: str) -> None:
    """Tell Meta that we are out; repeated until Meta has heard it."""
    try:
        leaving.revoke(UUID(connection_id))
    except (meta_errors.AppMisconfigured, meta_errors.VersionRetired) as refused:
        log.warning("revocation_waits", connection=connection_id, code=refused.code)
