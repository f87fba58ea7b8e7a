"""Jobs of syncs: a piece of one, what is due, what lost its worker, and the upkeep of the metrics store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from vibekanban.core import columns, db
from vibekanban.domains.meta import conversions, deletions, metrics_store, reach, steps, syncing, syncs
from vibekanban.domains.meta.models import SyncKind

TODAY_EVERY = timedelta(minutes=4)  # so that alerts fire within five of what they are about
SWEEP = timedelta(minutes=1)  # from one look at what is due to the next
TRAILING_EVERY = timedelta(hours=24)
TRAILING_AT_ONCE = 50


def run_sync(sync_id: str, hop: int) -> None:
    """One piece of a sync."""
    syncing.run(UUID(sync_id), hop)


def sweep_syncs() -> None:
    """Take up the syncs whose worker died."""
    with db.transaction() as session:
        syncs.revive(session)


def sweep_today() -> None:
    """Ask for today's numbers of every account that will be due before the next sweep."""
    with db.transaction() as session:
        for account in syncs.due_today(session, older_than=columns.now() - TODAY_EVERY + SWEEP):
            syncs.request(session, account.user_id, account.id, SyncKind.TODAY)


def sweep_trailing() -> None:
    """Ask for the last 28 days of the accounts that were not read for a day, some at a time."""
    with db.transaction() as session:
        due = syncs.due_trailing(session, older_than=columns.now() - TRAILING_EVERY, limit=TRAILING_AT_ONCE)
        for account in due:
            syncs.request(session, account.user_id, account.id, SyncKind.TRAILING)


def forget_metrics(account_id: str) -> None:
    """Delete the numbers of an account that was disconnected."""
    with db.metrics_transaction() as session:
        metrics_store.forget(session, UUID(account_id))
    today = columns.now().date()
    metrics_store.refresh_weeks(today - timedelta(days=steps.MOST_DAYS), today)
    with db.transaction() as session:
        deletions.forgotten(session, UUID(account_id))


def recount_conversions(account_id: str) -> None:
    """Count the stored numbers of an account by the event it counts now."""
    conversions.count_anew(UUID(account_id))


def keep_store() -> None:
    """Partitions for the months to come; syncs and what numbers said long ago are let go."""
    with db.metrics_transaction() as session:
        metrics_store.prepare_months(session, datetime.now(UTC).date())
        metrics_store.forget_old_changes(session)
        reach.forget_old(session)
    with db.transaction() as session:
        syncs.forget_old(session)
