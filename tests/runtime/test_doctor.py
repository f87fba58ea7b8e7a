"""What the doctor finds, and what it never says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port
from vibekanban.core.settings import settings
from vibekanban.runtime import doctor, generated
from vibekanban.runtime.doctor import Finding, State


def findings(**changed: Any) -> dict[str, Finding]:
    current = settings().model_copy(update=changed)
    return {finding.subject: finding for finding in doctor.examine(current, stopped=True)}


def test_a_database_that_answers_is_fine() -> None:
    assert findings()["PostgreSQL"].state is State.FINE


def test_applied_migrations_are_current() -> None:
    assert findings()["migrations"].state is State.FINE


def test_a_database_that_cannot_be_reached_is_broken_and_its_password_stays_secret() -> None:
    url = f"postgresql+psycopg://ads:hunter2@127.0.0.1:{free_port()}/ads"
    found = findings(database_url=url)["PostgreSQL"]
    assert found.state is State.BROKEN
    assert "hunter2" not in found.text


def test_a_redis_that_cannot_be_reached_is_broken_and_its_password_stays_secret() -> None:
    found = findings(redis_url=f"redis://:hunter2@127.0.0.1:{free_port()}/0")["Redis"]
    assert found.state is State.BROKEN
    assert "hunter2" not in found.text


def test_a_stopped_sandbox_is_no_fault() -> None:
    assert findings(sandbox_port=free_port())["Meta"].state is State.NOTE


def test_an_outside_service_that_cannot_be_reached_is_broken() -> None:
    assert findings(meta_graph_url=f"http://127.0.0.1:{free_port()}")["Meta"].state is State.BROKEN


def test_secrets_that_others_can_read_are_broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    generated.secrets_file().write_text("JWT_SECRET=readable-by-everybody\n")
    generated.secrets_file().chmod(0o644)
    assert findings()["secrets"].state is State.BROKEN


def test_a_broken_finding_fails_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.report([Finding("pages", State.NOTE, "not built")])
    assert not doctor.report([Finding("Redis", State.BROKEN, "refused")])
    assert "refused" in capsys.readouterr().out
