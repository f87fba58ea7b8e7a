"""Webhooks are confirmed, signed and logged; e-mails can be read; both outlive a restart."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from tests.conftest import Sandbox
from tests.sandbox.conftest import refusal
from vibekanban.core.settings import settings
from vibekanban.sandbox.app import create_app

Heard = Queue[tuple[dict[str, str], bytes]]
MAIL = {
    "personalizations": [{"to": [{"email": "Ana@example.com"}]}],
    "from": {"email": "noreply@example.com"},
    "subject": "Recupera tu <acceso>",
    "content": [
        {"type": "text/plain", "value": "Entra en http://localhost:8000/reset?t=a&b=c. Gracias"},
        {"type": "text/html", "value": "<p>Entra</p>"},
    ],
}


class _Callback(BaseHTTPRequestHandler):
    heard: Heard

    def do_GET(self) -> None:
        self._answer(parse_qs(urlsplit(self.path).query)["hub.challenge"][0].encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.heard.put(({name.lower(): value for name, value in self.headers.items()}, body))
        self._answer(b"ok")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def callback() -> Iterator[tuple[str, Heard]]:
    """Somebody who listens: an address, and what arrived there."""
    heard: Heard = Queue()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Callback", (_Callback,), {"heard": heard}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", heard
    server.shutdown()
    thread.join(5)


def subscribed(sandbox: Sandbox, graph: httpx.Client, account: str, url: str) -> None:
    chosen = settings()
    form = {
        "object": "ad_account", "callback_url": url, "verify_token": "v", "fields": "effective_status,creative_fatigue",
        "access_token": f"{chosen.meta_app_id}|{chosen.meta_app_secret}",
    }  # fmt: skip
    httpx.post(f"{sandbox.url}/v26.0/{chosen.meta_app_id}/subscriptions", data=form).raise_for_status()
    graph.post(f"/{account}/subscribed_apps").raise_for_status()


def test_a_pause_is_announced_and_signed(
    sandbox: Sandbox, graph: httpx.Client, account: str, callback: tuple[str, Heard]
) -> None:
    url, heard = callback
    subscribed(sandbox, graph, account, url)
    campaign = graph.get(f"/{account}/campaigns").json()["data"][0]["id"]
    graph.post(f"/{campaign}", data={"status": "PAUSED"}).raise_for_status()
    headers, body = heard.get(timeout=10)
    signature = hmac.new(settings().meta_app_secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["x-hub-signature-256"] == f"sha256={signature}"
    [entry] = json.loads(body)["entry"]
    assert entry["id"] == account.removeprefix("act_")
    assert entry["changes"] == [{"field": "effective_status", "value": {"id": campaign, "level": "CAMPAIGN"}}]


def test_notices_may_come_twice(
    sandbox: Sandbox, graph: httpx.Client, account: str, callback: tuple[str, Heard]
) -> None:
    url, heard = callback
    subscribed(sandbox, graph, account, url)
    notice = {"duplicate": True, "account": account, "field": "creative_fatigue", "value": {"level": "HIGH"}}
    assert sandbox.admin.post("/_sandbox/webhooks", json=notice).json() == {"queued": True}
    assert heard.get(timeout=10)[1] == heard.get(timeout=10)[1]


def test_without_a_subscription_nobody_is_told(sandbox: Sandbox, account: str) -> None:
    notice = {"account": account, "field": "creative_fatigue"}
    assert sandbox.admin.post("/_sandbox/webhooks", json=notice).json() == {"queued": False}


def test_a_callback_elsewhere_is_never_called(sandbox: Sandbox) -> None:
    chosen = settings()
    form = {
        "object": "ad_account", "callback_url": "https://example.com/hook",
        "access_token": f"{chosen.meta_app_id}|{chosen.meta_app_secret}",
    }  # fmt: skip
    answer = httpx.post(f"{sandbox.url}/v26.0/{chosen.meta_app_id}/subscriptions", data=form)
    assert refusal(answer) == (2200, None)


def test_the_app_is_told_when_somebody_leaves(
    sandbox: Sandbox, graph: httpx.Client, callback: tuple[str, Heard]
) -> None:
    url, heard = callback
    sandbox.admin.post("/_sandbox/app", json={"deauthorize_url": url}).raise_for_status()
    graph.delete("/me/permissions").raise_for_status()
    _headers, body = heard.get(timeout=10)
    signature, _, payload = parse_qs(body.decode())["signed_request"][0].partition(".")
    assert signature
    assert payload


def test_a_mail_is_read_with_its_links(sandbox: Sandbox) -> None:
    headers = {"authorization": f"Bearer {settings().sendgrid_api_key}"}
    assert httpx.post(f"{sandbox.url}/v3/mail/send", json=MAIL, headers=headers).status_code == 202
    [mail] = httpx.get(f"{sandbox.url}/mailbox.json", params={"to": "ana@example.com"}).json()
    assert mail["links"] == ["http://localhost:8000/reset?t=a&b=c"]
    page = httpx.get(f"{sandbox.url}/mailbox").text
    assert '<a href="http://localhost:8000/reset?t=a&amp;b=c">' in page
    assert "Recupera tu &lt;acceso&gt;" in page


def test_a_mail_without_a_key_is_refused(sandbox: Sandbox) -> None:
    assert httpx.post(f"{sandbox.url}/v3/mail/send", json=MAIL).status_code == 401


def test_attached_files_can_be_read_and_must_be_base64(sandbox: Sandbox) -> None:
    headers = {"authorization": "Bearer " + settings().sendgrid_api_key}

    def sent(content: str) -> int:
        body = {**MAIL, "attachments": [{"filename": "a.csv", "type": "text/csv", "content": content}]}
        return httpx.post(f"{sandbox.url}/v3/mail/send", json=body, headers=headers).status_code

    assert sent("not base64!") == 400
    assert sent("YSxi") == 202
    [mail] = httpx.get(f"{sandbox.url}/mailbox.json", params={"to": "ana@example.com"}).json()
    assert [one["filename"] for one in mail["attachments"]] == ["a.csv"]
    assert 'download="a.csv" href="data:text/csv;base64,YSxi"' in httpx.get(f"{sandbox.url}/mailbox").text


@pytest.mark.parametrize("missing", ["personalizations", "from", "subject", "content"])
def test_an_incomplete_mail_is_refused_and_the_field_named(sandbox: Sandbox, missing: str) -> None:
    headers = {"authorization": f"Bearer {settings().sendgrid_api_key}"}
    body = {name: value for name, value in MAIL.items() if name != missing}
    answer = httpx.post(f"{sandbox.url}/v3/mail/send", json=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].startswith(missing)


@contextmanager
def started(folder: Path) -> Iterator[TestClient]:
    """A sandbox of its own over a folder."""
    with TestClient(create_app(seed=7, data_dir=folder, app_id="1", app_secret="s")) as client:
        yield client


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    with started(tmp_path) as before:
        before.post("/_sandbox/clock", json={"to": "2026-11-10T12:00:00+00:00", "speed": 0})
        token = before.post("/_sandbox/tokens", json={"person": "lucia"}).json()["token"]
        signed = {"authorization": f"Bearer {token}"}
        account = before.get("/v26.0/me/adaccounts", headers=signed).json()["data"][0]["id"]
        campaign = before.get(f"/v26.0/{account}/campaigns", headers=signed).json()["data"][0]["id"]
        before.post(f"/v26.0/{campaign}", data={"status": "PAUSED"}, headers=signed)
        before.post("/v3/mail/send", json=MAIL, headers={"authorization": "Bearer x"})
        before.post("/_sandbox/limits", json={"score": 100})
        usage = before.get(f"/v26.0/{account}", headers=signed).headers["x-ad-account-usage"]
    with started(tmp_path) as after:
        assert after.get("/_sandbox/clock").json()["speed"] == 0
        found = after.get(f"/v26.0/{campaign}", params={"fields": "status"}, headers=signed)
        assert found.json()["status"] == "PAUSED"
        assert (
            json.loads(found.headers["x-ad-account-usage"])["acc_id_util_pct"]
            > json.loads(usage)["acc_id_util_pct"]
        )
        assert len(after.get("/mailbox.json").json()) == 1
        assert len(after.get(f"/v26.0/{account}/activities", headers=signed).json()["data"]) == 1


def test_a_reset_forgets_everything(tmp_path: Path) -> None:
    with started(tmp_path) as client:
        token = client.post("/_sandbox/tokens", json={"person": "lucia"}).json()["token"]
        client.post("/_sandbox/reset")
        assert client.get("/v26.0/me", params={"access_token": token}).json()["error"]["code"] == 190


def test_a_browser_that_asks_for_an_icon_is_not_told_off(sandbox: Sandbox) -> None:
    assert httpx.get(f"{sandbox.url}/favicon.ico").status_code == 204
