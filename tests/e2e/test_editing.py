"""Editing and making at Meta, as a person does it on the pages."""

from __future__ import annotations

import re
import struct
import zlib
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Somebody, settled
from vibekanban.core.i18n import say

pytestmark = pytest.mark.browser


def asked(page: Page, path: str) -> Any:
    """What the API says to this browser."""
    return page.evaluate("path => fetch(path).then((answer) => answer.json())", path)


def opened(visit: Visit, somebody: Somebody, path: str) -> Page:
    page = visit(storage_state=somebody.state).tab()
    page.goto(path)
    settled(page)
    return page


def go(page: Page, level: str, parent: str) -> None:
    """To the form of a new object; the form before it stands there until this one is read."""
    page.goto(f"/app/new?level={level}&parent={parent}")
    expect(page.get_by_role("heading", level=1)).to_have_text(say("es", f"ui.editor.new.{level}"))
    settled(page)


def applied(page: Page) -> str:
    """Look at the preview, apply it, and end on the campaign's page; what the preview said."""
    page.get_by_role("button", name=say("es", "ui.editor.preview"), exact=True).first.click()
    preview = page.locator("dialog#preview[open]")
    expect(preview).to_be_visible()
    told = preview.inner_text()
    preview.locator("button.go").click()
    page.wait_for_url(re.compile(r"/app/campaign/?\?id="))
    return told


def a_picture() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\x20\x90\x60\x20\x90\x60" * 2))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


def test_a_budget_changes_after_its_money_was_shown(visit: Visit, somebody: Somebody) -> None:
    page = opened(visit, somebody, f"/app/edit?level=campaign&id={somebody.campaign_id}")
    page.fill("#dailyBudget", "123.45")
    assert "123,45" in applied(page)
    found = asked(page, f"/api/meta/campaigns/{somebody.campaign_id}")
    assert found["dailyBudget"] == "123.45"
    latest = asked(page, f"/api/meta/changes?objectId={somebody.campaign_id}&limit=1")["items"][0]
    assert latest["after"] == {"dailyBudget": "123.45"}


def test_a_campaign_an_ad_set_and_an_ad_with_a_new_creative_are_made_paused(
    visit: Visit, somebody: Somebody
) -> None:
    page = opened(visit, somebody, "/app")
    account = asked(page, f"/api/meta/campaigns/{somebody.campaign_id}")["accountId"]

    go(page, "campaign", account)
    page.select_option("#objective", "OUTCOME_TRAFFIC")
    page.fill("#name", "Escaparate")
    page.fill("#dailyBudget", "20")
    applied(page)
    campaign = page.url.rpartition("id=")[2]

    go(page, "adset", campaign)
    page.fill("#name", "España")
    page.locator("[id='targeting.places']").fill("España")
    page.locator(".offers [role=option]").click()
    applied(page)
    [ad_set] = asked(page, f"/api/meta/adsets?campaignId={campaign}")["items"]

    go(page, "ad", ad_set["id"])
    page.fill("#name", "Foto")
    page.get_by_role("button", name=say("es", "ui.showcase.begin")).click()
    new = page.locator("dialog#creative[open]")
    new.locator("#new-name").fill("Escaparate 1")
    new.locator("#new-link").fill("https://tienda.example/escaparate")
    new.locator("#new-message").fill("Ven a verlo")
    picture: Any = {"name": "foto.png", "mimeType": "image/png", "buffer": a_picture()}
    new.locator("#media-file").set_input_files(picture)
    expect(new.get_by_text(say("es", "ui.draft.ready"))).to_be_visible()
    new.get_by_role("button", name=say("es", "ui.showcase.make")).click()
    expect(page.locator(".picked")).to_contain_text("Escaparate 1")
    applied(page)

    [ad] = asked(page, f"/api/meta/ads?adsetId={ad_set['id']}")["items"]
    assert {one["status"] for one in (ad, ad_set, asked(page, f"/api/meta/campaigns/{campaign}"))} == {
        "PAUSED"
    }
    [creative] = asked(page, f"/api/meta/creatives?accountId={account}&q=Escaparate")["items"]
    assert creative["body"] == "Ven a verlo"
