"""Objects that Meta still works on are looked at again."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from tests.domains.editing.shop import Shop
from vibekanban.domains.editing import creating
from vibekanban.domains.editing.creating import Draft
from vibekanban.domains.meta.models import Ad, Level
from workers import meta_changes


def an_ad(shop: Shop, name: str) -> Ad:
    """An active ad that waits for its review."""
    values: dict[str, Any] = {"name": name, "creative_id": shop.ad().creative_id, "status": "ACTIVE"}
    made = creating.create(shop.user.id, Draft(Level.AD, shop.ad_set().id, values), shop.actor).thing
    assert isinstance(made, Ad)
    assert made.effective_status == "PENDING_REVIEW"
    return made


def reviewed(shop: Shop) -> None:
    shop.sandbox.admin.post("/_sandbox/clock", json={"by": 60}).raise_for_status()


@pytest.mark.parametrize(("name", "status"), [("Foto", "ACTIVE"), ("Foto [reject]", "DISAPPROVED")])
def test_the_end_of_a_review_is_seen_without_a_sync(shop: Shop, redis: Redis, name: str, status: str) -> None:
    ad = an_ad(shop, name)
    assert redis.exists(f"rq:job:look-{ad.id}-0")
    reviewed(shop)
    meta_changes.look_again("ad", str(ad.id), 0)
    shop.session.refresh(ad)
    assert ad.effective_status == status
    assert bool(ad.issues) is bool(ad.review) is (status == "DISAPPROVED")
    assert not redis.exists(f"rq:job:look-{ad.id}-1")


def test_a_review_that_goes_on_is_looked_at_later(shop: Shop, redis: Redis) -> None:
    ad = an_ad(shop, "Foto")
    meta_changes.look_again("ad", str(ad.id), 0)
    assert redis.exists(f"rq:job:look-{ad.id}-1")


def test_what_is_settled_is_not_looked_at(shop: Shop) -> None:
    before = len(shop.sandbox.admin.get("/_sandbox/calls").json())
    meta_changes.look_again("ad", str(shop.ad().id), 0)
    assert len(shop.sandbox.admin.get("/_sandbox/calls").json()) == before
