"""A person gives consent in a real browser."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.conftest import Sandbox
from vibekanban.core.settings import settings

pytestmark = pytest.mark.browser


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        yield browser.new_page()
        browser.close()


@pytest.fixture
def product() -> Iterator[str]:
    """Where the browser is sent back to."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Product)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api/auth/meta/callback"
    server.shutdown()
    thread.join(5)


class _Product(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return


def opened(page: Page, sandbox: Sandbox, product: str, locale: str) -> None:
    query = {
        "client_id": settings().meta_app_id, "redirect_uri": product, "state": "s", "locale": locale,
        "scope": "ads_read,ads_management",
    }  # fmt: skip
    page.goto(f"{sandbox.url}/v26.0/dialog/oauth?{urlencode(query)}")


def brought_back(page: Page) -> dict[str, list[str]]:
    page.wait_for_url("**/api/auth/meta/callback**")
    return parse_qs(urlsplit(page.url).query)


def test_consent_is_given_for_a_chosen_person_without_one_scope(
    page: Page, sandbox: Sandbox, product: str
) -> None:
    opened(page, sandbox, product, "es_ES")
    page.get_by_label("Agencia Norte").check()
    page.get_by_label("Gestionar tus anuncios").uncheck()
    page.get_by_role("button", name="Continuar").click()
    back = brought_back(page)
    assert back["code"]
    assert back["state"] == ["s"]


def test_consent_is_refused(page: Page, sandbox: Sandbox, product: str) -> None:
    opened(page, sandbox, product, "en_US")
    page.get_by_role("button", name="Cancel").click()
    assert brought_back(page)["error"] == ["access_denied"]
