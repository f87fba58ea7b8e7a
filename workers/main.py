"""The worker process: takes jobs lane by lane, runs each in a fork, keeps secrets out of what is stored."""

from __future__ import annotations

import importlib
import os
import time
from typing import Any, Never

import structlog
from rq import Queue, Worker
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job, JobStatus

from vibekanban.clients.meta import oauth
from vibekanban.core import broker, db, logging, metrics, queue
from vibekanban.core.settings import settings
from workers.schedule import SCHEDULE

log = logging.logger(__name__)

TTL = 60  # seconds; an idle worker gives a sign of life after three quarters of it
OUTCOMES = {
    JobStatus.FAILED: "failed",
    JobStatus.STOPPED: "stopped",
    JobStatus.SCHEDULED: "retried",
    JobStatus.QUEUED: "retried",
}

ROUTINE = {line.function for line in SCHEDULE}  # what looks every minute whether something is due


class LaneWorker(Worker):
    """RQ's forking worker with our habits."""

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """A connection shared by two processes breaks both: the child opens its own."""
        db.dispose()
        super().fork_work_horse(job, queue)

    def main_work_horse(self, job: Job, queue: Queue) -> Never:
        """In the child: count under the worker's name, for a file per job would be too many."""
        metrics.count_under(f"{os.getppid()}-horse")
        with structlog.contextvars.bound_contextvars(job=job.func_name, job_id=job.id):
            super().main_work_horse(job, queue)

    def execute_job(self, job: Job, queue: Queue) -> None:
        started = time.perf_counter()
        name = job.func_name or "unknown"
        super().execute_job(job, queue)
        outcome = _outcome(job)
        metrics.jobs.labels(name, outcome).inc()
        told = log.debug if outcome == "done" and name in ROUTINE else log.info
        told("job.run", job=name, outcome=outcome, seconds=round(time.perf_counter() - started, 3))

    def handle_job_failure(
        self,
        job: Job,
        queue: Queue,
        started_job_registry: Any = None,
        exc_string: str = "",
        execution: Any = None,
    ) -> None:
        """The traceback is stored in Redis with the job: without secrets."""
        super().handle_job_failure(
            job, queue, started_job_registry, exc_string=logging.scrub(exc_string), execution=execution
        )


def _outcome(job: Job) -> str:
    """How it ended; a job that succeeded is deleted at once."""
    try:
        return OUTCOMES.get(job.get_status(refresh=True), "done")
    except (InvalidJobOperation, NoSuchJobError):
        return "done"


def worker() -> LaneWorker:
    """A worker over the lanes in their order."""
    return LaneWorker(
        [lane.value for lane in queue.Lane],
        connection=broker.connection(),
        serializer=queue.SERIALIZER,
        worker_ttl=TTL,
        job_monitoring_interval=TTL // 3,
        log_job_description=False,
    )


def run() -> None:
    """Work until a signal; delayed jobs and pauses between tries are this process's business too."""
    logging.configure()
    preload()
    quiet = "DEBUG" if settings().log_level == "DEBUG" else "WARNING"
    worker().work(with_scheduler=True, logging_level=quiet)


def preload() -> None:
    """Import every table and job, and with them Meta's SDK, once in the parent instead of in each fork."""
    importlib.import_module("vibekanban.domains.tables")
    for job in queue.Job:
        importlib.import_module(job.value.rpartition(".")[0])
    oauth.tls()
