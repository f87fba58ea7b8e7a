"""Deliveries: claimed by one job, put off, given up after a day, and channels that are switched off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from tests.factories.accounts import a_user
from tests.factories.notifications import a_channel, a_delivery
from vibekanban.core.columns import now
from vibekanban.domains.notifications import deliveries, inbox
from vibekanban.domains.notifications.models import Channel, Delivery, DeliveryStatus


@pytest.fixture
def channel(session: Session) -> Channel:
    return a_channel(session, a_user(session), label="Operaciones")


@pytest.fixture
def delivery(session: Session, channel: Channel) -> Delivery:
    return a_delivery(session, channel)


def test_a_delivery_is_claimed_once(session: Session, delivery: Delivery) -> None:
    claimed = deliveries.claim(session, delivery.id)
    assert claimed is not None
    assert claimed.target == "http://127.0.0.1:9/hook"
    assert claimed.target not in repr(claimed)
    assert deliveries.claim(session, delivery.id) is None


def test_a_failed_try_is_put_off_further_each_time(session: Session, delivery: Delivery) -> None:
    pauses = []
    for _ in range(3):
        delivery.due_at = now()
        session.flush()
        assert deliveries.claim(session, delivery.id) is not None
        before = now()
        deliveries.not_sent(session, delivery.id, "answered 500")
        session.refresh(delivery)
        pauses.append(round((delivery.due_at - before).total_seconds() / 60))
    assert pauses == [1, 2, 5]
    assert (delivery.status, delivery.claimed_until) == (DeliveryStatus.PENDING, None)


def test_a_delivery_is_given_up_after_a_day(session: Session, delivery: Delivery) -> None:
    delivery.give_up_at = now()
    deliveries.claim(session, delivery.id)
    deliveries.not_sent(session, delivery.id, "answered 500")
    session.refresh(delivery)
    assert (delivery.status, delivery.last_error) == (DeliveryStatus.FAILED, "answered 500")


def test_one_failure_leaves_the_channel_on(session: Session, channel: Channel, delivery: Delivery) -> None:
    deliveries.claim(session, delivery.id)
    deliveries.not_sent(session, delivery.id, "answered 500")
    session.refresh(channel)
    assert (channel.is_active, channel.last_error) == (True, "answered 500")
    assert channel.failing_since is not None


def test_a_success_forgets_the_failures(session: Session, channel: Channel, delivery: Delivery) -> None:
    channel.failing_since = now() - timedelta(days=2)
    session.flush()
    deliveries.claim(session, delivery.id)
    deliveries.sent(session, delivery.id)
    session.refresh(channel)
    assert (channel.failing_since, channel.last_error) == (None, "")
    assert channel.last_ok_at is not None
    assert delivery.status is DeliveryStatus.SENT


def test_a_channel_that_fails_for_days_is_switched_off_and_its_owner_told(
    session: Session, channel: Channel, delivery: Delivery
) -> None:
    channel.failing_since = now() - timedelta(days=3)
    waiting = a_delivery(session, channel)
    deliveries.claim(session, delivery.id)
    deliveries.not_sent(session, delivery.id, "answered 500")
    session.refresh(channel)
    session.refresh(waiting)
    assert (channel.is_active, waiting.status) == (False, DeliveryStatus.FAILED)
    (line,) = inbox.lines(session, channel.user_id, "es")
    assert line.title == "El canal «Operaciones» está desactivado"


def test_a_channel_that_says_it_is_gone_is_switched_off_at_once(
    session: Session, channel: Channel, delivery: Delivery
) -> None:
    deliveries.claim(session, delivery.id)
    deliveries.not_sent(session, delivery.id, "answered 410", gone=True)
    session.refresh(channel)
    session.refresh(delivery)
    assert (channel.is_active, delivery.status) == (False, DeliveryStatus.FAILED)


def test_the_sweeper_orders_only_what_is_due(session: Session, channel: Channel, delivery: Delivery) -> None:
    a_delivery(session, channel).due_at = now() + timedelta(hours=1)
    session.flush()
    assert deliveries.sweep(session) == 1


def test_what_could_not_be_tried_for_a_day_is_given_up(session: Session, delivery: Delivery) -> None:
    delivery.give_up_at = now() - timedelta(minutes=1)
    session.flush()
    assert deliveries.sweep(session) == 0
    session.refresh(delivery)
    assert (delivery.status, delivery.last_error) == (DeliveryStatus.FAILED, "too_late")


def test_settled_deliveries_are_forgotten_after_a_month(session: Session, delivery: Delivery) -> None:
    delivery.created_at = now() - timedelta(days=31)
    session.flush()
    assert deliveries.forget_old(session) == 0
    delivery.status = DeliveryStatus.SENT
    session.flush()
    assert deliveries.forget_old(session) == 1
    assert session.exec(select(Delivery)).all() == []
