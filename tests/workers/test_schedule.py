"""The recurring jobs."""

from __future__ import annotations

import importlib
import inspect

import pytest
from croniter import croniter

from vibekanban.core.queue import Lane
from workers import schedule
from workers.schedule import Recurring


@pytest.mark.parametrize("line", schedule.SCHEDULE, ids=lambda line: line.function)
def test_a_line_names_a_function_without_arguments_and_one_rhythm(line: Recurring) -> None:
    module, _, name = line.function.rpartition(".")
    function = getattr(importlib.import_module(module), name)
    assert inspect.signature(function).parameters == {}
    assert line.lane in Lane
    assert (line.every is None) != (line.at is None)
    if line.at is not None:
        assert croniter.is_valid(line.at)


def test_no_function_is_scheduled_twice() -> None:
    functions = [line.function for line in schedule.SCHEDULE]
    assert len(functions) == len(set(functions))


def test_rq_reads_the_schedule(redis: object) -> None:
    from rq.cron import CronScheduler

    from vibekanban.core import broker

    clock = CronScheduler(connection=broker.connection())
    clock.load_config_from_file("workers.schedule")
    assert len(clock.get_jobs()) == len(schedule.SCHEDULE)
