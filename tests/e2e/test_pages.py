"""Every page, in both languages, light and dark, on a desk and on a phone, with a signed-in person's data."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import axe
from tests.e2e.conftest import Visit
from tests.e2e.people import Somebody, settled
from vibekanban.core.i18n import LOCALES, catalogue, say
from vibekanban.ui import pages
from vibekanban.ui.base import path

pytestmark = pytest.mark.browser
EVERY_PAGE = [
    pytest.param(locale, page.name, page.route, id=f"{page.name}-{locale}")
    for page in pages.PAGES
    for locale in LOCALES
]
LANGUAGES = {"Español", "English"}  # are named in themselves everywhere
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def opened(page: Page, somebody: Somebody, locale: str, name: str, route: str) -> None:
    ids = {"campaign": f"?id={somebody.campaign_id}", "automation": f"?automation={somebody.automation_id}"}
    query = ids.get(name, "")
    page.goto(path(locale, route) + query)
    settled(page)
    drawing = {"dashboard": ".chart canvas", "campaign": ".js-plotly-plot .main-svg"}.get(name)
    asks = page.get_by_role("button", name=say(locale, "ui.figure.show"))
    for _ in range(asks.count()):
        asks.first.click()  # a small screen loads figures when they are asked for
    if drawing:
        expect(page.locator(drawing).first).to_be_visible()


@pytest.mark.parametrize(("locale", "name", "route"), EVERY_PAGE)
def test_a_page_does_not_scroll_sideways_on_a_phone(
    visit: Visit, somebody: Somebody, locale: str, name: str, route: str
) -> None:
    page = visit(storage_state=somebody.state, **PHONE).tab()
    opened(page, somebody, locale, name, route)
    widths = "() => [document.scrollingElement.scrollWidth, window.innerWidth]"
    needed, there = page.evaluate(widths)
    assert needed <= there


@pytest.mark.parametrize(("locale", "name", "route"), EVERY_PAGE)
def test_a_page_shuts_nobody_out_in_light_and_dark(
    visit: Visit, somebody: Somebody, locale: str, name: str, route: str
) -> None:
    page = visit(storage_state=somebody.state, color_scheme="light", reduced_motion="reduce").tab()
    opened(page, somebody, locale, name, route)
    assert axe.barriers(page) == []
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    assert axe.barriers(page) == []


@pytest.mark.parametrize("place", pages.PAGES, ids=lambda page: page.name)
def test_the_english_tree_is_english(visit: Visit, somebody: Somebody, place: pages.Page) -> None:
    page = visit(storage_state=somebody.state).tab()
    opened(page, somebody, "en", place.name, place.route)
    expect(page).to_have_title(f"{say('en', f'ui.title.{place.name}')} · Vibe Kanban")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    spanish = set(catalogue("es").values()) - set(catalogue("en").values()) - LANGUAGES
    shown = {line.strip() for line in page.locator("body").inner_text().splitlines()}
    assert spanish & shown == set()


def test_dark_is_chosen_with_a_button_and_stays(visit: Visit, somebody: Somebody) -> None:
    page = visit(storage_state=somebody.state, color_scheme="light").tab()
    opened(page, somebody, "es", "profile", "/app/profile")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name=say("es", "ui.theme")).click()
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    dark = page.evaluate(ground)
    page.reload()
    settled(page)
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    assert page.evaluate(ground) == dark != light
