"""The recurring jobs, read by RQ's cron; run by one scheduler process (`python -m vibekanban scheduler`).

A line is a function by its path, the lane it runs in, and either `every` (seconds; also once at start) or
`at` (a cron line in the machine's timezone). A recurring job finds out what is due and orders that as jobs.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from rq import cron

from vibekanban.core.queue import Lane


@dataclass(frozen=True)
class Recurring:
    """One line of the schedule."""

    function: str
    lane: Lane
    every: int | None = None
    at: str | None = None
    timeout: int = 120


SCHEDULE: tuple[Recurring, ...] = (
    Recurring("workers.notifications.sweep_emails", Lane.HUMAN, every=60),
    Recurring("workers.channels.sweep_deliveries", Lane.ALERT, every=60),
    Recurring("workers.summaries.sweep_summaries", Lane.TODAY, every=300),
    Recurring("workers.notifications.forget_old", Lane.HISTORY, at="23 3 * * *", timeout=600),
    Recurring("workers.reports.sweep_reports", Lane.TODAY, every=60),
    Recurring("workers.reports.forget_old", Lane.HISTORY, at="33 3 * * *"),
    Recurring("workers.meta_changes.sweep_changes", Lane.TODAY, every=60),
    Recurring("workers.meta_changes.sweep_bulk", Lane.HUMAN, every=60),
    Recurring("workers.guarding.sweep_approvals", Lane.HUMAN, every=60),
    Recurring("workers.meta_syncs.sweep_syncs", Lane.HUMAN, every=30),
    Recurring("workers.meta_syncs.sweep_today", Lane.TODAY, every=60),
    Recurring("workers.meta_syncs.sweep_trailing", Lane.HISTORY, every=900),
    Recurring("workers.meta_syncs.keep_store", Lane.HISTORY, at="7 2 * * *"),
    Recurring("workers.meta_notices.sweep", Lane.ALERT, every=60),
    Recurring("workers.meta_notices.subscribe", Lane.TODAY, every=21600),
    Recurring("workers.alerts.sweep", Lane.ALERT, every=60),
    Recurring("workers.automations.sweep", Lane.HUMAN, every=30),
    Recurring("workers.automations.poll", Lane.ALERT, every=60),
    Recurring("workers.alerts.forget_removed", Lane.HISTORY, at="43 3 * * *"),
    Recurring("workers.meta_connections.sweep_connections", Lane.TODAY, at="41 4 * * *"),
    Recurring("workers.currencies.read_rates", Lane.HISTORY, every=6 * 3600),
    Recurring("workers.guarding.forget_old", Lane.HISTORY, at="43 3 * * *", timeout=1800),
    Recurring("workers.accounts.forget_old", Lane.HISTORY, at="13 3 * * *", timeout=600),
)


def register() -> None:
    """Hand every line to RQ."""
    for line in SCHEDULE:
        module, _, name = line.function.rpartition(".")
        cron.register(
            getattr(importlib.import_module(module), name),
            queue_name=line.lane.value,
            interval=line.every,
            cron=line.at,
            job_timeout=line.timeout,
            result_ttl=0,
            failure_ttl=86400,
            ttl=line.every,  # one that nobody ran before its successor is due is dropped
        )


register()
