"""Jobs: named here, enqueued after commit, run by `workers`."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from rq import Queue, Retry
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job as Ticket
from rq.job import JobStatus
from sqlmodel import Session

from vibekanban.core import broker

PENDING = "jobs"
SERIALIZER = "json"


class Lane(StrEnum):
    """The queues in the order in which a worker looks at them."""

    HUMAN = "human"
    ALERT = "alert"
    TODAY = "today"
    HISTORY = "history"


class Job(StrEnum):
    """Every job, by the path of its function; a test resolves each."""

    SEND_EMAIL = "workers.notifications.send_email"
    SEND_DELIVERY = "workers.channels.send_delivery"
    SEND_SUMMARY = "workers.summaries.send_summary"
    SEND_RESET_LINK = "workers.notifications.send_reset_link"
    CONNECT_DEMO = "workers.demo.connect"
    DISCOVER_ACCOUNTS = "workers.meta_connections.discover_accounts"
    DISCOVER_DAILY = "workers.meta_connections.discover_daily"
    CHECK_CONNECTIONS = "workers.meta_connections.check_connections"
    CHECK_CONNECTION = "workers.meta_connections.check_connection"
    REVOKE_CONNECTION = "workers.meta_connections.revoke_connection"
    FORGET_METRICS = "workers.meta_syncs.forget_metrics"
    RECOUNT_CONVERSIONS = "workers.meta_syncs.recount_conversions"
    RUN_SYNC = "workers.meta_syncs.run_sync"
    RUN_APPROVED = "workers.guarding.run_approved"
    FOLLOW_NOTICES = "workers.meta_notices.follow"
    RESOLVE_CHANGE = "workers.meta_changes.resolve_change"
    RUN_BULK = "workers.meta_changes.run_bulk"
    LOOK_AGAIN = "workers.meta_changes.look_again"
    SEND_REPORT = "workers.reports.send_report"
    JUDGE_ALERTS = "workers.alerts.judge"
    TELL_ALERTS = "workers.alerts.tell"
    ACT_ON_ALERT = "workers.alerts.act"
    RESUME_AFTER_ALERT = "workers.alerts.resume"
    FOLLOW_AUTOMATION = "workers.automations.follow"
    RUN_AUTOMATION = "workers.automations.run"
    POLL_AUTOMATIONS = "workers.automations.poll"
    CLEAR_AUTOMATION = "workers.automations.clear"


@dataclass(frozen=True)
class Order:
    """A job to be enqueued; arguments are ids and plain values, never secrets or objects."""

    job: Job
    args: tuple[Any, ...]
    lane: Lane
    job_id: str | None
    delay: timedelta | None
    retry: tuple[int, ...]
    timeout: int


def enqueue(
    session: Session,
    job: Job,
    *args: Any,
    lane: Lane = Lane.HUMAN,
    job_id: str | None = None,
    delay: timedelta | None = None,
    retry: tuple[int, ...] = (5, 30, 120),
    timeout: int = 300,
) -> None:
    """Enqueue once this transaction has committed.

    With a `job_id` the job is unique: while one of that id waits or runs, this order is dropped.
    `retry` are the pauses in seconds before each further try; `timeout` ends a stuck run.
    """
    session.info.setdefault(PENDING, []).append(Order(job, args, lane, job_id, delay, retry, timeout))


def release(session: Session) -> None:
    """Send the orders of a committed transaction."""
    for order in session.info.pop(PENDING, []):
        send(order)


def discard(session: Session) -> None:
    session.info.pop(PENDING, None)


def send(order: Order) -> None:
    """Put one order on its queue; an order whose id waits or runs already is dropped."""
    queue = Queue(order.lane.value, connection=broker.connection(), serializer=SERIALIZER)
    ticket = {
        "args": order.args,
        "job_id": order.job_id,
        "unique": order.job_id is not None,
        "result_ttl": 0,
        "failure_ttl": 7 * 86400,
        "job_timeout": order.timeout,
        "retry": Retry(max=len(order.retry), interval=list(order.retry)) if order.retry else None,
    }
    for _ in range(2):
        try:
            if order.delay is None:
                queue.enqueue(order.job.value, **ticket)
            else:
                queue.enqueue_in(order.delay, order.job.value, **ticket)
            return
        except DuplicateJobError:
            if not _forget_ended(order.job_id or ""):
                return


def _forget_ended(job_id: str) -> bool:
    """A failed job keeps its id for a week; delete it so that the work can be ordered again."""
    with contextlib.suppress(NoSuchJobError):
        ticket = Ticket.fetch(job_id, connection=broker.connection(), serializer=SERIALIZER)
        ended = {JobStatus.FAILED, JobStatus.FINISHED, JobStatus.STOPPED, JobStatus.CANCELED}
        if ticket.get_status() not in ended:
            return False
        ticket.delete()
    return True
