"""Changes that were made elsewhere, as Meta's own log tells them, in ours."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.domains.editing.shop import Shop, another
from vibekanban.core import columns
from vibekanban.core.queue import Lane
from vibekanban.domains.editing import undoing
from vibekanban.domains.editing.errors import ChangedSince
from vibekanban.domains.meta import activities, connections
from vibekanban.domains.meta.models import ActorKind, Change, Level, MetaAccount


def read(shop: Shop) -> int:
    account = shop.session.get_one(MetaAccount, shop.account.id, populate_existing=True)
    with connections.opened(account.id, Lane.TODAY) as meta:
        return activities.read(meta, account)


def outside(shop: Shop) -> list[Change]:
    return [one for one in shop.changes() if one.actor_kind is ActorKind.OUTSIDE]


def test_what_somebody_changed_at_meta_is_in_the_log_with_their_name(shop: Shop) -> None:
    campaign = shop.campaign()
    shop.tell_meta(campaign, daily_budget=7777)
    assert read(shop) == 1
    (change,) = outside(shop)
    assert (change.object_id, change.actor_name, change.action) == (campaign.id, "Lucía Romero", "edit")
    assert change.before == {"dailyBudget": f"{Decimal(campaign.daily_budget or 0) / 100:.2f}"}
    assert change.after == {"dailyBudget": "77.77"}
    assert abs((change.created_at - columns.now()).total_seconds()) < 300


def test_reading_again_doubles_nothing(shop: Shop) -> None:
    shop.tell_meta(shop.campaign(), status="PAUSED")
    assert (read(shop), read(shop)) == (1, 0)
    assert [one.action for one in outside(shop)] == ["pause"]


def test_our_own_writes_are_recognised(shop: Shop) -> None:
    shop.edit(Level.CAMPAIGN, shop.campaign(), {"daily_budget": Decimal("61.37"), "name": "Otro"})
    shop.edit(Level.AD_SET, shop.ad_set(), {"status": "PAUSED"})
    assert read(shop) == 0


def test_a_change_made_elsewhere_is_undone_like_ours(shop: Shop) -> None:
    campaign, budget = shop.campaign(), shop.campaign().daily_budget
    shop.tell_meta(campaign, daily_budget=7777)
    read(shop)
    undoing.revert(shop.user.id, outside(shop)[0].id, shop.actor)
    assert shop.at_meta(campaign, "daily_budget")["daily_budget"] == str(budget)


def test_who_changed_it_elsewhere_is_named_when_an_undo_is_refused(shop: Shop) -> None:
    done = shop.edit(Level.CAMPAIGN, shop.campaign(), {"daily_budget": Decimal(60)})
    shop.tell_meta(shop.campaign(), daily_budget=8000)
    read(shop)
    change_id = shop.change(done.change_id).id
    with pytest.raises(ChangedSince) as error:
        undoing.revert(shop.user.id, change_id, shop.actor)
    assert error.value.params["who"] == "Lucía Romero"


def test_yen_are_read_as_whole_yen(shop_of) -> None:
    shop = another(shop_of("dificil", "USD"), "JPY")
    shop.tell_meta(shop.campaign(), daily_budget=7001)
    read(shop)
    assert outside(shop)[0].after == {"dailyBudget": "7001"}


def test_an_object_that_is_not_known_yet_waits_for_the_listing(shop: Shop) -> None:
    campaign = shop.campaign()
    shop.tell_meta(campaign, name="Otro")
    known = campaign.meta_id
    campaign.meta_id = "1"
    shop.session.flush()
    assert read(shop) == 0
    campaign.meta_id = known
    shop.session.flush()
    assert read(shop) == 1
