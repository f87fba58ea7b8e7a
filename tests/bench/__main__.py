"""`python -m tests.bench serve | w1 | w2 | w3 | w4 | w5 | w6 | events | all`: one JSON line a result."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
from pathlib import Path

from tests.bench.stack import Stack, stack

READS = ("w1", "w2", "w3")
WORKLOADS = (*READS, "w4", "w5", "w6", "events")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("workload", nargs="?", default="all", choices=["serve", *WORKLOADS, "all"])
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=4.0)
    asked = parser.parse_args()
    with stack() as served:
        if asked.workload == "serve":
            _wait(served)
            return
        for workload in WORKLOADS if asked.workload == "all" else (asked.workload,):
            for line in _lines(served, workload, asked):
                print(json.dumps(line), flush=True)


def _lines(served: Stack, workload: str, asked: argparse.Namespace) -> list[dict[str, object]]:
    # modules of the product read the environment, which the stack has set by now
    from tests.bench import alerts, events, fetches, ingest, load
    from tests.bench.requests import Requests

    if workload == "w4":
        return ingest.lines()
    if workload == "w5":
        return fetches.lines()
    if workload == "w6":
        return alerts.lines()
    if workload == "events":
        return events.lines(asked.seconds)
    measured = load.measure(
        served.base_url,
        Requests(Path(served.tokens)).of(workload),
        connections=asked.connections,
        seconds=asked.seconds,
    )
    return [measured.line(workload)]


def _wait(served: Stack) -> None:
    told = {
        "baseUrl": served.base_url,
        "tokens": served.tokens,
        "stack": str(Path(served.tokens).with_name("stack.json")),
    }
    print(json.dumps(told), flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        signal.pause()


main()
