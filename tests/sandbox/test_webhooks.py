"""Webhooks reach the subscriber signed, and doubled or out of order when a test wants that."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.conftest import Sandbox
from vibekanban.core.settings import settings

VERIFY = "palabra"
WAIT = 10  # seconds at most until a notice is there
FIELDS = "effective_status,with_issues_ad_objects,in_process_ad_objects"


@dataclass
class Listener:
    """An app's callback: echoes challenges, keeps what it hears."""

    url: str = ""
    heard: queue.Queue[tuple[dict[str, str], bytes]] = field(default_factory=queue.Queue)
    refusals: int = 0

    def next(self) -> tuple[dict[str, str], bytes]:
        return self.heard.get(timeout=WAIT)

    def values(self, count: int) -> list[Any]:
        """What the next notices are about."""
        return [json.loads(self.next()[1])["entry"][0]["changes"][0]["value"] for _ in range(count)]


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            good = asked["hub.verify_token"] == [VERIFY]
            self._answer(200 if good else 403, asked["hub.challenge"][0].encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if found.refusals:
                found.refusals -= 1
                self._answer(503, b"")
                return
            found.heard.put(({name.lower(): value for name, value in self.headers.items()}, body))
            self._answer(200, b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_port}/hook"
        yield found
        server.shutdown()
        thread.join(WAIT)


def subscribed(sandbox: Sandbox, url: str, verify: str = VERIFY) -> httpx.Response:
    app = settings()
    return httpx.post(
        f"{sandbox.url}/v26.0/{app.meta_app_id}/subscriptions",
        data={
            "access_token": f"{app.meta_app_id}|{app.meta_app_secret}", "object": "ad_account",
            "callback_url": url, "verify_token": verify, "fields": FIELDS,
        },
    )  # fmt: skip


@pytest.fixture
def listening(sandbox: Sandbox, listener: Listener, graph: httpx.Client, account: str) -> Listener:
    """A listener that hears of the tidy shop's account."""
    subscribed(sandbox, listener.url).raise_for_status()
    graph.post(f"/{account}/subscribed_apps").raise_for_status()
    return listener


def paused(graph: httpx.Client, account: str, count: int = 1) -> list[str]:
    campaigns = graph.get(f"/{account}/campaigns", params={"limit": count}).json()["data"]
    for one in campaigns:
        graph.post(f"/{one['id']}", data={"status": "PAUSED"}).raise_for_status()
    return [one["id"] for one in campaigns]


def test_a_callback_that_does_not_echo_is_not_subscribed(sandbox: Sandbox, listener: Listener) -> None:
    assert subscribed(sandbox, listener.url, verify="otra").json()["error"]["code"] == 2200


def test_the_sandbox_calls_nobody_else(sandbox: Sandbox) -> None:
    assert subscribed(sandbox, "https://example.com/hook").json()["error"]["code"] == 2200


def test_a_change_is_told_and_signed(listening: Listener, graph: httpx.Client, account: str) -> None:
    [campaign] = paused(graph, account)
    headers, body = listening.next()
    digest = hmac.new(settings().meta_app_secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["x-hub-signature-256"] == f"sha256={digest}"
    told = json.loads(body)
    assert (told["object"], told["entry"][0]["id"]) == ("ad_account", account.removeprefix("act_"))
    [change] = told["entry"][0]["changes"]
    assert (change["field"], change["value"]["id"]) == ("effective_status", campaign)


def test_an_account_that_did_not_subscribe_is_silent(
    sandbox: Sandbox, listener: Listener, graph: httpx.Client, account: str
) -> None:
    subscribed(sandbox, listener.url).raise_for_status()
    paused(graph, account)
    assert sandbox.admin.get("/_sandbox/webhooks").json() == {"sent": [], "waiting": False}


def test_a_notice_may_come_twice(
    listening: Listener, graph: httpx.Client, account: str, sandbox: Sandbox
) -> None:
    sandbox.admin.post("/_sandbox/webhooks", json={"duplicate": True}).raise_for_status()
    paused(graph, account)
    assert listening.next()[1] == listening.next()[1]


def test_notices_may_come_out_of_order(listening: Listener, account: str, sandbox: Sandbox) -> None:
    sandbox.admin.post("/_sandbox/webhooks", json={"disorder": True}).raise_for_status()
    sandbox.admin.post("/_sandbox/clock", json={"speed": 0}).raise_for_status()
    body = {"account": account, "field": "with_issues_ad_objects", "after": 60}
    for n in range(3):
        told = sandbox.admin.post("/_sandbox/webhooks", json={**body, "value": {"n": n}})
        assert told.json() == {"queued": True}
    sandbox.admin.post("/_sandbox/clock", json={"by": 61, "speed": 0}).raise_for_status()
    assert [value["n"] for value in listening.values(3)] == [2, 1, 0]


def test_a_refused_notice_is_sent_again(
    listening: Listener, graph: httpx.Client, account: str, sandbox: Sandbox
) -> None:
    listening.refusals = 1
    sandbox.admin.post("/_sandbox/clock", json={"speed": 100}).raise_for_status()
    [campaign] = paused(graph, account)
    assert listening.values(1) == [{"id": campaign, "level": "CAMPAIGN"}]


def test_a_leave_is_told_with_a_signed_request(
    sandbox: Sandbox, listener: Listener, graph: httpx.Client
) -> None:
    sandbox.admin.post("/_sandbox/app", json={"deauthorize_url": listener.url}).raise_for_status()
    graph.delete("/me/permissions").raise_for_status()
    [signed] = parse_qs(listener.next()[1].decode())["signed_request"]
    signature, _, payload = signed.partition(".")
    digest = hmac.new(settings().meta_app_secret.encode(), payload.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == signature
    claim = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert (claim["algorithm"], claim["user_id"]) == ("HMAC-SHA256", "4100000000000001")
