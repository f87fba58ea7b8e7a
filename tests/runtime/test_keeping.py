"""Starts that are killed, processes that die, and stops that leave nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from tests.runtime.conftest import Installation, alive
from vibekanban.runtime.processes import end_leftovers

PARTS = ("postgres", "valkey", "idle")


def test_a_database_that_is_killed_comes_back_with_its_data(installation: Installation) -> None:
    installation.start()
    installation.execute("CREATE TABLE kept AS SELECT 7 AS number")
    before = installation.recorded("postgres")
    os.kill(before, signal.SIGKILL)
    assert installation.eventually(lambda: installation.answers("SELECT number FROM kept", 7))
    assert installation.recorded("postgres") != before


def test_a_process_that_dies_is_started_again(installation: Installation) -> None:
    installation.start()
    before = installation.recorded("idle")
    os.kill(before, signal.SIGKILL)
    assert installation.eventually(
        lambda: installation.recorded("idle") != before and installation.runs("idle")
    )


def test_the_next_start_works_after_the_supervisor_was_killed(installation: Installation) -> None:
    first = installation.start()
    installation.execute("CREATE TABLE kept AS SELECT 7 AS number")
    before = [installation.recorded(part) for part in PARTS]
    first.kill()
    first.wait()
    installation.start()
    assert installation.execute("SELECT number FROM kept") == 7
    assert not set(before) & {installation.recorded(part) for part in PARTS}
    assert not any(alive(pid) for pid in before)


def test_a_stop_leaves_no_process(installation: Installation) -> None:
    process = installation.start()
    parts = [installation.recorded(part) for part in PARTS]
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert not any(alive(pid) for pid in parts)


def test_a_process_that_got_an_old_id_since_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(
        [sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True
    )
    try:
        record = {"pid": stranger.pid, "created": 1.0, "signal": 15, "home": "", "program": "python"}
        (tmp_path / "web.json").write_text(json.dumps(record))
        assert end_leftovers(tmp_path) == []
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_children_of_a_dead_process_are_ended_with_it(tmp_path: Path) -> None:
    code = "import os, signal; print(os.fork(), flush=True); signal.pause()"
    leader = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    assert leader.stdout is not None
    child = int(leader.stdout.readline())
    created = psutil.Process(leader.pid).create_time()
    leader.kill()
    leader.wait()
    record = {"pid": leader.pid, "created": created, "signal": 15, "home": "", "program": "python"}
    (tmp_path / "web.json").write_text(json.dumps(record))
    assert end_leftovers(tmp_path) == ["web"]
    assert not alive(child)
