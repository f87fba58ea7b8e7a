"""Numbers as pages write them."""

from __future__ import annotations

from typing import Any

import pytest

from vibekanban.ui import shown

DAY = {"date": "2026-03-01", "spend": "12.5", "revenue": "50", "roas": 4.0}


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("spend", "1234.5", "1.234,50\xa0€"),
        ("conversions", 1234, "1.234"),
        ("ctr", 0.98, "0,98\xa0%"),
        ("roas", 1.779, "1,78×"),
        ("cpa", None, "—"),
    ],
)
def test_a_number_is_written_by_its_name(name: str, value: Any, written: str) -> None:
    assert shown.metric(name, value, "EUR", "es") == written


@pytest.mark.parametrize(
    ("name", "before", "tone"),
    [
        ("revenue", 50, "up"),
        ("revenue", 200, "down"),
        ("cpa", 50, "down"),
        ("cpa", 200, "up"),
        ("spend", 50, ""),
    ],
)
def test_more_is_good_or_bad_by_what_is_counted(name: str, before: int, tone: str) -> None:
    assert shown.tile(name, 100, "EUR", "es", before=before).tone == tone


def test_a_number_without_a_past_has_no_change() -> None:
    assert shown.tile("spend", 100, "EUR", "es").delta == "—"


def test_days_are_listed_newest_first() -> None:
    rows = [DAY, {**DAY, "date": "2026-03-02"}]
    listed = shown.days(["spend"], rows, "EUR", "en", unfinished=False)
    assert [row[0] for row in listed] == ["Mar 2, 2026", "Mar 1, 2026"]


def test_a_day_that_goes_on_says_so() -> None:
    rows = [DAY, {**DAY, "date": "2026-03-02"}]
    newest, oldest = shown.days(["spend"], rows, "EUR", "en", unfinished=True)
    assert newest[0].endswith("(today, so far)")
    assert "today" not in oldest[0]
