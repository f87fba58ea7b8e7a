"""What a start gives: pages that answer, events that make a round trip, one port for all."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.product import Product

pytestmark = pytest.mark.browser


def test_a_page_comes_ready_made_and_says_its_language(product: Product) -> None:
    with product.client() as client:
        answer = client.get("/")
    assert answer.status_code == 200
    assert '<html lang="es"' in answer.text


def test_an_event_of_a_page_makes_a_round_trip(product: Product, visit: Visit) -> None:
    page = visit().tab()
    page.goto("/sign-in?next=/app/tokens")
    expect(page.locator("input[name=next]")).to_have_value("/app/tokens")
