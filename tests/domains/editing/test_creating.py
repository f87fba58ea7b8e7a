"""Creations against the sandbox: PAUSED, at once in our tables, and never twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from redis import Redis

from tests.domains.editing.shop import Shop
from tests.domains.meta.meta_sandbox import fault
from tests.factories.accounts import a_user
from vibekanban.core import columns, events
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.editing import creating, edits
from vibekanban.domains.editing.creating import Draft, Made
from vibekanban.domains.editing.errors import ParentGone, Unconfirmed
from vibekanban.domains.meta.models import AdSet, Campaign, ChangeOutcome, Level
from workers import meta_changes

CAMPAIGN = {"name": "Primavera", "objective": "OUTCOME_TRAFFIC"}
AD_SET = {
    "name": "Madrid",
    "optimization_goal": "LINK_CLICKS",
    "targeting": {"geo_locations": {"countries": ["ES"]}},
}


def made(shop: Shop, level: Level, parent: Any, values: dict[str, Any], **how: Any) -> Made:
    return creating.create(shop.user.id, Draft(level, parent, values), shop.actor, **how)


def a_campaign(shop: Shop, **values: Any) -> Campaign:
    budget = {} if "daily_budget" in values else {"daily_budget": Decimal(20)}
    thing = made(shop, Level.CAMPAIGN, shop.account.id, {**CAMPAIGN, **budget, **values}).thing
    assert isinstance(thing, Campaign)
    return thing


def without_budget(shop: Shop) -> Campaign:
    thing = made(shop, Level.CAMPAIGN, shop.account.id, CAMPAIGN).thing
    assert isinstance(thing, Campaign)
    return thing


def test_a_campaign_is_made_paused_and_is_ours_at_once(shop: Shop) -> None:
    done = made(shop, Level.CAMPAIGN, shop.account.id, {**CAMPAIGN, "daily_budget": Decimal("20.50")})
    assert isinstance(done.thing, Campaign)
    assert (done.thing.status, done.thing.daily_budget, done.thing.objective) == (
        "PAUSED",
        2050,
        "OUTCOME_TRAFFIC",
    )
    assert shop.at_meta(done.thing, "status,daily_budget")["daily_budget"] == "2050"
    change = shop.change(done.change_id)
    assert (change.action, change.object_id, change.outcome) == (
        "create",
        done.thing.id,
        ChangeOutcome.APPLIED,
    )
    assert change.after["dailyBudget"] == "20.50"


def test_the_categories_are_always_sent(shop: Shop) -> None:
    a_campaign(shop)
    (write,) = shop.writes()
    assert write["params"]["special_ad_categories"] == "[]"


def test_a_campaign_without_a_budget_says_that_budgets_are_not_shared(shop: Shop) -> None:
    without_budget(shop)
    (write,) = shop.writes()
    assert write["params"]["is_adset_budget_sharing_enabled"] == "false"


def test_ad_sets_and_ads_are_made_below(shop: Shop) -> None:
    campaign = without_budget(shop)
    ad_set = made(shop, Level.AD_SET, campaign.id, {**AD_SET, "daily_budget": Decimal(5)}).thing
    assert isinstance(ad_set, AdSet)
    assert (ad_set.campaign_id, ad_set.daily_budget, ad_set.billing_event) == (
        campaign.id,
        500,
        "IMPRESSIONS",
    )
    ad = made(shop, Level.AD, ad_set.id, {"name": "Foto", "creative_id": shop.ad().creative_id}).thing
    assert ad is not None
    assert (ad.effective_status, ad.name) == ("PAUSED", "Foto")


def test_an_active_ad_waits_for_its_review(shop: Shop) -> None:
    values = {"name": "Foto", "creative_id": shop.ad().creative_id, "status": "ACTIVE"}
    ad = made(shop, Level.AD, shop.ad_set().id, values).thing
    assert ad is not None
    assert (ad.status, ad.effective_status) == ("ACTIVE", "PENDING_REVIEW")


@pytest.mark.parametrize(("currency", "minor"), [("JPY", 2000), ("CLP", 2000)])
def test_budgets_of_currencies_without_cents_are_whole(
    shop_of: Callable[..., Shop], currency: str, minor: int
) -> None:
    shop = shop_of("dificil", currency)
    assert a_campaign(shop, daily_budget=Decimal(2000)).daily_budget == minor


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"name": ""}, {"name": "editing.rule.name_missing"}),
        ({"objective": "CONVERSIONS"}, {"objective": "editing.rule.choice"}),
        ({"daily_budget": 5, "lifetime_budget": 500}, {"lifetimeBudget": "editing.rule.one_budget"}),
        ({"daily_budget": Decimal("0.10")}, {"dailyBudget": "editing.rule.budget_least"}),
        ({"status": "ARCHIVED"}, {"status": "field.choice"}),
        ({"special_ad_categories": ["CREDIT"]}, {"specialAdCategories": "editing.rule.choice"}),
        (
            {"special_ad_categories": ["HOUSING"]},
            {"specialAdCategoryCountry": "editing.rule.category_needs_country"},
        ),
        ({"bid_strategy": "COST_CAP"}, {"bidStrategy": "editing.rule.strategy_needs_budget"}),
        ({"daily_budget": 5, "spend_cap": 50}, {"spendCap": "editing.rule.cap_least"}),
        (
            {"daily_budget": 5, "is_adset_budget_sharing_enabled": True},
            {"isAdsetBudgetSharingEnabled": "editing.rule.sharing_needs_ad_set_budgets"},
        ),
        ({"nonsense": 1}, {"nonsense": "field.unknown"}),
    ],
)
def test_what_a_campaign_may_not_be(shop: Shop, values: dict[str, Any], fields: dict[str, str]) -> None:
    with pytest.raises(Invalid) as error:
        made(shop, Level.CAMPAIGN, shop.account.id, {**CAMPAIGN, **values})
    assert error.value.fields == fields
    assert shop.writes() == []


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"daily_budget": None}, {"dailyBudget": "editing.rule.budget_missing"}),
        ({"optimization_goal": "VALUE"}, {"optimizationGoal", "promotedObject"}),
        ({"optimization_goal": None}, {"optimizationGoal": "editing.rule.optimization_goal_missing"}),
        ({"billing_event": "THRUPLAY"}, {"billingEvent": "editing.rule.billing_of_goal"}),
        ({"targeting": {"geo_locations": {}}}, {"targeting": "editing.rule.place_missing"}),
        (
            {"targeting": {"geo_locations": {"countries": ["ES"]}, "age_min": 40, "age_max": 20}},
            {"targeting": "editing.rule.ages"},
        ),
        ({"bid_amount": 1}, {"bidAmount": "editing.rule.bid_automatic"}),
        ({"bid_strategy": "COST_CAP"}, {"bidAmount": "editing.rule.bid_needed"}),
        ({"bid_strategy": "LOWEST_COST_WITH_MIN_ROAS", "roas_floor": 2}, {"bidStrategy"}),
        ({"daily_budget": None, "lifetime_budget": 100}, {"endTime": "editing.rule.lifetime_needs_end"}),
        ({"end_time": columns.now() - timedelta(days=1)}, {"endTime": "editing.rule.end_past"}),
        (
            {
                "start_time": columns.now() + timedelta(days=9),
                "end_time": columns.now() + timedelta(days=2),
            },
            {"endTime": "editing.rule.end_before_start"},
        ),
    ],
)
def test_what_an_ad_set_may_not_be(shop: Shop, values: dict[str, Any], fields: Any) -> None:
    campaign = without_budget(shop)
    with pytest.raises(Invalid) as error:
        made(shop, Level.AD_SET, campaign.id, {**AD_SET, "daily_budget": Decimal(5), **values})
    assert error.value.fields == fields if isinstance(fields, dict) else error.value.fields.keys() == fields
    assert len(shop.writes()) == 1


def test_an_ad_set_under_a_campaign_budget_has_none(shop: Shop) -> None:
    with pytest.raises(Invalid) as error:
        made(shop, Level.AD_SET, a_campaign(shop).id, {**AD_SET, "daily_budget": Decimal(5)})
    assert error.value.fields == {"dailyBudget": "editing.rule.campaign_holds_budget"}


def test_a_lifetime_budget_covers_its_days(shop: Shop) -> None:
    end = columns.now() + timedelta(days=10, hours=1)
    values = {**AD_SET, "lifetime_budget": Decimal(9), "end_time": end}
    with pytest.raises(Invalid) as error:
        made(shop, Level.AD_SET, without_budget(shop).id, values)
    assert error.value.params == {"minimum": "10.00", "currency": "EUR"}


def test_a_dry_run_makes_nothing(shop: Shop) -> None:
    done = made(
        shop, Level.CAMPAIGN, shop.account.id, {**CAMPAIGN, "daily_budget": Decimal(20)}, dry_run=True
    )
    assert done.thing is None
    assert done.stake.daily_budget_delta == Decimal(20)
    assert (shop.writes(), shop.changes()) == ([], [])


def test_nothing_is_made_in_what_is_gone(shop: Shop) -> None:
    campaign = a_campaign(shop)
    shop.edit(Level.CAMPAIGN, campaign, {"status": "ARCHIVED"})
    with pytest.raises(ParentGone):
        made(shop, Level.AD_SET, campaign.id, AD_SET)


def test_a_creation_whose_answer_was_lost_is_found_and_not_repeated(shop: Shop) -> None:
    fault(shop.sandbox, "reset_after_write", path="/campaigns", method="POST")
    campaign = a_campaign(shop)
    assert len(shop.writes()) == 1
    assert [change.outcome for change in shop.changes()] == [ChangeOutcome.APPLIED]
    assert campaign.name == "Primavera"


def test_a_creation_that_never_arrived_is_made_once_more(shop: Shop) -> None:
    fault(shop.sandbox, "reset", path="/campaigns", method="POST")
    a_campaign(shop)
    carried_out = [one for one in shop.writes() if one["token"]]
    assert len(carried_out) == 1


def test_a_crash_after_metas_answer_is_found_by_its_label(shop: Shop) -> None:
    fault(shop.sandbox, "dead_token", path=r"/13\d+", method="GET")  # the new object can not be read
    with pytest.raises(Unconfirmed):
        a_campaign(shop)
    (change,) = shop.changes()
    assert change.outcome is ChangeOutcome.PENDING
    meta_changes.resolve_change(str(change.id))
    shop.session.refresh(change)
    found = shop.session.get_one(Campaign, change.object_id)
    assert (change.outcome, found.name, found.daily_budget) == (ChangeOutcome.APPLIED, "Primavera", 2000)


def test_a_creation_that_never_was_has_failed(shop: Shop) -> None:
    done = made(shop, Level.CAMPAIGN, shop.account.id, {**CAMPAIGN, "daily_budget": Decimal(20)})
    change = shop.change(done.change_id)
    change.outcome, change.id = ChangeOutcome.PENDING, columns.new_id()
    shop.session.flush()
    meta_changes.resolve_change(str(change.id))
    assert shop.change(change.id).outcome is ChangeOutcome.FAILED


def test_what_was_made_is_undone_by_deleting_it(shop: Shop) -> None:
    done = made(shop, Level.CAMPAIGN, shop.account.id, {**CAMPAIGN, "daily_budget": Decimal(20)})
    edits.apply(shop.user.id, edits.Edit.undoing(shop.change(done.change_id)), shop.actor)
    assert done.thing is not None
    assert shop.at_meta(done.thing, "status")["status"] == "DELETED"


def test_an_open_page_hears_of_a_new_campaign(shop: Shop, redis: Redis) -> None:
    listener = redis.pubsub()
    listener.subscribe(events.CHANNEL)
    listener.get_message(timeout=5)
    campaign = a_campaign(shop)
    message = listener.get_message(timeout=5)
    assert message is not None
    told = orjson.loads(message["data"])
    assert (told["topic"], told["data"]["id"]) == ("campaigns", str(campaign.id))


def test_another_persons_account_is_not_there(shop: Shop) -> None:
    stranger = a_user(shop.session)
    with pytest.raises(NotFound):
        creating.create(stranger.id, Draft(Level.CAMPAIGN, shop.account.id, CAMPAIGN), shop.actor)
    with pytest.raises(NotFound):
        creating.create(stranger.id, Draft(Level.AD_SET, shop.campaign().id, AD_SET), shop.actor)
    assert shop.writes() == []
