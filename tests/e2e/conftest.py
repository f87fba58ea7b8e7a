"""A browser in front of the running product, and somebody with data to show."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e import people
from tests.e2e.product import ORIGIN, Product, running

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
expect.set_options(timeout=15_000)


@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    with running() as started:
        yield started


@pytest.fixture(scope="package")
def somebody(product: Product) -> people.Somebody:
    """The demonstration's administrator, who sees every page, with an account that was read."""
    return people.somebody(product)


@pytest.fixture(scope="package")
def chromium(product: Product) -> Iterator[Browser]:
    """Package scope, since its event loop would be in the way of other tests that run one."""
    path = shutil.which("chromium") or "/usr/bin/chromium"
    mapped = f"--host-resolver-rules=MAP localhost:8000 127.0.0.1:{product.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, mapped])
        yield browser
        browser.close()


@dataclass
class Visitor:
    """A person's browser: their cookies, their tabs, and everything their console complained about."""

    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def tab(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self._note(page, str(error)))
        page.on("console", lambda said: self._note(page, said.text) if said.type == "error" else None)
        return page

    def _note(self, page: Page, complaint: str) -> None:
        if page.url.startswith(ORIGIN):  # what the sandbox's own pages say is not ours
            self.complaints.append(f"{page.url}: {complaint}")


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Opens a browser of somebody new; afterwards no console may have complained."""
    visitors: list[Visitor] = []

    def arrive(**options: Any) -> Visitor:
        given = {"locale": "es-ES", "viewport": {"width": 1440, "height": 900}, "base_url": ORIGIN, **options}
        visitors.append(Visitor(chromium.new_context(**given)))
        return visitors[-1]

    yield arrive
    for visitor in visitors:
        visitor.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []
