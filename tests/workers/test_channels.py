"""Sending to people's own channels: what arrives, what is tried again, and who is never called."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import httpx
import pytest
from rq import Queue
from sqlmodel import Session, select

from tests.conftest import Sandbox
from tests.factories.accounts import a_user
from tests.factories.notifications import a_channel, a_delivery
from vibekanban.core import broker, queue
from vibekanban.core.columns import now
from vibekanban.domains.notifications.models import Channel, ChannelKind, Delivery, DeliveryStatus
from workers import channels

Database = Callable[[], AbstractContextManager[Session]]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def _to(database: Database, target: str, kind: ChannelKind = ChannelKind.WEBHOOK, **values: Any) -> Delivery:
    with database() as session:
        channel = a_channel(session, a_user(session), kind=kind, target=target, secret=SECRET, **values)
        return a_delivery(session, channel)


def _arrived(sandbox: Sandbox) -> list[dict[str, Any]]:
    return httpx.get(f"{sandbox.url}/arrivals.json", timeout=10).json()


def _stored(database: Database, delivery_id: UUID) -> tuple[Delivery, Channel]:
    with database() as session:
        return session.exec(select(Delivery, Channel).join(Channel).where(Delivery.id == delivery_id)).one()


def test_a_webhook_arrives_once_and_its_signature_is_right(sandbox: Sandbox, database: Database) -> None:
    httpx.post(f"{sandbox.url}/arrivals", data={"name": "mine", "secret": SECRET}, timeout=10)
    delivery = _to(database, f"{sandbox.url}/hooks/mine?token=t")
    for _ in range(2):
        channels.send_delivery(str(delivery.id))
    (one,) = _arrived(sandbox)
    assert (one["signature"], one["id"]) == ("right", f"msg_{delivery.id.hex}")
    assert one["body"]["type"] == "connection_needs_reauth"
    assert one["body"]["data"]["title"] == "Hay que volver a conectar Meta"
    assert one["body"]["data"]["url"] == "http://localhost:8000/app/accounts"
    stored, channel = _stored(database, delivery.id)
    assert (stored.status, stored.attempts) == (DeliveryStatus.SENT, 1)
    assert channel.last_ok_at is not None


def test_a_slack_message_arrives_with_a_link(sandbox: Sandbox, database: Database) -> None:
    delivery = _to(database, f"{sandbox.url}/services/T000/B000/secreto", ChannelKind.SLACK)
    channels.send_delivery(str(delivery.id))
    (one,) = _arrived(sandbox)
    header, body, link = one["body"]["blocks"]
    assert header["text"]["text"] == "Hay que volver a conectar Meta"
    assert "Ana" in body["text"]["text"]
    assert link["text"]["text"] == "<http://localhost:8000/app/accounts|Abrir en Vibe Kanban>"
    assert _stored(database, delivery.id)[0].status is DeliveryStatus.SENT


@pytest.mark.parametrize("status", [302, 400, 429, 500])
def test_what_is_not_taken_is_tried_again_later(sandbox: Sandbox, database: Database, status: int) -> None:
    delivery = _to(database, f"{sandbox.url}/hooks/mine?status={status}")
    channels.send_delivery(str(delivery.id))
    assert len(_arrived(sandbox)) == 1  # a redirect is not followed
    stored, channel = _stored(database, delivery.id)
    assert (stored.status, stored.last_error) == (DeliveryStatus.PENDING, f"answered {status}")
    assert stored.due_at > now()
    assert channel.is_active


def test_a_webhook_that_is_gone_is_switched_off(sandbox: Sandbox, database: Database) -> None:
    delivery = _to(database, f"{sandbox.url}/hooks/mine?status=410")
    channels.send_delivery(str(delivery.id))
    stored, channel = _stored(database, delivery.id)
    assert (stored.status, channel.is_active) == (DeliveryStatus.FAILED, False)


def test_a_slack_webhook_that_was_removed_is_switched_off(sandbox: Sandbox, database: Database) -> None:
    delivery = _to(database, f"{sandbox.url}/services/T000/B000/no_service", ChannelKind.SLACK)
    channels.send_delivery(str(delivery.id))
    stored, channel = _stored(database, delivery.id)
    assert (stored.last_error, channel.is_active) == ("answered 404 no_service", False)


def test_an_address_on_the_inside_is_given_up_and_not_repeated(database: Database) -> None:
    delivery = _to(database, "http://127.0.0.1:9/hook?token=secreto")
    channels.send_delivery(str(delivery.id))
    stored, _ = _stored(database, delivery.id)
    assert stored.last_error == "private_address"
    assert stored.status is DeliveryStatus.FAILED


def test_a_slack_channel_calls_nobody_but_slack(sandbox: Sandbox, database: Database) -> None:
    delivery = _to(database, "https://hooks.slack.com.example.com/services/T/B/x", ChannelKind.SLACK)
    channels.send_delivery(str(delivery.id))
    stored, _ = _stored(database, delivery.id)
    assert (stored.status, stored.last_error) == (DeliveryStatus.FAILED, "not_slack")


def test_a_further_try_is_ordered_when_it_is_due(sandbox: Sandbox, database: Database) -> None:
    delivery = _to(database, f"{sandbox.url}/hooks/mine?status=500")
    channels.send_delivery(str(delivery.id))
    lane = Queue(queue.Lane.ALERT.value, connection=broker.connection(), serializer=queue.SERIALIZER)
    lane.empty()
    channels.sweep_deliveries()
    assert lane.job_ids == []
    with database() as session:
        session.exec(select(Delivery)).one().due_at = now()
    channels.sweep_deliveries()
    assert lane.job_ids == [f"delivery-{delivery.id}"]
