"""The worker: lanes in order, forks with connections of their own, nothing secret left behind."""

from __future__ import annotations

import os
import sys
from typing import Any

from prometheus_client import REGISTRY
from rq import Queue
from rq.job import Job, Retry

from tests.workers import chores
from vibekanban.core import broker, db, queue
from workers import main


def _lane(lane: queue.Lane) -> Queue:
    return Queue(lane.value, connection=broker.connection(), serializer=queue.SERIALIZER)


def _run() -> None:
    main.worker().work(burst=True, logging_level="ERROR")


def _ran() -> list[str]:
    return [value.decode() for value in broker.connection().lrange(chores.RAN, 0, -1)]  # pyright: ignore[reportGeneralTypeIssues]


def test_lanes_are_emptied_in_their_order(redis: Any) -> None:
    for lane in reversed(queue.Lane):
        _lane(lane).enqueue(chores.note, lane.value)
    _run()
    assert _ran() == ["human", "alert", "today", "history"]


def test_a_job_runs_in_a_fork_with_a_database_connection_of_its_own(database: Any) -> None:
    with db.engine().connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    _lane(queue.Lane.HUMAN).enqueue(chores.note_process)
    _lane(queue.Lane.HUMAN).enqueue(chores.note_process)
    _run()
    first, second = (line.split() for line in _ran())
    assert str(os.getpid()) not in (first[0], second[0])
    assert first != second


def test_what_a_failed_job_leaves_behind_holds_no_secret(redis: Any) -> None:
    job = _lane(queue.Lane.HUMAN).enqueue(chores.leak, failure_ttl=60)
    _run()
    result = Job.fetch(job.id, connection=broker.connection(), serializer=queue.SERIALIZER).latest_result()
    assert result is not None
    assert "Leaked" in (result.exc_string or "")
    assert "hunter2" not in (result.exc_string or "")
    assert "EAAB" not in (result.exc_string or "")


def test_jobs_are_counted_by_how_they_ended(redis: Any) -> None:
    def counted(name: str, outcome: str) -> float:
        labels = {"job": f"tests.workers.chores.{name}", "outcome": outcome}
        return REGISTRY.get_sample_value("jobs_total", labels) or 0

    watched = [("note", "done"), ("leak", "failed"), ("leak", "retried")]
    before = [counted(*one) for one in watched]
    human = _lane(queue.Lane.HUMAN)
    human.enqueue(chores.note, "x", result_ttl=0)
    human.enqueue(chores.leak)
    human.enqueue(chores.leak, retry=Retry(max=1, interval=[60]))
    _run()
    assert [counted(*one) - was for one, was in zip(watched, before, strict=True)] == [1, 1, 1]


def test_an_idle_worker_is_heard_of_often_enough_to_be_called_alive(redis: Any) -> None:
    from vibekanban.api.health import WORKER_SILENCE

    assert main.worker().dequeue_timeout < WORKER_SILENCE.total_seconds() / 2


def test_every_job_can_be_loaded_before_the_first_fork() -> None:
    main.preload()
    assert all(job.value.rpartition(".")[0] in sys.modules for job in queue.Job)
