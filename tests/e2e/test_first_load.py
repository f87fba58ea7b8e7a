"""What a first visit to the dashboard costs: bytes on the wire, and nothing that moves under the reader's eyes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import Visit

pytestmark = pytest.mark.browser

BUDGET = 200 * 1024
SHIFTS = """
window.moved = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    moved.push([entry.value, ...entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? node?.textContent)]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
BYTES = """
["navigation", "resource"]
  .flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, one) => sum + one.transferSize, 0)
"""


@pytest.fixture(params=[(1440, 900), (412, 823)], ids=["desk", "phone"])
def dashboard(request: pytest.FixtureRequest, somebody: people.Somebody, visit: Visit) -> Page:
    """The dashboard with its chart, in a browser that was never there."""
    width, height = request.param
    visitor = visit(storage_state=somebody.state, viewport={"width": width, "height": height})
    visitor.context.add_init_script(SHIFTS)
    page = visitor.tab()
    page.goto("/app")
    people.settled(page)
    expect(page.locator(".u-legend")).to_be_attached()
    return page


def test_a_first_visit_stays_within_its_budget(dashboard: Page) -> None:
    assert dashboard.evaluate(BYTES) < BUDGET


def test_nothing_moves_while_it_loads(dashboard: Page) -> None:
    assert dashboard.evaluate("moved") == []
