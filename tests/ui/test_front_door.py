"""What the one door says about the files it hands out."""

from __future__ import annotations

import pytest

from vibekanban.ui.front_door import page_headers


@pytest.mark.parametrize("path", ["/assets/root-4F4F.js", "/fonts/hanken-grotesk.woff2"])
def test_what_never_changes_is_kept_by_browsers(path: str) -> None:
    assert "immutable" in page_headers(path)["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/app", "/forms.js", "/logo.svg"])
def test_what_may_change_is_asked_for_again(path: str) -> None:
    assert page_headers(path)["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/en/app/board"])
def test_a_page_is_in_nobodys_frame(path: str) -> None:
    assert page_headers(path)["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["/", "/assets/root-4F4F.js"])
def test_no_type_is_guessed(path: str) -> None:
    assert page_headers(path)["X-Content-Type-Options"] == "nosniff"
