"""What the pages are built of is what tells one build from another."""

from __future__ import annotations

from typing import Any

import pytest

from vibekanban.core.i18n import LOCALES
from vibekanban.core.settings import Settings, settings
from vibekanban.runtime import frontend
from vibekanban.ui import pages


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the settings that were read; what a property is made of counts as the property."""
    found: set[str] = set()
    plain = Settings.__getattribute__
    inside = False

    def noting(self: Settings, name: str) -> Any:
        nonlocal inside
        if inside or not (
            name in Settings.model_fields or isinstance(getattr(Settings, name, None), property)
        ):
            return plain(self, name)
        found.add(name)
        inside = True
        try:
            return plain(self, name)
        finally:
            inside = False

    monkeypatch.setattr(Settings, "__getattribute__", noting)
    return found


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.name)
def test_a_page_is_built_of_settings_that_its_build_is_known_by(
    page: pages.Page, locale: str, read: set[str]
) -> None:
    page.build(locale)
    pages.head()
    assert read <= set(frontend.COMPILED_IN)


def test_reading_a_setting_is_noticed(read: set[str]) -> None:
    assert settings().sandbox_origin
    assert read == {"sandbox_origin"}
