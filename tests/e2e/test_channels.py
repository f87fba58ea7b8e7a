"""Channels, as a person adds and tries them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.people import register, settled
from tests.e2e.product import Product
from vibekanban.core.i18n import say

pytestmark = pytest.mark.browser


def opened(visit: Visit) -> Page:
    page = visit().tab()
    register(page)
    page.goto("/app/channels")
    settled(page)
    return page


def add(page: Page, kind: str, label: str, url: str) -> None:
    page.get_by_role("button", name=kind.title(), exact=True).click()
    page.fill(f"#{kind}-label", label)
    page.fill(f"#{kind}-url", url)
    page.locator(f"#{kind}").get_by_role("button", name=say("es", "ui.channels.add")).click()


def test_a_slack_channel_is_added_tried_and_removed(visit: Visit, product: Product) -> None:
    page = opened(visit)
    add(page, "slack", "#operaciones", f"{product.sandbox.base_url}/services/T000/B000/e2e")
    row = page.get_by_role("listitem").filter(has_text="#operaciones")
    row.get_by_role("button", name=say("es", "ui.channels.test")).click()
    expect(page.get_by_role("table", name=say("es", "ui.channels.log"))).to_contain_text(
        say("es", "ui.channels.delivery.sent")
    )
    assert "#operaciones" in product.sandbox.get("/arrivals.json").text
    row.get_by_role("button", name=say("es", "ui.channels.remove")).click()
    page.locator("#remove").get_by_role("button", name=say("es", "ui.channels.remove")).click()
    expect(row).to_have_count(0)


def test_a_signing_secret_is_shown_once(visit: Visit, product: Product) -> None:
    page = opened(visit)
    add(page, "webhook", "n8n", f"{product.sandbox.base_url}/hooks/e2e")
    shown = page.locator("#the-secret")
    expect(shown).to_contain_text("whsec_")
    secret = shown.inner_text()
    page.get_by_role("button", name=say("es", "ui.tokens.secret.done")).click()
    expect(shown).to_be_empty()
    assert secret not in page.content()
    page.reload()
    settled(page)
    expect(page.get_by_role("listitem").filter(has_text="n8n")).to_be_visible()
    assert secret not in page.content()


def test_a_choice_of_channels_stays(visit: Visit) -> None:
    page = opened(visit)
    box = page.get_by_label("Tablero: Correo")
    expect(box).not_to_be_checked()
    box.click()
    expect(box).to_be_checked()
    page.reload()
    expect(box).to_be_checked()
