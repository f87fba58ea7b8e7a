"""An alert from a template to a card on the board that is open beside it, and back from the bin."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Somebody, settled
from vibekanban.core.i18n import say

pytestmark = pytest.mark.browser
NAME = "CPA por encima de un céntimo"


def shown(visit: Visit, somebody: Somebody, *paths: str) -> list[Page]:
    """The pages in tabs of one browser, live."""
    visitor = visit(storage_state=somebody.state)
    tabs = []
    for path in paths:
        tab = visitor.tab()
        tab.goto(path)
        settled(tab)
        expect(tab.locator("html")).to_have_attribute("data-live", "on")
        tabs.append(tab)
    return tabs


def test_a_template_is_tried_kept_fires_onto_the_open_board_and_is_brought_back(
    visit: Visit, somebody: Somebody
) -> None:
    board, page = shown(visit, somebody, "/app/board", "/app/alerts")
    card = board.locator("[data-stage=attention]").get_by_text(NAME)
    expect(card).to_have_count(0)

    # from a template, tried on history before it is kept
    page.get_by_role("button", name=say("es", "alerts.template.expensive")).click()
    dialog = page.locator("dialog#alert")
    dialog.locator("#alert-name").fill(NAME)
    dialog.get_by_label(say("es", "alerts.line.value")).nth(1).fill("0,01")
    dialog.get_by_role("button", name=say("es", "alerts.try")).click()
    expect(dialog.get_by_role("status")).to_contain_text("habría saltado")
    dialog.get_by_role("button", name=say("es", "ui.save")).click()
    expect(dialog).not_to_be_visible()

    # it fires: on the board that nobody touched, and here with the numbers that fired it
    expect(card.first).to_be_visible(timeout=30_000)
    mine = page.get_by_role("region", name=say("es", "alerts.yours")).get_by_role("row", name=NAME)
    expect(mine).to_contain_text(say("es", "alerts.on"))
    latest = page.get_by_role("region", name=say("es", "alerts.fired"))
    expect(latest.get_by_role("row", name=NAME).first).to_contain_text("CPA")
    mine.get_by_role("button", name=say("es", "alerts.history")).click()
    history = page.locator("dialog#alert-history")
    expect(history.get_by_role("row").nth(1)).to_contain_text("CPA")
    with page.expect_download() as download:
        history.get_by_role("button", name=say("es", "alerts.csv")).click()
    assert NAME in Path(download.value.path()).read_text("utf-8-sig")
    page.keyboard.press("Escape")
    expect(history).not_to_be_visible()

    # away with it, and back
    mine.get_by_role("button", name=say("es", "alerts.remove")).click()
    page.locator("dialog#remove-alert").get_by_role("button", name=say("es", "alerts.remove")).click()
    expect(mine).to_have_count(0)
    page.get_by_role("button", name=say("es", "alerts.undo")).click()
    expect(mine).to_contain_text(say("es", "alerts.on"))
    mine.get_by_role("button", name=say("es", "alerts.switch_off")).click()
    expect(mine).to_contain_text(say("es", "alerts.off"))
