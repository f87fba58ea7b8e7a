"""The scheduler process: RQ's cron over `workers/schedule.py`."""

from __future__ import annotations

from functools import partial
from logging import WARNING, getLogger

import rq.cron
from rq import Queue

from vibekanban.core import broker, logging, queue

CONFIGURATION = "workers.schedule"


def run() -> None:
    """Order the recurring jobs until a signal; called in the main thread of its process."""
    logging.configure()
    getLogger("rq.cron").setLevel(WARNING)  # or it says every minute what it always does
    # RQ's cron has no option for it and would pickle; our workers read and write JSON only
    rq.cron.Queue = partial(Queue, serializer=queue.SERIALIZER)  # pyright: ignore
    clock = rq.cron.CronScheduler(connection=broker.connection())
    clock.load_config_from_file(CONFIGURATION)
    clock.start()
