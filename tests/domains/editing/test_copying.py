"""Copies against the sandbox: alone, deep, elsewhere, large, and never twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import func, select

from tests.domains.editing.shop import Shop
from tests.domains.meta.meta_sandbox import fault
from tests.factories.accounts import a_user
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.editing import copying
from vibekanban.domains.editing.copying import Copied, CopyOrder
from vibekanban.domains.editing.errors import NotEditable
from vibekanban.domains.meta.models import Ad, AdSet, Campaign, ChangeOutcome, Level
from workers import meta_changes


def copied(shop: Shop, level: Level, reference: Any, dry_run: bool = False, **how: Any) -> Copied:
    order = CopyOrder(level, reference, **how)
    return copying.copy(shop.user.id, order, shop.actor, dry_run=dry_run)


def test_a_campaign_is_copied_paused_under_a_new_name(shop: Shop) -> None:
    campaign = shop.campaign()
    done = copied(shop, Level.CAMPAIGN, campaign.id, suffix=" · copia")
    assert isinstance(done.thing, Campaign)
    assert (done.thing.name, done.thing.status) == (f"{campaign.name} · copia", "PAUSED")
    assert done.thing.daily_budget == campaign.daily_budget
    change = shop.change(done.change_id)
    assert (change.action, change.object_id, change.outcome) == (
        "copy",
        done.thing.id,
        ChangeOutcome.APPLIED,
    )


def test_a_deep_copy_brings_all_that_is_in_it(shop: Shop) -> None:
    done = copied(shop, Level.CAMPAIGN, shop.campaign().id, deep=True, status="INHERITED_FROM_SOURCE")
    assert done.objects == {Level.CAMPAIGN: 1, Level.AD_SET: 3, Level.AD: 9}
    assert done.thing is not None
    ads = shop.session.exec(select(func.count()).select_from(Ad).where(Ad.campaign_id == done.thing.id)).one()
    assert (ads, done.thing.status) == (9, "ACTIVE")


def test_an_ad_set_is_copied_into_another_campaign(shop: Shop) -> None:
    done = copied(shop, Level.AD_SET, shop.ad_set().id, into=shop.campaign(1).id)
    assert isinstance(done.thing, AdSet)
    assert done.thing.campaign_id == shop.campaign(1).id


def test_a_dry_run_counts_and_copies_nothing(shop: Shop) -> None:
    campaign = shop.campaign()
    done = copied(shop, Level.CAMPAIGN, campaign.id, deep=True, dry_run=True)
    assert (done.thing, done.under_way) == (None, False)
    assert sum(done.objects.values()) == 13
    assert done.daily_budget == f"{(campaign.daily_budget or 0) / 100:.2f}"
    assert (shop.writes(), shop.changes()) == ([], [])


def test_a_large_copy_is_made_later_and_found_by_a_job(shop_of: Callable[..., Shop]) -> None:
    shop = shop_of("grande", "EUR")
    done = copied(shop, Level.CAMPAIGN, shop.campaign().id, deep=True, suffix=" 2")
    assert done.under_way
    assert shop.change(done.change_id).outcome is ChangeOutcome.PENDING
    meta_changes.resolve_change(str(done.change_id))
    change = shop.change(done.change_id)
    found = shop.session.get_one(Campaign, change.object_id)
    ads = shop.session.exec(select(func.count()).select_from(Ad).where(Ad.campaign_id == found.id)).one()
    assert (change.outcome, found.name.endswith(" 2"), ads) == (ChangeOutcome.APPLIED, True, 100)


def test_a_copy_whose_answer_was_lost_is_found_and_not_repeated(shop: Shop) -> None:
    fault(shop.sandbox, "reset_after_write", path="/copies", method="POST")
    done = copied(shop, Level.CAMPAIGN, shop.campaign().id)
    assert done.thing is not None
    assert len(shop.writes()) == 1


def test_two_copies_are_two_objects(shop: Shop) -> None:
    first = copied(shop, Level.CAMPAIGN, shop.campaign().id)
    fault(shop.sandbox, "reset_after_write", path="/copies", method="POST")
    second = copied(shop, Level.CAMPAIGN, shop.campaign().id)
    assert first.thing is not None
    assert second.thing is not None
    assert first.thing.id != second.thing.id


def test_what_is_deleted_is_not_copied(shop: Shop) -> None:
    shop.edit(Level.CAMPAIGN, shop.campaign(), {"status": "DELETED"})
    with pytest.raises(NotEditable):
        copied(shop, Level.CAMPAIGN, shop.campaign().id)


def test_a_campaign_goes_nowhere_else(shop: Shop) -> None:
    with pytest.raises(Invalid):
        copied(shop, Level.CAMPAIGN, shop.campaign().id, into=shop.campaign(1).id)


def test_another_persons_campaign_is_not_copied(shop: Shop) -> None:
    stranger = a_user(shop.session)
    with pytest.raises(NotFound):
        copying.copy(stranger.id, CopyOrder(Level.CAMPAIGN, shop.campaign().id), shop.actor)
    assert shop.writes() == []
