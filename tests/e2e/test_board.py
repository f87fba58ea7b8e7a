"""The board in a browser: cards are carried by mouse, by touch and by keyboard, and follow what others do."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import people
from tests.e2e.conftest import Visit
from tests.e2e.people import Somebody, settled
from tests.e2e.product import ORIGIN, Product
from vibekanban.core.i18n import say

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def caller(product: Product, somebody: Somebody) -> httpx.Client:
    """A program with the same session as the browser's."""
    cookies = {one["name"]: one["value"] for one in somebody.state["cookies"]}
    return product.client(headers={"Origin": ORIGIN}, cookies=cookies)


def a_task(caller: httpx.Client, title: str, stage: str = "attention") -> str:
    answer = caller.post("/api/board/tasks", json={"title": title, "stage": stage})
    answer.raise_for_status()
    return answer.json()["id"]


def board(visit: Visit, somebody: Somebody, query: str = "", **options: Any) -> Page:
    page = visit(storage_state=somebody.state, **options).tab()
    page.goto(f"/app/board{query}")
    settled(page)
    expect(page.locator("html")).to_have_attribute("data-live", "on")
    return page


def card(page: Page, stage: str, card_id: str) -> Locator:
    return page.locator(f"[data-stage={stage}] [data-card='{card_id}']")


def middle(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def lift(page: Page, carried: Locator, stage: str) -> None:
    """Press on a card and carry it over a column, without letting go."""
    carried.scroll_into_view_if_needed()
    x, y = middle(carried)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y + 12, steps=3)
    page.mouse.move(middle(page.locator(f"[data-stage={stage}]"))[0], y, steps=10)
    expect(page.locator(f"[data-stage={stage}]")).to_have_attribute("data-drop", "yes")


def test_a_card_is_carried_by_mouse_and_comes_back_by_undo(
    visit: Visit, somebody: Somebody, caller: httpx.Client
) -> None:
    task = a_task(caller, "Con el ratón")
    page = board(visit, somebody, "?kind=task")
    lift(page, card(page, "attention", task), "paused")
    page.mouse.up()
    expect(card(page, "paused", task)).to_be_visible()
    page.locator(".undo").get_by_role("button", name=say("es", "board.undo")).click()
    expect(card(page, "attention", task)).to_be_visible()


def test_escape_leaves_a_carried_card_where_it_was(
    visit: Visit, somebody: Somebody, caller: httpx.Client
) -> None:
    task = a_task(caller, "Se queda")
    page = board(visit, somebody, "?kind=task")
    lift(page, card(page, "attention", task), "paused")
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".ghost")).to_have_count(0)
    expect(card(page, "attention", task)).to_be_visible()


def test_what_others_do_waits_for_the_card_in_hand_and_shows_at_once_otherwise(
    visit: Visit, somebody: Somebody, caller: httpx.Client
) -> None:
    task = a_task(caller, "En la mano")
    page = board(visit, somebody, "?kind=task")
    lift(page, card(page, "attention", task), "paused")
    other = a_task(caller, "De otra persona")
    expect(page.locator(".ghost")).to_be_visible()
    page.mouse.up()
    expect(card(page, "paused", task)).to_be_visible()
    expect(card(page, "attention", other)).to_be_visible(timeout=2_000)
    caller.post(f"/api/board/cards/{other}/move", json={"stage": "done"}).raise_for_status()
    expect(card(page, "done", other)).to_be_visible(timeout=2_000)


def test_a_card_is_carried_by_keyboard_and_keeps_the_focus(
    visit: Visit, somebody: Somebody, caller: httpx.Client
) -> None:
    task = a_task(caller, "Con el teclado")
    page = board(visit, somebody, "?kind=task")
    voice = page.locator("[aria-live=assertive]")
    expect(card(page, "attention", task)).to_be_visible()
    card(page, "attention", task).press("Space")
    expect(voice).to_contain_text("Con el teclado")
    page.keyboard.press("ArrowRight")
    expect(voice).to_contain_text(say("es", "board.stage.approval"))
    page.keyboard.press("Space")
    expect(card(page, "approval", task)).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(voice).to_have_text(say("es", "board.say.cancelled", card="Con el teclado"))
    expect(card(page, "approval", task)).to_be_focused()


def test_what_others_do_leaves_the_card_in_the_keyboard_s_hand(
    visit: Visit, somebody: Somebody, caller: httpx.Client
) -> None:
    first, second = (a_task(caller, f"En mano {n}") for n in (1, 2))
    page = board(visit, somebody, "?q=En+mano")
    focused = card(page, "attention", second)
    focused.focus()
    other = a_task(caller, "En mano de otra persona")  # it appears above the card that has the focus
    expect(card(page, "attention", other)).to_be_visible()
    expect(focused).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    caller.delete(f"/api/board/tasks/{first}").raise_for_status()
    page.keyboard.press("Space")
    expect(card(page, "approval", second)).to_be_focused()
    expect(card(page, "attention", first)).to_have_count(0)


def test_a_card_is_carried_by_touch_after_a_press_and_a_swipe_only_scrolls(
    visit: Visit, somebody: Somebody, caller: httpx.Client
) -> None:
    first, second = (a_task(caller, f"Con el dedo {n}") for n in (1, 2))
    page = board(visit, somebody, "?q=Con+el+dedo", **PHONE)
    page.locator("[data-go=attention]").click()
    expect(page.locator("[data-go=attention]")).to_have_attribute("aria-pressed", "true")
    expect(card(page, "attention", first)).to_be_in_viewport()
    card(page, "attention", second).evaluate(
        "card => card.scrollIntoView({block: 'center', behavior: 'instant'})"
    )
    fingers = page.context.new_cdp_session(page)

    def touch(kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    x, y = middle(card(page, "attention", second))
    touch("touchStart", x, y)
    expect(page.locator(".ghost")).to_be_visible()
    below = card(page, "attention", first).bounding_box()
    assert below is not None
    for step in range(1, 9):
        touch("touchMove", x, y + (below["y"] + below["height"] + 8 - y) * step / 8)
    touch("touchEnd")
    expect(page.locator("[data-stage=attention] [data-card]").first).to_have_attribute("data-card", first)
    touch("touchStart", x, y)
    touch("touchMove", x, y - 40)
    expect(page.locator(".ghost")).to_have_count(0)
    touch("touchEnd")


def test_pausing_by_the_board_names_the_money_and_happens_at_meta(
    visit: Visit, somebody: Somebody, caller: httpx.Client
) -> None:
    campaigns = caller.get("/api/meta/campaigns", params={"status": "ACTIVE"}).json()["items"]
    campaign = next(one for one in campaigns if one["dailyBudget"] and one["id"] != somebody.campaign_id)
    page = board(visit, somebody, "?kind=campaign")
    lift(page, card(page, "running", campaign["id"]), "paused")
    page.mouse.up()
    asked = page.locator("#board-ask")
    expect(asked).to_contain_text(campaign["name"])
    expect(asked).to_contain_text("€/día")
    asked.get_by_role("button", name=say("es", "board.pause.go")).click()
    expect(card(page, "paused", campaign["id"])).to_be_visible()
    assert caller.get(f"/api/meta/campaigns/{campaign['id']}").json()["status"] == "PAUSED"
    caller.post(f"/api/meta/campaigns/{campaign['id']}/resume").raise_for_status()
    expect(card(page, "running", campaign["id"])).to_be_visible(timeout=2_000)


def test_a_pause_that_meta_refuses_puts_the_card_back_and_says_why(
    product: Product, visit: Visit, somebody: Somebody, caller: httpx.Client
) -> None:
    page = board(visit, somebody, "?kind=campaign")
    meta_id = caller.get(f"/api/meta/campaigns/{somebody.campaign_id}").json()["metaCampaignId"]
    refusal = {
        "kind": "error",
        "method": "POST",
        "path": f"/{meta_id}$",  # the syncs of others call by POST as well
        "code": 100,
        "subcode": 1487056,
        "message": "archived",
        "times": 1,
    }
    product.sandbox.post("/_sandbox/faults", json=refusal).raise_for_status()
    lift(page, card(page, "running", somebody.campaign_id), "paused")
    page.mouse.up()
    page.get_by_role("button", name=say("es", "board.pause.go")).click()
    expect(page.locator(".toast.error")).to_be_visible()
    expect(card(page, "running", somebody.campaign_id)).to_be_visible()
    product.sandbox.delete("/_sandbox/faults")


def test_the_drawer_of_a_card_is_in_the_address_and_keeps_what_is_said(
    visit: Visit, somebody: Somebody, caller: httpx.Client
) -> None:
    task = a_task(caller, "Con cajón")
    page = board(visit, somebody)
    card(page, "attention", task).get_by_role("button", name="Con cajón", exact=True).click()
    drawer = page.locator("#board-card")
    expect(drawer).to_be_visible()
    expect(page).to_have_url(re.compile(task))
    drawer.locator("textarea[name=comment]").fill("Lo miro mañana")
    drawer.get_by_role("button", name=say("es", "board.say")).click()
    expect(drawer.get_by_text("Lo miro mañana")).to_be_visible()
    page.reload()
    expect(drawer.get_by_text("Lo miro mañana")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile(task))


def test_a_view_is_kept_and_looked_at_again(visit: Visit, somebody: Somebody, caller: httpx.Client) -> None:
    task = a_task(caller, "En la vista")
    page = board(visit, somebody, "?kind=task")
    page.get_by_text(say("es", "board.views"), exact=True).click()
    page.locator("input[name=view-name]").fill("Solo tareas")
    page.get_by_role("button", name=say("es", "board.view.keep")).click()
    expect(page.get_by_role("button", name="Solo tareas", exact=True)).to_be_visible()
    page.goto("/board")  # the short address
    expect(card(page, "running", somebody.campaign_id)).to_be_visible()
    page.get_by_text(say("es", "board.views"), exact=True).click()
    page.get_by_role("button", name="Solo tareas", exact=True).click()
    expect(card(page, "running", somebody.campaign_id)).to_have_count(0)
    expect(card(page, "attention", task)).to_be_visible()
    expect(page).to_have_url(re.compile("kind=task"))


def test_the_board_of_somebody_new_says_what_to_do(visit: Visit) -> None:
    page = visit().tab()
    people.register(page)
    page.goto("/app/board")
    expect(page.get_by_text(say("es", "board.empty.title"))).to_be_visible()
    expect(page.locator("[data-stage]")).to_have_count(5)


def test_a_month_has_a_target_and_says_where_it_leads(
    visit: Visit, somebody: Somebody, caller: httpx.Client
) -> None:
    page = board(visit, somebody)
    page.get_by_role("button", name=say("es", "board.target.aim")).click()
    dialog = page.locator("#board-aim")
    dialog.locator("#target_account").select_option(index=1)
    dialog.locator("#amount").fill("1.5")
    dialog.get_by_role("button", name=say("es", "board.target.save")).click()
    months = page.get_by_role("region", name=say("es", "board.targets"))
    expect(months.locator("li")).to_have_count(1, timeout=5_000)
    (target,) = caller.get("/api/board/targets").json()["items"]
    assert target["amount"] == "1.50"
    # nobody can say where a month leads on its first morning
    leads = target["verdict"] or "early"
    assert leads in {"over", "early"}
    place = months.locator("summary" if leads == "over" else "li")
    expect(place).to_contain_text(say("es", f"board.target.{leads}"), timeout=5_000)
    caller.delete(f"/api/board/targets/{target['id']}").raise_for_status()
    expect(months.locator("li")).to_have_count(0)
