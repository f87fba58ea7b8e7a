"""Sharing in a browser: a link for a stranger, an invitation for a client."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e import axe, people
from tests.e2e.conftest import Visit
from tests.e2e.people import Somebody, settled
from tests.e2e.product import ORIGIN, Product
from vibekanban.core.i18n import say
from vibekanban.domains.accounts import demo
from vibekanban.domains.accounts.models import Role

pytestmark = pytest.mark.browser


def a_link(page: Page, kind: str, password: str = "") -> str:
    """The address of a new link to the first account, as the page shows it once."""
    page.goto("/app/sharing")
    settled(page)
    page.get_by_role("button", name=say("es", "sharing.links.new")).click()
    form = page.locator("#share-new")
    form.locator("#name").fill("Para el cliente")
    form.locator("#kind").select_option(kind)
    form.locator("input[name=accountIds]").first.check()
    form.locator("#password").fill(password)
    form.get_by_role("button", name=say("es", "sharing.link.make")).click()
    shown = page.locator("#the-address")
    expect(shown).to_contain_text("/s/vkv_")
    address = shown.inner_text()
    page.get_by_role("button", name=say("es", "ui.tokens.secret.done")).click()
    expect(shown).to_be_empty()
    return address


@pytest.mark.parametrize("kind", ["board", "summary"])
def test_a_stranger_reads_behind_a_link_until_it_is_ended(
    product: Product, visit: Visit, somebody: Somebody, kind: str
) -> None:
    owner = visit(storage_state=somebody.state).tab()
    address = a_link(owner, kind)
    stranger = visit(locale="en-US", color_scheme="dark").tab()
    stranger.goto(address)
    expect(stranger.locator("html")).to_have_attribute("lang", "en")
    expect(stranger.locator(".board-card, .kpi").first).to_be_visible()
    assert axe.barriers(stranger) == []
    stranger.set_viewport_size({"width": 390, "height": 844})
    assert stranger.evaluate("document.scrollingElement.scrollWidth") <= 390
    owner.get_by_role("button", name=say("es", "sharing.link.end")).first.click()
    owner.locator("#share-end").get_by_role("button", name=say("es", "sharing.link.end")).click()
    expect(owner.get_by_text(say("es", "sharing.link.ended"))).to_be_visible()
    with product.client() as program:  # a browser's console complains of what is not there
        assert program.get(address.removeprefix(ORIGIN)).status_code == 404


def test_a_password_opens_the_link_for_this_browser(visit: Visit, somebody: Somebody) -> None:
    address = a_link(visit(storage_state=somebody.state).tab(), "board", "abre sésamo")
    stranger = visit().tab()
    stranger.goto(address)
    expect(stranger.locator(".board-card")).to_have_count(0)
    stranger.fill("#password", "abre sésamo")
    stranger.get_by_role("button", name=say("es", "shared.open")).click()
    expect(stranger.locator(".board-card").first).to_be_visible()
    stranger.reload()
    expect(stranger.locator(".board-card").first).to_be_visible()


def test_a_client_who_accepts_sees_the_account_live_and_read_only(
    product: Product, visit: Visit, somebody: Somebody
) -> None:
    client = next(one for one in demo.PEOPLE if one.role is Role.ESTRATEGA)
    cookies = {one["name"]: one["value"] for one in somebody.state["cookies"]}
    with product.client(headers={"Origin": ORIGIN}, cookies=cookies) as owner:
        (account,) = owner.get("/api/meta/auth/accounts").json()["items"]
        invited = {"email": client.email, "accountIds": [account["id"]]}
        owner.post("/api/sharing/invitations", json=invited).raise_for_status()
        with people.signed_in(product, client.email, client.password) as theirs:
            page = visit(storage_state=people.state(theirs)).tab()
        page.goto("/app/sharing")
        page.get_by_role("button", name=say("es", "sharing.accept")).click()
        expect(page.get_by_text(say("es", "sharing.mine.text"))).to_be_visible()
        page.goto("/app")
        expect(
            page.get_by_text(say("es", "sharing.mark", owner="").partition("·")[0].strip())
        ).to_be_visible()
        expect(page.get_by_role("table", name=say("es", "ui.campaigns.title"))).to_be_visible()
        page.goto(f"/app/campaign?id={somebody.campaign_id}")
        expect(page.locator(".kpi").first).to_be_visible()
        expect(page.get_by_role("button", name=say("es", "ui.campaign.pause"))).to_have_count(0)
        page.goto("/app/board")
        card = page.locator(f"[data-card='{somebody.campaign_id}']")
        expect(card).to_have_attribute("data-mine", "false")
        expect(page.locator("html")).to_have_attribute("data-live", "on")
        pause(owner, somebody.campaign_id, "pause")
        expect(page.locator("[data-stage=paused]").locator(card)).to_be_visible(timeout=2_000)
        pause(owner, somebody.campaign_id, "resume")
        card.locator(".title").click()
        expect(page.locator("#board-card")).to_contain_text(say("es", "board.read_only"))
        (member,) = owner.get("/api/sharing/members").json()["items"]
        owner.delete(f"/api/sharing/members/{member['id']}").raise_for_status()
        page.goto("/app/board")
        expect(page.get_by_text(say("es", "board.empty.title"))).to_be_visible()
        expect(card).to_have_count(0)


def pause(owner: httpx.Client, campaign_id: str, verb: str) -> None:
    owner.post(f"/api/meta/campaigns/{campaign_id}/{verb}").raise_for_status()
