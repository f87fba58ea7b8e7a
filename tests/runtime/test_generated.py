"""The secrets that the embedded default makes for itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from dotenv import dotenv_values

from vibekanban.core.settings import settings
from vibekanban.runtime import generated


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "JWT_SECRET",
        "ENCRYPTION_KEY",
        "META_APP_ID",
        "META_APP_SECRET",
        "SENDGRID_API_KEY",
        "EMBEDDED_POSTGRES_PASSWORD",
        "EMBEDDED_REDIS_PASSWORD",
        "DATABASE_URL",
        "REDIS_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setattr(settings, "cache_clear", lambda: None)


def test_only_the_owner_can_read_them() -> None:
    generated.ensure()
    assert generated.secrets_file().stat().st_mode & 0o777 == 0o600


def test_they_fit_the_settings() -> None:
    generated.ensure()
    values = dotenv_values(generated.secrets_file())
    assert len(values["ENCRYPTION_KEY"] or "") == 64
    assert len(values["JWT_SECRET"] or "") >= 32
    assert (values["META_APP_ID"] or "").isdecimal()


def test_what_is_there_is_kept_and_what_is_missing_is_added() -> None:
    generated.secrets_file().write_text("JWT_SECRET=chosen-long-ago-and-in-use-since-then\n")
    made = generated.ensure()
    values = dotenv_values(generated.secrets_file())
    assert values["JWT_SECRET"] == "chosen-long-ago-and-in-use-since-then"
    assert "JWT_SECRET" not in made
    assert values["ENCRYPTION_KEY"]


def test_a_second_start_changes_nothing() -> None:
    generated.ensure()
    before = generated.secrets_file().read_text()
    assert generated.ensure() == []
    assert generated.secrets_file().read_text() == before


def test_what_the_environment_sets_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET", "given-by-the-environment-0123456789")
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example.com/vibekanban")
    made = generated.ensure()
    assert "JWT_SECRET" not in made
    assert "EMBEDDED_POSTGRES_PASSWORD" not in made


def test_production_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "production")
    assert generated.ensure() == []
    assert not generated.secrets_file().exists()
