"""Edits against the sandbox: what is written at Meta, in our row and in the log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from redis import Redis

from tests.domains.editing.shop import Shop
from tests.domains.meta.meta_sandbox import fault
from tests.factories.accounts import a_user
from vibekanban.clients.meta import errors as meta_errors
from vibekanban.core import columns
from vibekanban.core.columns import new_id
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.editing import edits
from vibekanban.domains.editing.edits import Edit
from vibekanban.domains.editing.errors import BudgetChangedTooOften, NotEditable
from vibekanban.domains.meta import changes
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import ActorKind, ChangeOutcome, Level
from workers import meta_changes

ShopOf = Callable[..., Shop]


def refused(shop: Shop, level: Level, thing: Any, values: dict[str, Any]) -> dict[str, str]:
    """The fields an edit is refused for; Meta was not told."""
    with pytest.raises(Invalid) as error:
        shop.edit(level, thing, values)
    assert shop.writes() == []
    return error.value.fields


def test_a_budget_changes_at_meta_in_our_row_and_in_the_log(shop: Shop) -> None:
    campaign = shop.campaign()
    before = campaign.daily_budget
    done = shop.edit(Level.CAMPAIGN, campaign, {"daily_budget": Decimal("61.50"), "name": "Invierno"})
    assert shop.at_meta(campaign, "name,daily_budget") == {
        "id": campaign.meta_id,
        "name": "Invierno",
        "daily_budget": "6150",
    }
    assert (done.thing.name, shop.campaign().daily_budget) == ("Invierno", 6150)
    change = shop.change(done.change_id)
    assert (change.action, change.outcome) == ("edit", ChangeOutcome.APPLIED)
    assert change.before["dailyBudget"] == f"{Decimal(before or 0) / 100:.2f}"
    assert change.after == {"dailyBudget": "61.50", "name": "Invierno"}


@pytest.mark.parametrize(("currency", "amount", "minor"), [("JPY", "1500", 1500), ("CLP", "24000", 24000)])
def test_currencies_without_cents_are_sent_whole(
    shop_of: ShopOf, currency: str, amount: str, minor: int
) -> None:
    shop = shop_of("dificil", currency)
    done = shop.edit(Level.CAMPAIGN, shop.campaign(), {"daily_budget": Decimal(amount)})
    assert shop.at_meta(shop.campaign(), "daily_budget")["daily_budget"] == str(minor)
    assert shop.change(done.change_id).after == {"dailyBudget": amount}


def test_cents_of_a_currency_without_cents_are_refused(shop_of: ShopOf) -> None:
    shop = shop_of("dificil", "JPY")
    fields = refused(shop, Level.CAMPAIGN, shop.campaign(), {"daily_budget": Decimal("1500.5")})
    assert fields == {"dailyBudget": "meta.field.decimals"}


def test_what_is_so_already_is_not_sent(shop: Shop) -> None:
    campaign = shop.campaign()
    done = shop.edit(Level.CAMPAIGN, campaign, {"name": campaign.name, "status": "ACTIVE"})
    assert (done.changed, done.change_id, shop.writes(), shop.changes()) == (False, None, [], [])


def test_only_what_differs_is_sent(shop: Shop) -> None:
    campaign = shop.campaign()
    shop.edit(Level.CAMPAIGN, campaign, {"name": campaign.name, "status": "PAUSED"})
    assert [set(one["params"]) & {"name", "status"} for one in shop.writes()] == [{"status"}]


def test_a_dry_run_writes_nothing_and_shows_the_money_at_stake(shop: Shop) -> None:
    campaign = shop.campaign()
    budget = Decimal(campaign.daily_budget or 0) / 100
    done = shop.edit(Level.CAMPAIGN, campaign, {"daily_budget": budget + 10}, dry_run=True)
    assert [(one.field, one.after) for one in done.differences] == [("dailyBudget", f"{budget + 10:.2f}")]
    assert done.stake is not None
    assert (done.stake.currency, done.stake.daily_budget_delta) == ("EUR", Decimal(10))
    assert (shop.writes(), shop.changes()) == ([], [])
    assert shop.at_meta(campaign, "daily_budget")["daily_budget"] == str(campaign.daily_budget)


def test_a_dry_run_of_a_pause_shows_the_whole_budget(shop: Shop) -> None:
    campaign = shop.campaign()
    done = shop.edit(Level.CAMPAIGN, campaign, {"status": "PAUSED"}, dry_run=True)
    assert done.stake is not None
    assert done.stake.daily_budget_delta == -Decimal(campaign.daily_budget or 0) / 100


def test_a_dry_run_of_a_pause_counts_the_ad_sets_that_hold_the_budgets(shop_of: ShopOf) -> None:
    shop = shop_of("dificil", "MXN")
    done = shop.edit(Level.CAMPAIGN, shop.campaign(1), {"status": "PAUSED"}, dry_run=True)
    running = sum(shop.ad_set(1, number).daily_budget or 0 for number in range(3))
    assert done.stake is not None
    assert done.stake.daily_budget_delta == -Decimal(running) / 100


def test_what_meta_alone_knows_refuses_a_dry_run_too(shop: Shop) -> None:
    fault(shop.sandbox, "error", times=1, path=shop.campaign().meta_id, method="POST", code=100)
    with pytest.raises(meta_errors.MetaError):
        shop.edit(Level.CAMPAIGN, shop.campaign(), {"name": "x"}, dry_run=True)


def test_the_minimum_is_known_before_meta_refuses(shop: Shop) -> None:
    with pytest.raises(Invalid) as error:
        shop.edit(Level.CAMPAIGN, shop.campaign(), {"daily_budget": Decimal("0.99")})
    assert error.value.fields == {"dailyBudget": "editing.rule.budget_least"}
    assert error.value.params == {"minimum": "1.00", "currency": "EUR"}


def test_the_limits_of_an_account_are_asked_for_once(shop: Shop, redis: Redis) -> None:
    for amount in (30, 31):
        shop.edit(Level.CAMPAIGN, shop.campaign(), {"daily_budget": Decimal(amount)})
    asked = [one for one in shop.sandbox.admin.get("/_sandbox/calls").json() if "minimum" in one["path"]]
    assert len(asked) == 1
    assert redis.exists(f"meta:limits:{shop.account.id}")


def test_an_ad_set_under_a_campaign_budget_has_none(shop: Shop) -> None:
    fields = refused(shop, Level.AD_SET, shop.ad_set(), {"daily_budget": Decimal(20)})
    assert fields == {"dailyBudget": "editing.rule.campaign_holds_budget"}


def test_a_campaign_whose_ad_sets_hold_the_budgets_has_none(shop_of: ShopOf) -> None:
    shop = shop_of("dificil", "MXN")
    fields = refused(shop, Level.CAMPAIGN, shop.campaign(1), {"daily_budget": Decimal(900)})
    assert fields == {"dailyBudget": "editing.rule.ad_sets_hold_budgets"}


def test_an_ad_set_changes_its_budget_four_times_an_hour(shop_of: ShopOf) -> None:
    shop = shop_of("dificil", "MXN")
    ad_set = shop.ad_set(1)
    for amount in range(4):
        shop.edit(Level.AD_SET, ad_set, {"daily_budget": Decimal(500 + amount)})
    with pytest.raises(BudgetChangedTooOften) as error:
        shop.edit(Level.AD_SET, ad_set, {"daily_budget": Decimal(600)})
    assert 3500 < error.value.retry_after <= 3601
    assert len(shop.writes()) == 4
    shop.edit(Level.AD_SET, ad_set, {"name": "Otro nombre"})


def test_budget_changes_older_than_an_hour_do_not_count(shop_of: ShopOf) -> None:
    shop = shop_of("dificil", "MXN")
    ad_set = shop.ad_set(1)
    for amount in range(4):
        done = shop.edit(Level.AD_SET, ad_set, {"daily_budget": Decimal(500 + amount)})
        shop.change(done.change_id).created_at -= timedelta(hours=2)
    shop.session.flush()
    with pytest.raises(BudgetChangedTooOften) as error:  # the sandbox's clock did not move: it says so itself
        shop.edit(Level.AD_SET, ad_set, {"daily_budget": Decimal(600)})
    assert error.value.retry_after == 3600


@pytest.mark.parametrize("status", ["ARCHIVED", "DELETED"])
def test_what_is_gone_is_not_edited(shop: Shop, status: str) -> None:
    campaign = shop.campaign()
    shop.edit(Level.CAMPAIGN, campaign, {"status": status})
    with pytest.raises(NotEditable) as error:
        shop.edit(Level.CAMPAIGN, campaign, {"name": "x"})
    assert error.value.params == {"status": status}
    assert len(shop.writes()) == 1


def test_an_archived_campaign_takes_what_is_in_it_along_and_may_be_deleted(shop: Shop) -> None:
    campaign, ad_set, ad = shop.campaign(), shop.ad_set(), shop.ad()
    shop.edit(Level.CAMPAIGN, campaign, {"status": "ARCHIVED"})
    for thing in (ad_set, ad):
        shop.session.refresh(thing)
        assert thing.effective_status == "ARCHIVED"
    done = shop.edit(Level.CAMPAIGN, campaign, {"status": "DELETED"})
    assert shop.change(done.change_id).action == "delete"
    shop.session.refresh(ad)
    assert ad.effective_status == "DELETED"


def test_a_lost_answer_is_looked_up_and_not_repeated(shop: Shop) -> None:
    campaign = shop.campaign()
    fault(shop.sandbox, "reset_after_write", times=1, path=campaign.meta_id, method="POST")
    done = shop.edit(Level.CAMPAIGN, campaign, {"daily_budget": Decimal(77)})
    assert shop.change(done.change_id).outcome is ChangeOutcome.APPLIED
    assert len([one for one in shop.writes() if one["method"] == "POST"]) == 1


def stranded(shop: Shop, after: dict[str, Any]) -> UUID:
    """A change whose writer died between Meta's answer and our commit."""
    campaign = shop.campaign()
    change = changes.begin(
        shop.session,
        campaign,
        level=Level.CAMPAIGN,
        object_id=campaign.id,
        action="edit",
        actor=shop.actor,
        before={"dailyBudget": "1.00"},
        after=after,
    )
    change.created_at = columns.now() - timedelta(minutes=5)
    shop.session.flush()
    return change.id


def test_a_crash_after_metas_answer_is_found_and_applied(shop: Shop) -> None:
    campaign = shop.campaign()
    change_id = stranded(shop, {"dailyBudget": "88.00", "name": campaign.name})
    shop.tell_meta(campaign, daily_budget=8800)
    meta_changes.resolve_change(str(change_id))
    assert shop.change(change_id).outcome is ChangeOutcome.APPLIED
    assert shop.campaign().daily_budget == 8800


def test_a_crash_before_meta_was_told_has_failed(shop: Shop) -> None:
    change_id = stranded(shop, {"dailyBudget": "88.00"})
    meta_changes.resolve_change(str(change_id))
    assert shop.change(change_id).outcome is ChangeOutcome.FAILED


def test_a_change_is_undone_by_the_edit_it_names(shop: Shop) -> None:
    campaign = shop.campaign()
    before = campaign.daily_budget, campaign.name
    done = shop.edit(Level.CAMPAIGN, campaign, {"daily_budget": Decimal(90), "name": "Otra"})
    edits.apply(shop.user.id, Edit.undoing(shop.change(done.change_id)), shop.actor)
    found = shop.campaign()
    assert (found.daily_budget, found.name) == before


def test_changes_of_one_order_share_its_batch(shop: Shop) -> None:
    batch_id = new_id()
    for number in (0, 1):
        shop.edit(Level.CAMPAIGN, shop.campaign(number), {"status": "PAUSED"}, batch_id=batch_id)
    found = changes.changes(shop.session, shop.user.id, batch_id=batch_id)
    assert [change.object_id for change in found] == [shop.campaign(1).id, shop.campaign(0).id]


def test_a_rule_may_act(shop: Shop) -> None:
    actor = Actor(ActorKind.RULE, new_id(), "CPA alto")
    done = edits.apply(shop.user.id, Edit(Level.AD, shop.ad().id, {"status": "PAUSED"}), actor)
    assert shop.change(done.change_id).actor_kind is ActorKind.RULE


def test_another_persons_object_is_not_there(shop: Shop) -> None:
    stranger = a_user(shop.session)
    with pytest.raises(NotFound):
        edits.apply(stranger.id, Edit(Level.CAMPAIGN, shop.campaign().id, {"name": "x"}), shop.actor)
    assert shop.writes() == []


def test_an_account_outside_the_callers_is_not_there(shop: Shop) -> None:
    with pytest.raises(NotFound):
        edits.apply(shop.user.id, Edit(Level.CAMPAIGN, shop.campaign().id, {"name": "x"}, []), shop.actor)
