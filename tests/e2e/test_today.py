"""Today so far on a campaign's page: a stream of its own, which rests while nobody looks; and figures that wait to be asked."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Somebody, settled
from vibekanban.core.i18n import say

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
FIGURES = 'performance.getEntriesByType("resource").filter((one) => one.name.includes("plotly")).length'


def campaign(visit: Visit, somebody: Somebody) -> Page:
    page = visit(storage_state=somebody.state).tab()
    page.goto(f"/app/campaign?id={somebody.campaign_id}")
    settled(page)
    return page


def test_today_streams_onto_the_page_and_rests_while_it_is_hidden(visit: Visit, somebody: Somebody) -> None:
    page = campaign(visit, somebody)
    today = page.locator("[data-today]")
    expect(today).to_have_attribute("data-today", "on")
    expect(today.locator("time").first).to_be_visible()
    expect(today.locator(".kpi dd").first).to_contain_text("€")
    expect(today.locator("canvas")).to_be_visible()
    page.evaluate(HIDE, True)
    expect(today).to_have_attribute("data-today", "paused")
    page.evaluate(HIDE, False)
    expect(today).to_have_attribute("data-today", "on")


def test_a_small_screen_loads_figures_when_they_are_asked_for(visit: Visit, somebody: Somebody) -> None:
    page = visit(storage_state=somebody.state, **PHONE).tab()
    page.goto("/app/reports")
    settled(page)
    show = page.get_by_role("button", name=say("es", "ui.figure.show"))
    expect(show).to_be_visible()
    assert page.evaluate(FIGURES) == 0
    show.click()
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    page.reload()  # asked once, figures come by themselves
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
