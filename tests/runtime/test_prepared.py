"""What a start remembers of the one before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vibekanban.core.settings import Settings, settings
from vibekanban.runtime import prepared

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def earlier(tmp_path: Path) -> Settings:
    """The settings of an installation that was prepared."""
    current = settings().model_copy(update={"data_dir": tmp_path})
    prepared.remember(current)
    return current


def test_what_was_prepared_need_not_be_again(earlier: Settings) -> None:
    assert prepared.was_prepared(earlier)
    assert prepared.is_prepared(earlier)


def test_another_database_is_looked_at_before_it_is_trusted(earlier: Settings) -> None:
    other = earlier.model_copy(update={"database_url": "postgresql+psycopg://nobody@127.0.0.1:1/none"})
    assert not prepared.was_prepared(other)


def test_a_database_that_lost_its_tables_is_noticed_once_it_answers(
    earlier: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "VERSION_TABLES", {"main": "gone", "metrics": "gone"})
    assert prepared.was_prepared(earlier)
    assert not prepared.is_prepared(earlier)
