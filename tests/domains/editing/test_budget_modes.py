"""Budgets that change hands: at Meta, in our rows, in the log, and back to the minor unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import col, select

from tests.domains.editing.shop import Shop
from vibekanban.core.columns import new_id
from vibekanban.core.errors import Invalid
from vibekanban.core.queue import Lane
from vibekanban.domains.editing import budget_modes, bulk, bulk_running, undoing
from vibekanban.domains.editing.budget_modes import Switch
from vibekanban.domains.editing.choices import BudgetMode
from vibekanban.domains.editing.edits import Outcome
from vibekanban.domains.editing.errors import ChangedSince
from vibekanban.domains.editing.models import RowState
from vibekanban.domains.meta import activities, connections
from vibekanban.domains.meta.models import ActorKind, AdSet, Campaign, Change, Level

ShopOf = Callable[..., Shop]
BUDGETS = "daily_budget,lifetime_budget,bid_strategy"


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's transaction is one connection, which threads can not share."""
    monkeypatch.setattr(bulk_running, "AT_ONCE", 1)


def ad_sets(shop: Shop, campaign: Campaign) -> list[AdSet]:
    query = select(AdSet).where(AdSet.campaign_id == campaign.id).order_by(col(AdSet.meta_id))
    return list(shop.session.exec(query.execution_options(populate_existing=True)))


def switched(shop: Shop, campaign: Campaign, mode: BudgetMode, **what: Any) -> Outcome:
    how = {"dry_run": what.pop("dry_run", False), "batch_id": what.pop("batch_id", None)}
    return budget_modes.switch(shop.user.id, Switch(campaign.id, mode, **what), shop.actor, **how)


def shares(shop: Shop, campaign: Campaign, amount: str = "7.01") -> dict[str, Mapping[str, Any]]:
    return {str(one.id): {"daily_budget": amount} for one in ad_sets(shop, campaign)}


def refused(shop: Shop, campaign: Campaign, mode: BudgetMode, **what: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        switched(shop, campaign, mode, **what)
    assert shop.writes() == []
    return error.value.fields


def test_a_campaign_gives_its_budget_to_its_ad_sets_in_one_call(shop: Shop) -> None:
    campaign = shop.campaign()
    switched(shop, campaign, BudgetMode.AD_SETS, shares=shares(shop, campaign))
    assert len(shop.writes()) == 1
    assert "daily_budget" not in shop.at_meta(campaign, BUDGETS)
    held = [shop.at_meta(one, BUDGETS) for one in ad_sets(shop, campaign)]
    assert {(one["daily_budget"], one["bid_strategy"]) for one in held} == {
        ("701", "LOWEST_COST_WITHOUT_CAP")
    }
    assert [one.daily_budget for one in ad_sets(shop, campaign)] == [701] * 3
    assert shop.campaign().daily_budget is None


def test_undoing_it_brings_the_budget_back_to_the_minor_unit(shop: Shop) -> None:
    campaign = shop.campaign()
    before = shop.at_meta(campaign, BUDGETS)
    done = switched(shop, campaign, BudgetMode.SHARED, shares=shares(shop, campaign))
    assert done.change_id is not None
    undone = undoing.revert(shop.user.id, done.change_id, shop.actor)
    assert shop.at_meta(campaign, BUDGETS) == before
    assert not any(one.daily_budget for one in ad_sets(shop, campaign))
    assert shop.change(undone.change_id).reverts_id == done.change_id


def test_a_campaign_takes_the_budgets_of_its_ad_sets_and_gives_them_back_exactly(shop_of: ShopOf) -> None:
    shop = shop_of("dificil", "MXN")
    campaign = shop.campaign(1)
    shop.edit(Level.AD_SET, shop.ad_set(1), {"daily_budget": Decimal("333.33")})
    before = [one.daily_budget for one in ad_sets(shop, campaign)]
    done = switched(shop, campaign, BudgetMode.CAMPAIGN, budget={"daily_budget": "1500"})
    assert shop.at_meta(campaign, BUDGETS)["daily_budget"] == "150000"
    assert [one.daily_budget for one in ad_sets(shop, campaign)] == [None] * 3
    assert done.change_id is not None
    undoing.revert(shop.user.id, done.change_id, shop.actor)
    assert [one.daily_budget for one in ad_sets(shop, campaign)] == before
    assert "daily_budget" not in shop.at_meta(campaign, BUDGETS)


def test_a_dry_run_asks_meta_names_the_money_and_writes_nothing(shop: Shop) -> None:
    campaign = shop.campaign()
    done = switched(shop, campaign, BudgetMode.AD_SETS, shares=shares(shop, campaign), dry_run=True)
    assert done.stake is not None
    assert done.stake.daily_budget_delta == Decimal("21.03") - Decimal(campaign.daily_budget or 0) / 100
    assert {one.field for one in done.differences} == {"budgetMode", "dailyBudget", "adSetBudgets"}
    assert (shop.writes(), shop.changes()) == ([], [])


def test_every_ad_set_needs_a_budget(shop: Shop) -> None:
    campaign = shop.campaign()
    short = dict(list(shares(shop, campaign).items())[:-1])
    wrong = refused(shop, campaign, BudgetMode.AD_SETS, shares=short)
    assert wrong == {"adSetBudgets": "editing.rule.mode_share"}


def test_the_minimum_of_every_share_is_known_beforehand(shop: Shop) -> None:
    campaign = shop.campaign()
    wrong = refused(shop, campaign, BudgetMode.AD_SETS, shares=shares(shop, campaign, "0.10"))
    assert wrong == {"adSetBudgets": "editing.rule.budget_least"}


def test_a_campaign_that_takes_the_budgets_needs_one(shop_of: ShopOf) -> None:
    shop = shop_of("dificil", "MXN")
    wrong = refused(shop, shop.campaign(1), BudgetMode.CAMPAIGN)
    assert wrong == {"dailyBudget": "editing.rule.mode_budget"}


def test_a_lifetime_budget_needs_ad_sets_that_end(shop_of: ShopOf) -> None:
    shop = shop_of("dificil", "MXN")
    wrong = refused(shop, shop.campaign(1), BudgetMode.CAMPAIGN, budget={"lifetime_budget": "90000"})
    assert wrong == {"lifetimeBudget": "editing.rule.mode_ends"}


def test_ad_sets_that_bid_differently_can_not_share_a_campaign_budget(shop_of: ShopOf) -> None:
    shop = shop_of("dificil", "MXN")
    shop.tell_meta(shop.ad_set(1), bid_strategy="COST_CAP", bid_amount=500)
    wrong = {"budgetMode": "editing.rule.mode_strategies"}
    with pytest.raises(Invalid) as error:
        switched(shop, shop.campaign(1), BudgetMode.CAMPAIGN, budget={"daily_budget": "1500"})
    assert error.value.fields == wrong


def test_ad_sets_lend_each_other_their_budgets_and_stop(shop_of: ShopOf) -> None:
    shop = shop_of("dificil", "MXN")
    campaign = shop.campaign(1)
    done = switched(shop, campaign, BudgetMode.SHARED)
    assert (
        shop.at_meta(campaign, "is_adset_budget_sharing_enabled")["is_adset_budget_sharing_enabled"] is True
    )
    assert done.change_id is not None
    undoing.revert(shop.user.id, done.change_id, shop.actor)
    assert (
        shop.at_meta(campaign, "is_adset_budget_sharing_enabled")["is_adset_budget_sharing_enabled"] is False
    )


def test_what_somebody_moved_since_is_not_written_over(shop: Shop) -> None:
    campaign = shop.campaign()
    done = switched(shop, campaign, BudgetMode.AD_SETS, shares=shares(shop, campaign))
    shop.tell_meta(shop.ad_set(), daily_budget=1234)
    assert done.change_id is not None
    with pytest.raises(ChangedSince) as error:
        undoing.revert(shop.user.id, done.change_id, shop.actor)
    assert list(error.value.held) == ["adSetBudgets"]


def test_the_mode_that_is_held_already_is_an_edit_of_the_budget(shop: Shop) -> None:
    done = switched(shop, shop.campaign(), BudgetMode.CAMPAIGN, budget={"daily_budget": "77.10"})
    assert shop.change(done.change_id).action == "edit"
    assert shop.at_meta(shop.campaign(), BUDGETS)["daily_budget"] == "7710"


def test_metas_own_log_of_it_is_not_taken_for_other_peoples_changes(shop: Shop) -> None:
    campaign = shop.campaign()
    switched(shop, campaign, BudgetMode.AD_SETS, shares=shares(shop, campaign))
    with connections.opened(shop.account.id, Lane.TODAY) as meta:
        activities.read(meta, shop.account)
    outside = select(Change).where(Change.actor_kind == ActorKind.OUTSIDE)
    assert list(shop.session.exec(outside)) == []


def test_undoing_a_batch_brings_back_who_held_the_budgets_too(shop: Shop) -> None:
    campaign, other, batch = shop.campaign(), shop.campaign(1), new_id()
    before = shop.at_meta(campaign, BUDGETS)
    switched(shop, campaign, BudgetMode.AD_SETS, shares=shares(shop, campaign), batch_id=batch)
    shop.edit(Level.CAMPAIGN, other, {"name": "Otra"}, batch_id=batch)
    undone = bulk.start_undo(shop.user.id, batch, shop.actor)
    assert [row.state for row in undone.rows] == [RowState.DONE] * 2
    assert shop.at_meta(campaign, BUDGETS) == before
    assert not any(one.daily_budget for one in ad_sets(shop, campaign))
    [row] = [one for one in undone.rows if one.object_id == campaign.id]
    assert (row.before["budgetMode"], row.fields["budgetMode"]) == ("adsets", "campaign")


def test_the_preview_of_undoing_a_batch_names_the_money_of_budgets_that_change_hands(shop: Shop) -> None:
    campaign, batch = shop.campaign(), new_id()
    held = Decimal(campaign.daily_budget or 0) / 100
    switched(shop, campaign, BudgetMode.AD_SETS, shares=shares(shop, campaign), batch_id=batch)
    written = len(shop.writes())
    [row], [weight] = (tried := bulk.preview_undo(shop.user.id, batch)).rows, tried.weighed.by_currency
    assert (row.trouble, row.same, row.asked) == (None, False, True)
    assert row.after["dailyBudget"] == f"{held:.2f}"
    assert weight.daily_moved == held - Decimal("21.03")
    assert len(shop.writes()) == written


def test_budgets_that_moved_since_stay_and_the_row_says_why(shop: Shop) -> None:
    campaign, other, batch = shop.campaign(), shop.campaign(1), new_id()
    switched(shop, campaign, BudgetMode.AD_SETS, shares=shares(shop, campaign), batch_id=batch)
    shop.edit(Level.CAMPAIGN, other, {"name": "Otra"}, batch_id=batch)
    shop.edit(Level.AD_SET, ad_sets(shop, campaign)[0], {"daily_budget": Decimal("8.00")})
    troubles = {one.object_id: one.trouble for one in bulk.preview_undo(shop.user.id, batch).rows}
    assert (said := troubles[campaign.id]) is not None
    assert said.code == "changed_since"
    undone = {one.object_id: one for one in bulk.start_undo(shop.user.id, batch, shop.actor).rows}
    assert undone[campaign.id].error_code == "changed_since"
    assert undone[other.id].state is RowState.DONE


def test_budgets_that_somebody_moved_back_already_are_left_alone(shop: Shop) -> None:
    campaign, batch = shop.campaign(), new_id()
    held = Decimal(campaign.daily_budget or 0) / 100
    switched(shop, campaign, BudgetMode.AD_SETS, shares=shares(shop, campaign), batch_id=batch)
    switched(shop, campaign, BudgetMode.CAMPAIGN, budget={"daily_budget": held})
    written = len(shop.writes())
    [row] = bulk.start_undo(shop.user.id, batch, shop.actor).rows
    assert (row.state, len(shop.writes())) == (RowState.SAME, written)
