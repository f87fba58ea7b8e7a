"""The routes of channels: added once with their secret, tested, switched off, and delivered to again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from tests.conftest import Sandbox
from tests.factories.accounts import a_user, bearer
from tests.factories.notifications import a_channel, a_delivery
from vibekanban.domains.accounts.models import User
from vibekanban.domains.notifications import deliveries, own_channels
from vibekanban.domains.notifications.models import Channel, Delivery
from workers import channels as jobs

Database = Callable[[], AbstractContextManager[Session]]
CHANNELS, DELIVERIES = "/api/notifications/channels", "/api/notifications/deliveries"


@pytest.fixture
def user(database: Database) -> User:
    with database() as session:
        return a_user(session)


@pytest.fixture
def signed_in(database: Database, user: User) -> dict[str, str]:
    with database() as session:
        return bearer(session, user)


def _added(client: TestClient, headers: dict[str, str], url: str, **more: str) -> Any:
    body = {"kind": "webhook", "label": "  n8n ", "url": url, **more}
    return client.post(CHANNELS, json=body, headers=headers)


def test_a_webhook_shows_its_secret_once_and_its_address_never(
    client: TestClient, signed_in: dict[str, str]
) -> None:
    answer = _added(client, signed_in, "https://flows.example.com/webhook/secreto")
    assert answer.status_code == 201
    assert answer.json()["secret"].startswith("whsec_")
    assert answer.json()["channel"]["label"] == "n8n"
    listed = client.get(CHANNELS, headers=signed_in)
    assert listed.json()["items"] == [answer.json()["channel"]]
    assert listed.json()["items"][0]["host"] == "flows.example.com"
    assert "secreto" not in answer.text + listed.text
    assert "whsec_" not in listed.text


def test_slack_has_no_signing_secret(client: TestClient, signed_in: dict[str, str]) -> None:
    answer = _added(client, signed_in, "https://hooks.slack.com/services/T0/B0/x", kind="slack")
    assert answer.json()["secret"] is None
    refused = client.post(f"{CHANNELS}/{answer.json()['channel']['id']}/rotate-secret", headers=signed_in)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_signing_secret")


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("slack", "https://hooks.slack.com.example.com/services/T0/B0/x"),
        ("slack", "http://hooks.slack.com/services/T0/B0/x"),
        ("slack", "https://hooks.slack.com/workflows/T0"),
        ("webhook", "flows.example.com"),
        ("webhook", "https://user:password@flows.example.com/"),
    ],
)
def test_an_address_that_can_not_be_is_refused_at_its_field(
    client: TestClient, signed_in: dict[str, str], kind: str, url: str
) -> None:
    answer = _added(client, signed_in, url, kind=kind)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["details"]["fields"]] == ["url"]
    assert "password" not in answer.text


def test_there_is_a_most_of_channels(
    client: TestClient, database: Database, user: User, signed_in: Any
) -> None:
    with database() as session:
        for _ in range(own_channels.MOST):
            a_channel(session, user)
    answer = _added(client, signed_in, "https://flows.example.com/")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_channels")


def test_a_test_says_what_happened(client: TestClient, sandbox: Sandbox, signed_in: dict[str, str]) -> None:
    channel = _added(client, signed_in, f"{sandbox.url}/hooks/mine").json()["channel"]
    answer = client.post(f"{CHANNELS}/{channel['id']}/test", headers=signed_in).json()
    assert (answer["status"], answer["title"], answer["lastError"]) == ("sent", "Mensaje de prueba", "")
    assert client.get(CHANNELS, headers=signed_in).json()["items"][0]["lastOkAt"] is not None


def test_a_test_that_fails_says_why_and_is_not_tried_again(
    client: TestClient, sandbox: Sandbox, signed_in: dict[str, str]
) -> None:
    channel = _added(client, signed_in, f"{sandbox.url}/hooks/mine?status=500").json()["channel"]
    answer = client.post(f"{CHANNELS}/{channel['id']}/test", headers=signed_in).json()
    assert (answer["status"], answer["lastError"]) == ("failed", "El otro lado respondió 500.")


def test_a_new_secret_signs_beside_the_old_one_for_a_day(
    client: TestClient, sandbox: Sandbox, signed_in: dict[str, str]
) -> None:
    added = _added(client, signed_in, f"{sandbox.url}/hooks/mine").json()
    where = f"{CHANNELS}/{added['channel']['id']}"
    rotated = client.post(f"{where}/rotate-secret", headers=signed_in).json()
    assert rotated["secret"] != added["secret"]
    for secret in (added["secret"], rotated["secret"]):
        httpx.post(f"{sandbox.url}/arrivals", data={"name": "mine", "secret": secret}, timeout=10)
        client.post(f"{where}/test", headers=signed_in)
    arrived = httpx.get(f"{sandbox.url}/arrivals.json", timeout=10).json()
    assert [one["signature"] for one in arrived] == ["right", "right"]


def test_a_channel_is_switched_off_and_what_waits_is_given_up(
    client: TestClient, database: Database, user: User, signed_in: dict[str, str]
) -> None:
    with database() as session:
        channel = a_channel(session, user)
        a_delivery(session, channel)
    where = f"{CHANNELS}/{channel.id}"
    answer = client.patch(where, json={"isActive": False}, headers=signed_in)
    assert answer.json()["isActive"] is False
    (waiting,) = client.get(DELIVERIES, headers=signed_in).json()["items"]
    assert (waiting["status"], waiting["lastError"]) == (
        "failed",
        "El canal se desactivó antes de entregarlo.",
    )
    refused = client.post(f"{DELIVERIES}/{waiting['id']}/resend", headers=signed_in)
    assert (refused.status_code, refused.json()["code"]) == (409, "channel_off")


def test_switching_on_again_forgets_what_was_wrong(
    client: TestClient, database: Database, user: User, signed_in: dict[str, str]
) -> None:
    with database() as session:
        channel = a_channel(session, user)
        deliveries.not_sent(session, a_delivery(session, channel).id, "answered 410", gone=True)
    answer = client.patch(f"{CHANNELS}/{channel.id}", json={"isActive": True}, headers=signed_in).json()
    assert (answer["isActive"], answer["lastError"]) == (True, "")


def test_another_address_is_used_from_then_on(
    client: TestClient, sandbox: Sandbox, signed_in: dict[str, str]
) -> None:
    channel = _added(client, signed_in, "http://127.0.0.1:9/hook").json()["channel"]
    where = f"{CHANNELS}/{channel['id']}"
    assert client.post(f"{where}/test", headers=signed_in).json()["status"] == "failed"
    client.patch(where, json={"url": f"{sandbox.url}/hooks/mine"}, headers=signed_in)
    assert client.post(f"{where}/test", headers=signed_in).json()["status"] == "sent"


def test_a_delivery_is_sent_again_under_the_same_id(
    client: TestClient, database: Database, sandbox: Sandbox, user: User, signed_in: dict[str, str]
) -> None:
    with database() as session:
        delivery = a_delivery(session, a_channel(session, user, target=f"{sandbox.url}/hooks/mine"))
    jobs.send_delivery(str(delivery.id))
    answer = client.post(f"{DELIVERIES}/{delivery.id}/resend", headers=signed_in)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    jobs.send_delivery(str(delivery.id))
    arrived = httpx.get(f"{sandbox.url}/arrivals.json", timeout=10).json()
    assert [one["id"] for one in arrived] == [f"msg_{delivery.id.hex}"] * 2


def test_the_log_has_pages_and_is_narrowed_to_a_channel(
    client: TestClient, database: Database, user: User, signed_in: dict[str, str]
) -> None:
    with database() as session:
        one, other = a_channel(session, user), a_channel(session, user)
        made = [str(a_delivery(session, one).id) for _ in range(3)]
        a_delivery(session, other)
    asked = {"channelId": str(one.id), "limit": 2}
    first = client.get(DELIVERIES, params=asked, headers=signed_in).json()
    asked["cursor"] = first["nextCursor"]
    rest = client.get(DELIVERIES, params=asked, headers=signed_in).json()
    assert [line["id"] for line in first["items"] + rest["items"]] == made[::-1]


def test_a_removed_channel_takes_its_deliveries_with_it(
    client: TestClient, database: Database, user: User, signed_in: dict[str, str]
) -> None:
    with database() as session:
        channel = a_channel(session, user)
        a_delivery(session, channel)
    assert client.delete(f"{CHANNELS}/{channel.id}", headers=signed_in).status_code == 204
    with database() as session:
        assert session.exec(select(Delivery)).all() == []
        assert session.exec(select(Channel)).all() == []


def test_preferences_are_kept_and_what_is_absent_stays(
    client: TestClient, database: Database, user: User, signed_in: dict[str, str]
) -> None:
    where = "/api/notifications/preferences"
    with database() as session:
        channel = str(a_channel(session, user).id)
    hours = {"since": "22:00", "until": "08:00"}
    client.patch(where, json={"quietHours": hours}, headers=signed_in).raise_for_status()
    client.patch(where, json={"routes": {"board": [channel]}}, headers=signed_in).raise_for_status()
    assert client.get(where, headers=signed_in).json() == {
        "routes": {
            "connections": ["email"],
            "alerts": ["email"],
            "board": [channel],
            "sharing": ["email"],
            "automations": ["email"],
        },
        "quietHours": hours,
    }
    assert client.patch(where, json={"quietHours": None}, headers=signed_in).json()["quietHours"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"routes": {"board": ["0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d"]}},
        {"routes": {"weather": ["email"]}},
        {"quietHours": {"since": "22:00", "until": "22:00"}},
        {"quietHours": {"since": "25:00", "until": "08:00"}},
        {"quietHours": {"since": "22:00+16:09", "until": "08:00"}},
    ],
)
def test_preferences_that_can_not_be_are_refused(
    client: TestClient, signed_in: dict[str, str], body: dict[str, Any]
) -> None:
    answer = client.patch("/api/notifications/preferences", json=body, headers=signed_in)
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["T0/B0/ñ", "T0/B0/x y", "T0/\x7f", "x" * 3000, "T0/B0#x"])
def test_a_slack_address_that_can_not_be_called_is_refused_at_once(
    client: TestClient, signed_in: dict[str, str], path: str
) -> None:
    answer = _added(client, signed_in, f"https://hooks.slack.com/services/{path}", kind="slack")
    assert answer.status_code == 422
