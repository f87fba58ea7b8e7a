"""What Meta tells us: believed when it is signed, kept once, and followed."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import uvicorn
from fastapi.testclient import TestClient
from sqlmodel import select

from tests.conftest import Sandbox
from tests.domains.meta.meta_sandbox import minted, queued
from tests.factories.accounts import a_user
from tests.factories.alerts import an_alert, fired, read
from tests.factories.meta import a_campaign, a_connection, an_account, an_ad, an_ad_set
from tests.ports import free_port
from vibekanban.api.app import standalone
from vibekanban.clients.meta import oauth
from vibekanban.core import columns, settings
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.meta import connections, notices
from vibekanban.domains.meta.models import Ad, Level, MetaAccount, MetaNotice, ObjectTrouble
from workers import alerts as alert_jobs

ROUTE = "/api/webhooks/meta"
ACCOUNT = "700103005657"  # of the sandbox, with a wave of rejected ads


def notice(account: str = "79", field: str = "effective_status", **value: Any) -> bytes:
    change = {"field": field, "value": value or {"id": "120", "level": "CAMPAIGN"}}
    return orjson.dumps({"object": "ad_account", "entry": [{"id": account, "time": 1, "changes": [change]}]})


def sent(client: TestClient, raw: bytes, **headers: str) -> int:
    secret = settings.settings().meta_app_secret.encode()
    signature = "sha256=" + hmac.new(secret, raw, hashlib.sha256).hexdigest()
    return client.post(ROUTE, content=raw, headers={"X-Hub-Signature-256": signature, **headers}).status_code


def kept(database: Any) -> list[MetaNotice]:
    with database() as session:
        return list(session.exec(select(MetaNotice)))


def test_meta_is_shown_that_the_address_is_ours(client: TestClient) -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    right = client.get(ROUTE, params=asked | {"hub.verify_token": oauth.verify_token()})
    assert (right.status_code, right.text) == (200, "1158201444")
    assert client.get(ROUTE, params=asked | {"hub.verify_token": "otro"}).status_code == 403


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=ñ", "sha256=" + "0" * 64])
def test_what_meta_did_not_sign_is_refused(client: TestClient, database: Any, signature: str) -> None:
    headers = [(b"X-Hub-Signature-256", signature.encode())]
    assert client.post(ROUTE, content=notice(), headers=headers).status_code == 403
    assert kept(database) == []


def test_a_notice_that_comes_twice_is_kept_and_followed_once(client: TestClient, database: Any) -> None:
    assert [sent(client, notice()), sent(client, notice())] == [200, 200]
    assert [one.meta_account_id for one in kept(database)] == ["79"]
    assert queued(Job.FOLLOW_NOTICES) == [("79",)]


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b'{"object":"page","entry":[{"id":"79","changes":[{"field":"effective_status"}]}]}',
        b'{"object":"ad_account","entry":[{"id":"x","changes":[{"field":"effective_status"}]},7]}',
        b'{"object":"ad_account","entry":{"id":"79"}}',
        notice(field="weather"),
    ],
)
def test_what_is_not_for_us_is_passed_over(client: TestClient, database: Any, raw: bytes) -> None:
    assert sent(client, raw) == 200
    assert kept(database) == []


def test_a_signed_call_that_is_no_json_is_bad(client: TestClient) -> None:
    assert sent(client, b"{") == 400


def test_a_rejected_ad_is_alerted_as_soon_as_meta_tells(
    client: TestClient, database: Any, sandbox: Sandbox
) -> None:
    account, ad = rejected(database, sandbox)
    with database() as session:
        an_alert(session, account, condition={"check": "disapproval"}, level=Level.ACCOUNT)
        read(session, account.id, columns.now())
    alert_jobs.judge(str(account.id))
    assert fired(database) == []
    raw = notice(account.meta_account_id, "with_issues_ad_objects", id=ad.meta_id, level="AD")
    assert sent(client, raw) == 200
    for (account_id,) in queued(Job.FOLLOW_NOTICES):
        notices.follow(account_id)
    for arguments in queued(Job.JUDGE_ALERTS):
        alert_jobs.judge(*arguments)
    (event,) = fired(database)
    assert event.numbers[0]["value"] == 1
    assert [one.done_at is not None for one in kept(database)] == [True]


def test_a_worn_creative_is_noted_until_meta_says_otherwise(
    client: TestClient, database: Any, sandbox: Sandbox
) -> None:
    account, ad = rejected(database, sandbox)
    for fatigue in ("HIGH", "LOW"):
        sent(
            client,
            notice(account.meta_account_id, "creative_fatigue", id=ad.meta_id, creative_fatigue=fatigue),
        )
        notices.follow(account.meta_account_id)
        with database() as session:
            found = session.exec(
                select(ObjectTrouble).where(ObjectTrouble.status == "CREATIVE_FATIGUE")
            ).all()
        assert [one.until is None for one in found] == [fatigue == "HIGH"]


def rejected(database: Any, sandbox: Sandbox) -> tuple[MetaAccount, Ad]:
    """An account with an ad that Meta has rejected since we read it."""
    token = minted(sandbox, "dificil")
    with database() as session:
        connection = a_connection(session, a_user(session), token=token)
        account = an_account(session, connection, meta_account_id=ACCOUNT)
    with connections.opened(account.id, Lane.HUMAN) as meta:
        asked = {"fields": "id,adset_id,campaign_id", "effective_status": ["DISAPPROVED"], "limit": 1}
        row = meta.get(f"act_{ACCOUNT}/ads", **asked)["data"][0]
    with database() as session:
        campaign = a_campaign(session, account, meta_id=row["campaign_id"])
        ad_set = an_ad_set(session, campaign, meta_id=row["adset_id"])
        return account, an_ad(session, ad_set, meta_id=row["id"])


@pytest.fixture
def served(database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The API where Meta can reach it."""
    port = free_port()
    monkeypatch.setenv("NEXT_PUBLIC_API_URL", f"http://127.0.0.1:{port}")
    settings.settings.cache_clear()
    server = uvicorn.Server(uvicorn.Config(standalone(), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        thread.join(0.01)
    yield
    server.should_exit = True
    thread.join(20)
    settings.settings.cache_clear()


@pytest.mark.usefixtures("served")
def test_meta_tells_what_it_was_asked_to_tell(database: Any, sandbox: Sandbox) -> None:
    account, ad = rejected(database, sandbox)
    assert notices.subscribe() == 1
    told = {"account": ACCOUNT, "field": "effective_status", "value": {"id": ad.meta_id, "level": "AD"}}
    sandbox.admin.post("/_sandbox/webhooks", json={**told, "duplicate": True}).raise_for_status()
    deadline = time.monotonic() + 15
    while not kept(database) and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    assert [(one.meta_account_id, one.field) for one in kept(database)] == [
        (account.meta_account_id, "effective_status")
    ]
