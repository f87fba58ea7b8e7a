"""Files for spreadsheets: what they would run is text, numbers stay numbers."""

from __future__ import annotations

import pytest

from vibekanban.core import sheet


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", '-2+cmd|" /C calc"!A0'])
def test_a_text_that_would_be_run_is_kept_from_it(text: str) -> None:
    assert sheet.safe(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["-12.30", "12", "Rebajas", "", -4, None])
def test_numbers_and_plain_texts_are_as_they_are(cell: object) -> None:
    assert sheet.safe(cell) == cell


def test_a_file_begins_with_the_mark_of_utf_8() -> None:
    assert sheet.text(["Campaña"], [["=x"]]) == "\ufeffCampaña\r\n'=x\r\n"
