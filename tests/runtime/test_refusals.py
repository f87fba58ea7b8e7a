"""Starts that are refused, and the sentence that says why."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from vibekanban.core.settings import ROOT
from vibekanban.runtime import ports
from vibekanban.runtime.owner import owning
from vibekanban.runtime.refusal import Refusal


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vibekanban", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_port_in_use_is_said_with_its_setting_and_its_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refusal) as refused:
            ports.claim(port, "PORT", "the web process")
    sentence = str(refused.value)
    assert f"Port {port} for the web process is in use by" in sentence
    assert f"process {os.getpid()}" in sentence
    assert "set PORT to a free port" in sentence


def test_the_port_of_a_server_that_shares_it_counts_as_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        assert not ports.is_free(taken.getsockname()[1])


def test_the_web_process_refuses_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = command("web", PORT=str(port))
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} for the web process is in use")


@pytest.mark.parametrize("name", ["up", "web", "api", "worker", "scheduler", "sandbox", "build", "migrate"])
def test_production_with_something_missing_starts_nothing(name: str) -> None:
    done = command(name, APP_ENV="production", META_APP_ID="", FRONTEND_URL="")
    assert done.returncode == 2
    assert "FRONTEND_URL is missing" in done.stderr


def test_a_wrong_value_is_named_and_not_shown() -> None:
    done = command("up", ENCRYPTION_KEY="my-very-secret-key")
    assert done.returncode == 2
    assert "ENCRYPTION_KEY: must be 64 hexadecimal digits" in done.stderr
    assert "my-very-secret-key" not in done.stderr


def test_a_second_start_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with owning(tmp_path) as mine:
        assert mine
        done = command("up", DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert f"already runs here, as process {os.getpid()}" in done.stderr


def test_an_old_python_is_refused_in_one_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.9.2 && exit 0\nexit 1\n')
    old.chmod(0o755)
    (tmp_path / "requirements.txt").write_text("uv==1\n")
    done = subprocess.run(
        ["make", "-C", str(tmp_path), "-f", str(ROOT / "Makefile"), "install", f"PYTHON={old}"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert f"Python 3.11 or newer is needed; {old} is Python 3.9.2." in done.stdout
