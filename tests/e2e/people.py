"""What people and agents do in front of the product, for scenarios that begin after it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Product
from tests.mcp.conftest import Answer, Server
from vibekanban.core.i18n import say

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
    for box in dialog.locator("input[type=checkbox]").all():
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


def cookie(client: httpx.Client) -> list[Any]:
    """The client's session as a browser context takes it."""
    return [
        {"name": one.name, "value": one.value, "domain": "localhost", "path": "/"}
        for one in client.cookies.jar
    ]
