"""People who come and go in the same browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Somebody, settled
from vibekanban.core.i18n import say
from vibekanban.domains.accounts import demo
from vibekanban.domains.accounts.models import Role

pytestmark = pytest.mark.browser


def of_role(role: Role) -> demo.Person:
    return next(one for one in demo.PEOPLE if one.role is role)


def sign_in(page: Page, person: demo.Person) -> None:
    page.goto("/sign-in?next=/app")
    page.fill("#email", person.email)
    page.fill("#password", person.password)
    page.get_by_role("button", name=say("es", "ui.sign_in.go")).click()
    expect(page.locator(".frame")).to_be_visible()
    settled(page)


def sign_out(page: Page) -> None:
    page.get_by_text(say("es", "ui.me")).locator("..").click()
    page.get_by_role("button", name=say("es", "ui.sign_out")).click()
    expect(page.locator("#password")).to_be_visible()


def test_who_signs_in_after_somebody_sees_nothing_of_them(visit: Visit, somebody: Somebody) -> None:
    first, second = of_role(Role.ADMIN), of_role(Role.ESTRATEGA)
    page = visit().tab()
    sign_in(page, first)
    campaigns = page.get_by_role("table", name=say("es", "ui.campaigns.title"))
    expect(campaigns).to_be_visible()
    names = campaigns.get_by_role("link").all_inner_texts()
    assert names
    sign_out(page)
    sign_in(page, second)
    expect(page.get_by_text(say("es", "ui.dashboard.empty.title"))).to_be_visible()
    shown = page.content()
    assert not [mark for mark in (first.email, first.name, *names) if mark in shown]
    page.goto(f"/app/campaign?id={somebody.campaign_id}")
    expect(page.locator("html")).to_have_attribute("data-live", "on")
    assert not [mark for mark in (first.email, first.name, *names) if mark in page.content()]


def test_a_tab_that_was_left_open_is_closed_to_whoever_comes_next(visit: Visit, somebody: Somebody) -> None:
    browser = visit()
    left_open, other = browser.tab(), browser.tab()
    sign_in(left_open, of_role(Role.ADMIN))
    sign_in(other, of_role(Role.ESTRATEGA))
    left_open.get_by_label(say("es", "ui.range"), exact=True).select_option("7")
    expect(left_open.get_by_role("table", name=say("es", "ui.campaigns.title"))).to_have_count(0)


def test_signing_out_ends_the_stream_of_every_tab(visit: Visit) -> None:
    browser = visit()
    watching, leaving = browser.tab(), browser.tab()
    sign_in(watching, of_role(Role.ESTRATEGA))
    expect(watching.locator("html")).to_have_attribute("data-live", "on")
    leaving.goto("/app/inbox")
    settled(leaving)
    sign_out(leaving)
    expect(watching.locator("html")).to_have_attribute("data-live", "off")


def test_somebody_without_a_session_is_asked_to_sign_in_and_brought_back(visit: Visit) -> None:
    page = visit().tab()
    page.goto("/app/tokens")
    person = of_role(Role.EMPRESARIO)
    page.fill("#email", person.email)
    page.fill("#password", person.password)
    expect(page.locator("input[name=next]")).to_have_value("/app/tokens")
    page.get_by_role("button", name=say("es", "ui.sign_in.go")).click()
    expect(page.get_by_role("heading", name=say("es", "ui.tokens.title"))).to_be_visible()
