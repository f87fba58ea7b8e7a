"""When the pages are built again."""

from __future__ import annotations

from pathlib import Path

import pytest

from vibekanban.core.settings import settings
from vibekanban.runtime import frontend


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose pages were just built."""
    (tmp_path / "vibekanban" / "ui").mkdir(parents=True)
    (tmp_path / "vibekanban" / "ui" / "page.py").write_text("TITLE = 'Hola'\n")
    (tmp_path / "vibekanban" / "api").mkdir()
    (tmp_path / "rxconfig.py").write_text("config = 1\n")
    built = tmp_path / ".web" / "build"
    (built / "client").mkdir(parents=True)
    (built / "client" / "index.html").write_text("<html>")
    frontend.stamp(settings(), tmp_path)
    return tmp_path


def test_nothing_is_built_when_nothing_changed(checkout: Path) -> None:
    assert frontend.is_current(settings(), checkout)


def test_a_changed_page_is_built(checkout: Path) -> None:
    (checkout / "vibekanban" / "ui" / "page.py").write_text("TITLE = 'Buenas'\n")
    assert not frontend.is_current(settings(), checkout)


def test_a_new_and_a_renamed_source_are_noticed(checkout: Path) -> None:
    page = checkout / "vibekanban" / "ui" / "page.py"
    page.rename(page.with_name("other.py"))
    assert not frontend.is_current(settings(), checkout)


def test_an_origin_that_is_compiled_in_is_noticed(checkout: Path) -> None:
    assert not frontend.is_current(
        settings().model_copy(update={"frontend_url": "https://ads.example.com"}), checkout
    )


def test_what_differs_from_start_to_start_is_not_compiled_in(checkout: Path) -> None:
    other = {"sandbox_port": 9000, "demo_data": False, "embedded_redis_port": 9001, "log_level": "DEBUG"}
    there = settings().model_copy(update={"frontend_url": settings().origin, **other})
    assert frontend.is_current(there, checkout)


def test_a_door_without_pages_does_not_matter(checkout: Path) -> None:
    (checkout / "vibekanban" / "api" / "routes.py").write_text("pass\n")
    (checkout / "vibekanban" / "ui" / "__pycache__").mkdir()
    (checkout / "vibekanban" / "ui" / "__pycache__" / "page.pyc").write_text("compiled")
    assert frontend.is_current(settings(), checkout)


def test_pages_that_are_gone_are_built(checkout: Path) -> None:
    (checkout / ".web" / "build" / "client" / "index.html").unlink()
    assert not frontend.is_current(settings(), checkout)
