"""What people and agents do in front of the product, for scenarios that begin after it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.e2e.product import ORIGIN, Product
from tests.mcp.conftest import Answer, Server
from vibekanban.core.i18n import say
from vibekanban.domains.accounts import demo
from vibekanban.domains.accounts.models import Role
from vibekanban.runtime.processes import wait_until

PASSWORD = "una clave bien larga"
_numbers = count(1)


def an_address() -> str:
    return f"ana{next(_numbers)}@example.com"


def register(page: Page, *, name: str = "Ana Prueba") -> None:
    """Fill in the form as a person would; ends on the dashboard."""
    page.goto("/register")
    page.fill("#name", name)
    page.fill("#email", an_address())
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name=say("es", "ui.register.go")).click()
    page.wait_for_url(re.compile(r"/app/?\?welcome=1"))


def connect(page: Page) -> None:
    """Give consent at Meta (the sandbox's first person); ends on the accounts page."""
    page.goto("/app/accounts")
    page.get_by_role("button", name=say("es", "ui.accounts.connect.manage")).click()
    page.wait_for_url(re.compile(r"/dialog/oauth"))
    page.locator("button[name=answer][value=yes]").click()
    page.wait_for_url(re.compile(r"/app/accounts/?\?connected"))


def make_token(page: Page, name: str) -> str:
    """A token with every permission for every account; what the dialog shows once."""
    page.goto("/app/tokens")
    page.get_by_role("button", name=say("es", "ui.tokens.new")).click()
    dialog = page.locator("dialog#new")
    dialog.locator("#name").fill(name)
    expect(dialog.locator("input[name=accountIds]").first).to_be_visible()
    for box in dialog.locator("input[name=accountIds], input[name=scopes]").all():
        box.check()
    dialog.get_by_role("button", name=say("es", "ui.tokens.create")).click()
    shown = page.locator("#the-secret")
    expect(shown).to_contain_text("vkm_")
    secret = shown.inner_text()
    page.get_by_role("button", name=say("es", "ui.tokens.secret.done")).click()
    expect(shown).to_be_empty()
    return secret


def agent(product: Product, token: str, tool: str, **arguments: Any) -> dict[str, Any]:
    """A tool call by the official client; in a thread, since the browser's loop has this one."""

    def called() -> Answer:
        return Server(product.url).call(token, tool, **arguments)

    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(called).result()
    assert answer.error is None, answer.error
    return answer.result


def tools(product: Product, token: str) -> set[str]:
    """The names of the tools that the token may use."""

    def listed() -> set[str]:
        return Server(product.url).mcp(token, _names)

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(listed).result()


async def _names(client: Any) -> set[str]:
    return {tool.name for tool in (await client.list_tools()).tools}


def oracle(product: Product, **asked: str) -> dict[str, Any]:
    """The truth about a period, from the sandbox."""
    answer = product.sandbox.get("/_sandbox/oracle", params=asked)
    answer.raise_for_status()
    return answer.json()["totals"]


@dataclass(frozen=True)
class Somebody:
    """Who is signed in: the browser state that says so, and a campaign and an automation to look at."""

    state: Any
    campaign_id: str
    automation_id: str


@contextmanager
def signed_in(product: Product, email: str, password: str) -> Iterator[httpx.Client]:
    """A program that has the cookie of somebody's browser."""
    with product.client(headers={"Origin": ORIGIN}) as client:
        client.post("/auth/sign-in", json={"email": email, "password": password}).raise_for_status()
        yield client


def state(client: httpx.Client) -> Any:
    """The same session for a browser."""
    kept = [
        {
            "name": one.name,
            "value": one.value or "",
            "domain": "localhost",
            "path": "/",
            "expires": -1,
            "httpOnly": True,
            "secure": False,
            "sameSite": "Lax",
        }
        for one in client.cookies.jar
    ]
    return {"cookies": kept, "origins": []}


def somebody(product: Product) -> Somebody:
    """The demonstration's administrator, connected by a pasted token, with campaigns read and a channel tried."""
    admin = next(one for one in demo.PEOPLE if one.role is Role.ADMIN)
    minted = product.sandbox.post("/_sandbox/tokens", json={"person": "lucia"}).json()["token"]
    with signed_in(product, admin.email, admin.password) as client:
        given = {"mode": "system_user", "accessToken": minted}
        client.post("/api/meta/auth/connect", json=given).raise_for_status()

        def read() -> bool:
            (account,) = client.get("/api/meta/auth/accounts").json()["items"] or [{}]
            return bool(account.get("lastSyncedAt"))

        assert wait_until(read, product.process, 120), "the account was not read"
        hook = {"kind": "webhook", "label": "n8n", "url": f"{product.sandbox.base_url}/hooks/n8n"}
        channel = client.post("/api/notifications/channels", json=hook).raise_for_status().json()["channel"]
        client.post(f"/api/notifications/channels/{channel['id']}/test").raise_for_status()
        campaigns = client.get("/api/meta/campaigns", params={"status": "ACTIVE"}).json()["items"]
        automation_id = an_automation_that_ran(product, client, campaigns[0]["accountId"])
        return Somebody(state(client), campaigns[0]["id"], automation_id)


def an_automation_that_ran(product: Product, client: httpx.Client, account_id: str) -> str:
    """One that only tries; the workers deploy it, and n8n runs it once."""
    asked = {"template": "pause_without_results", "name": "Sin compras, fuera", "accountIds": [account_id]}
    made = client.post("/api/automations", json=asked).raise_for_status().json()
    address = f"/api/automations/{made['id']}"

    def deployed() -> bool:
        return client.get(address).json()["state"] == "RUNNING"

    def ran() -> bool:
        found = client.get(f"{address}/executions").json()["items"]
        return bool(found) and found[0]["status"] == "success"

    assert wait_until(deployed, product.process, 60), client.get(address).text
    client.post(f"{address}/run").raise_for_status()
    assert wait_until(ran, product.process, 60), client.get(address).text
    return made["id"]


def settled(page: Page) -> None:
    """Wait until a page shows whom it is for and what it had to load."""
    if page.locator(".frame").count():
        expect(page.locator(".avatar")).not_to_be_empty()
        expect(page.locator(".bone:visible")).to_have_count(0)  # a closed dialog may wait
