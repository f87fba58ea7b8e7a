"""The product's main job, from an empty browser to an agent's pause on an open page."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from tests.e2e import people
from tests.e2e.conftest import Visit
from tests.e2e.product import Product
from vibekanban.core import i18n
from vibekanban.core.i18n import say

pytestmark = pytest.mark.browser


def test_a_person_connects_reads_and_lets_an_agent_pause(product: Product, visit: Visit) -> None:
    page = visit().tab()

    # registers, connects, sees the sync go by
    people.register(page)
    expect(page.get_by_text(say("es", "ui.dashboard.empty.title"))).to_be_visible()
    people.connect(page)
    bar = page.get_by_role("progressbar")
    expect(bar.first).to_be_visible(timeout=30_000)
    expect(bar).to_have_count(0, timeout=120_000)

    # the dashboard's chart and numbers
    secret = people.make_token(page, "Agente de prueba")
    (account,) = people.agent(product, secret, "list_accounts")["items"]
    summary = people.agent(product, secret, "get_summary", accountId=account["id"])
    period = {"since": summary["since"], "until": summary["until"]}
    truth = people.oracle(product, account=account["metaAccountId"], level="account", **period)
    page.goto("/app")
    spent = page.locator("dl.kpis > div", has_text=say("es", "ui.column.spend")).locator("dd.value")
    expect(spent).to_have_text(i18n.money(Decimal(truth["spend"]), account["currency"], "es"))
    expect(page.locator(".chart canvas")).to_be_visible()

    # an agent reads the campaign to the cent while its page is open
    assert {"get_metrics", "pause_campaign"} <= people.tools(product, secret)
    campaigns = people.agent(product, secret, "list_campaigns", accountId=account["id"])["items"]
    campaign = next(one for one in campaigns if one["effectiveStatus"] == "ACTIVE")
    page.get_by_role("link", name=campaign["name"]).click()
    page.wait_for_url(re.compile(rf"id={campaign['id']}"))
    status = page.locator("main .pill").first
    expect(status).to_have_text(say("es", "ui.status.ACTIVE"))
    expect(page.locator("html")).to_have_attribute("data-live", "on")
    page.evaluate("window.neverReloaded = true")
    read = people.agent(product, secret, "get_metrics", id=campaign["id"], limit=100, **period)
    truth = people.oracle(
        product,
        account=account["metaAccountId"],
        level="campaign",
        ids=campaign["metaId"],
        **period,
    )
    rows = read["items"]
    assert len(rows) == 30
    assert sum(Decimal(row["spend"]) for row in rows) == Decimal(truth["spend"]) > 0
    assert sum(Decimal(row["revenue"]) for row in rows) == Decimal(truth["value"])
    assert sum(row["impressions"] for row in rows) == truth["impressions"]
    assert sum(row["clicks"] for row in rows) == truth["clicks"]
    assert sum(row["conversions"] for row in rows) == truth["purchases"]

    # it pauses; the open page shows it within two seconds, the activity says who did it
    people.agent(product, secret, "pause_campaign", campaignId=campaign["id"], reason="ROAS 0,8")
    expect(status).to_have_text(say("es", "ui.status.PAUSED"), timeout=2_000)
    assert page.evaluate("window.neverReloaded")
    page.goto("/app/activity")
    changed = page.get_by_role("region", name=say("es", "ui.activity.changes"))
    # others may have changed the same campaign at Meta, which the log tells as well
    rows_of_it = changed.get_by_role("row", name=campaign["name"])
    expect(rows_of_it.filter(has_text="Agente de prueba")).to_be_visible()
    called = page.get_by_role("region", name=say("es", "ui.activity.calls"))
    expect(called.get_by_role("row", name="pause_campaign")).to_contain_text("Agente de prueba")
