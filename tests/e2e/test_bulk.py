"""A bulk edit as a media buyer lives it: fifty ad sets in five currencies, one that Meta refuses, and all of it back."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import people
from tests.e2e.conftest import Visit
from tests.e2e.people import settled
from tests.e2e.product import Product
from vibekanban.core.i18n import say
from vibekanban.core.settings import settings
from vibekanban.domains.accounts import demo
from vibekanban.domains.accounts.models import Role
from vibekanban.runtime.processes import wait_until

pytestmark = pytest.mark.browser
PERSON, NAME = "dificil", "Zona"
SPENDING = "MXN"  # the account whose ad sets hold budgets from the start
NEW = ("EUR", "USD", "JPY", "CLP")  # accounts that get ad sets with odd budgets
FIFTY = 50


class Graph:
    """The sandbox's Graph API, past the product."""

    def __init__(self, product: Product) -> None:
        self.token = product.sandbox.post("/_sandbox/tokens", json={"person": PERSON}).json()["token"]
        self._client = product.sandbox

    def get(self, path: str, **params: str) -> Any:
        return self._answer("GET", path, params={**params, "access_token": self.token})

    def post(self, path: str, **values: Any) -> Any:
        sent = {name: one if isinstance(one, str) else json.dumps(one) for name, one in values.items()}
        return self._answer("POST", path, data={**sent, "access_token": self.token})

    def budgets(self, ids: list[str]) -> dict[str, str]:
        """In minor units, as Meta writes them."""
        return {one: self.get(one, fields="daily_budget")["daily_budget"] for one in ids}

    def _answer(self, method: str, path: str, **sent: Any) -> Any:
        address = f"/{settings().meta_graph_version}/{path}"
        return self._client.request(method, address, **sent).raise_for_status().json()


def fifty_ad_sets(graph: Graph) -> list[str]:
    """Ad sets that hold budgets: twelve that have spent, and new ones with odd amounts in other currencies."""
    accounts = graph.get("me/adaccounts", fields="currency", limit="50")["data"]
    by_currency = {one["currency"]: one["id"] for one in accounts}
    rows = graph.get(f"{by_currency[SPENDING]}/adsets", fields="daily_budget", limit="100")["data"]
    found = [row["id"] for row in rows if row.get("daily_budget")]
    for number, ad_set in enumerate(found):
        graph.post(ad_set, name=f"{NAME} {SPENDING} {number}")
    more = FIFTY - len(found)
    for place, currency in enumerate(NEW):
        campaign = graph.post(
            f"{by_currency[currency]}/campaigns",
            name="Zonas",
            objective="OUTCOME_TRAFFIC",
            special_ad_categories=[],
            is_adset_budget_sharing_enabled=False,
            status="PAUSED",
        )["id"]
        for number in range(place, more, len(NEW)):
            made = graph.post(
                f"{by_currency[currency]}/adsets",
                name=f"{NAME} {currency} {number}",
                campaign_id=campaign,
                optimization_goal="LINK_CLICKS",
                billing_event="IMPRESSIONS",
                daily_budget=(1_000_003 if currency == "CLP" else 10_037) + 13 * number,
                targeting={"geo_locations": {"countries": ["ES"]}},
                status="PAUSED",
            )
            found.append(made["id"])
    return found


def connected(product: Product, client: httpx.Client, token: str) -> None:
    """The person's accounts are read, with their numbers and every one of the fifty."""
    given = {"mode": "system_user", "accessToken": token}
    client.post("/api/meta/auth/connect", json=given).raise_for_status()

    def read() -> bool:
        items = client.get("/api/meta/auth/accounts", params={"limit": 100}).json()["items"]
        found = client.get("/api/meta/adsets", params={"q": NAME, "limit": 100}).json()["items"]
        return len(found) == FIFTY and all(one["lastSyncedAt"] for one in items)

    assert wait_until(read, product.process, 240), "the accounts were not read"


@pytest.fixture
def fifty(product: Product, visit: Visit) -> tuple[Graph, list[str], Page]:
    """The page of bulk edits of somebody who has the fifty ad sets in their accounts."""
    graph = Graph(product)
    ids = fifty_ad_sets(graph)
    person = next(one for one in demo.PEOPLE if one.role is Role.EMPRESARIO)
    with people.signed_in(product, person.email, person.password) as client:
        connected(product, client, graph.token)
        page = visit(storage_state=people.state(client)).tab()
    page.goto("/app/bulk")
    settled(page)
    return graph, ids, page


def picked(page: Page) -> None:
    """Every ad set of that name, of all accounts."""
    page.select_option("#bulk-level", "adset")
    page.fill("#bulk-search", NAME)
    page.get_by_role("button", name=say("es", "bulk.search"), exact=True).click()
    expect(page.locator("#bulk-list input[type=checkbox]")).to_have_count(FIFTY)
    page.get_by_role("button", name=say("es", "bulk.pick.all")).click()


def raised(minor: str, percent: str) -> str:
    return str(int((Decimal(minor) * (100 + Decimal(percent)) / 100).quantize(Decimal(1), "ROUND_HALF_UP")))


def told(card: Locator, *counts: tuple[int, str]) -> None:
    for number, key in counts:
        expect(card).to_contain_text(f"{number} {say('es', key)}", timeout=120_000)


def test_fifty_ad_sets_in_five_currencies_change_but_for_one_and_come_back_to_the_minor_unit(
    product: Product, fifty: tuple[Graph, list[str], Page]
) -> None:
    graph, ids, page = fifty
    before = graph.budgets(ids)
    refused = ids[-1]

    picked(page)
    row = page.locator("#bulk-list tbody tr").filter(has_text=f"{NAME} {SPENDING} 0")
    listed = row.locator("td").nth(3)
    budget_found = listed.inner_text()
    page.select_option("#bulk-action", "change_budget_percent")
    page.fill("#bulk-percent", "17,3")
    page.get_by_role("button", name=say("es", "bulk.preview"), exact=True).click()
    preview = page.locator("#bulk-preview")
    told(preview, (FIFTY, "bulk.will"), (0, "bulk.will_not"))
    money = preview.locator("ul.num > li")
    expect(money).to_have_count(len(NEW) + 1)
    spending = money.filter(has_text=SPENDING)
    expect(spending).to_contain_text("%")  # how much of the account's 30 days it touches
    assert graph.budgets(ids) == before

    fault = {"kind": "error", "path": f"/{refused}$", "method": "POST", "times": -1, "code": 100}
    product.sandbox.post("/_sandbox/faults", json=fault).raise_for_status()
    preview.get_by_role("button", name=say("es", "bulk.go"), exact=True).click()
    asked = page.locator("dialog#bulk-run[open]")
    expect(asked).to_contain_text(str(FIFTY))
    asked.locator("button.go").click()
    results = page.locator("#bulk-results")
    told(results, (FIFTY - 1, "bulk.count.done"), (1, "bulk.count.failed"))
    product.sandbox.delete("/_sandbox/faults").raise_for_status()
    rows = results.locator("tbody tr")
    expect(rows.filter(has_text=say("es", "bulk.state.done"))).to_have_count(FIFTY - 1)
    expect(rows.filter(has_text=say("es", "bulk.state.failed"))).to_have_count(1)
    now = graph.budgets(ids)
    assert now == {one: raised(held, "17.3") if one != refused else held for one, held in before.items()}

    results.get_by_role("button", name=say("es", "changes.undo_all")).click()
    back = page.locator("dialog#bulk-undo[open]")
    expect(back).to_contain_text(say("es", "changes.undo_all.count", able=FIFTY - 1, total=FIFTY - 1))
    back.locator("button.go").click()
    told(
        results, (0, "bulk.count.failed"), (FIFTY - 1, "bulk.count.done")
    )  # the undoing, not what was before it
    assert graph.budgets(ids) == before
    expect(listed).to_have_text(budget_found)  # and so it stands in the list
