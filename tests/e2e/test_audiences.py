"""Whom an ad set reaches, chosen on the pages by keyboard."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Somebody, settled
from tests.e2e.test_editing import applied, asked, opened
from vibekanban.core.i18n import say

pytestmark = pytest.mark.browser


def field(page: Page, part: str) -> Locator:
    return page.locator(f"[id='targeting.{part}']")


def pick(page: Page, part: str, text: str, name: str, *, down: int = 0) -> None:
    """Type, go down the list and choose, as one does without a mouse."""
    box = field(page, part)
    box.focus()
    page.keyboard.type(text)
    options = page.locator(".offers [role=option]")
    expect(options.filter(has_text=name).first).to_be_visible()
    for _ in range(down):
        page.keyboard.press("ArrowDown")
    expect(page.locator("[role=option][aria-selected=true]")).to_contain_text(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=say("es", "ui.picker.remove", name=name))).to_be_visible()


def people(page: Page) -> int:
    """The most people that the estimate in the form tells of."""
    shown = page.locator("#audience-size")
    expect(shown).to_have_text(re.compile(r"\d"))
    return int(re.findall(r"[\d.]+", shown.inner_text())[1].replace(".", ""))


def narrower(page: Page, than: int) -> int:
    """Wait until the estimate is another one; a smaller one, that is."""
    expect(page.locator("#audience-size")).not_to_contain_text(f"{than:,}".replace(",", "."))
    now = people(page)
    assert now < than
    return now


def test_an_audience_is_chosen_by_keyboard_edited_and_brought_back(visit: Visit, somebody: Somebody) -> None:
    page = opened(visit, somebody, f"/app/new?level=adset&parent={somebody.campaign_id}")
    page.fill("#name", "Madrid deportista")
    pick(page, "places", "madrid", "Madrid")
    size = people(page)
    for name in ("Yoga", "Running"):
        pick(page, "details", name[:3].lower(), name)
    size = narrower(page, size)
    pick(page, "languages", "fran", "Français")
    size = narrower(page, size)
    pick(page, "excluded_audiences", "30", "Visitantes de la web de 30 días")
    size = narrower(page, size)
    page.get_by_role("button", name=say("es", "ui.editor.preview"), exact=True).click()
    preview = page.locator("dialog#preview[open]")
    for words in ("Yoga, Running", "Français", "Visitantes de la web de 30 días"):
        expect(preview).to_contain_text(words)
    expect(preview).to_contain_text(f"{size:,}".replace(",", "."))
    preview.locator("button.go").click()
    page.wait_for_url(re.compile(r"/app/campaign/?\?id="))

    campaign = page.url.rpartition("id=")[2]
    every = asked(page, f"/api/meta/adsets?campaignId={campaign}&limit=100")["items"]
    made = next(one for one in every if one["name"] == "Madrid deportista")
    before: dict[str, Any] = made["targeting"]
    assert [one["name"] for one in before["geo_locations"]["regions"]] == ["Madrid"]

    page.goto(f"/app/edit?level=adset&id={made['id']}")
    settled(page)
    expect(page.get_by_role("button", name=say("es", "ui.picker.remove", name="Français"))).to_be_visible()
    field(page, "details").focus()
    page.keyboard.press("Backspace")
    pick(page, "places", "sevi", "Sevilla")
    assert "Madrid (región), Sevilla (ciudad)" in applied(page)
    now = asked(page, f"/api/meta/adsets/{made['id']}")["targeting"]
    assert [one["name"] for one in now["flexible_spec"][0]["interests"]] == ["Yoga"]

    page.goto("/app/changes")
    settled(page)
    line = page.get_by_role("row").filter(has_text="Madrid deportista").first
    expect(line).to_contain_text("Yoga, Running → Yoga")
    line.get_by_role("button").click()
    undo = page.locator("dialog#undo[open]")
    expect(undo).to_contain_text("Yoga → Yoga, Running")
    undo.locator("button.go").click()
    expect(page.get_by_text(say("es", "changes.undone", name="Madrid deportista"))).to_be_visible()
    assert asked(page, f"/api/meta/adsets/{made['id']}")["targeting"] == before


def test_a_picker_tells_when_nothing_is_found_and_escape_folds_it(visit: Visit, somebody: Somebody) -> None:
    page = opened(visit, somebody, f"/app/new?level=adset&parent={somebody.campaign_id}")
    box = field(page, "places")
    box.focus()
    page.keyboard.type("zzzz")
    expect(page.locator(".offers:visible")).to_have_text(say("es", "ui.picker.empty"))
    page.keyboard.press("Escape")
    expect(page.locator(".offers:visible")).to_have_count(0)
    expect(box).to_have_value("")


def test_a_form_never_shows_what_stood_in_the_one_before(visit: Visit, somebody: Somebody) -> None:
    page = opened(visit, somebody, f"/app/edit?level=campaign&id={somebody.campaign_id}")
    first = page.locator("#name").input_value()
    page.context.add_init_script(
        """window.names = new Set();
        new MutationObserver(() => {
          for (const one of document.querySelectorAll('#name')) window.names.add(one.value);
          const title = document.querySelector('h1')?.textContent;
          if (title) window.names.add(title);
        }).observe(document, { childList: true, subtree: true, characterData: true });"""
    )
    page.goto(f"/app/new?level=adset&parent={somebody.campaign_id}")
    expect(page.locator("#name")).to_have_value("")
    assert not [one for one in page.evaluate("[...window.names]") if first in one]
