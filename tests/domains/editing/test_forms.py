"""Forms: which fields, choices and limits apply where."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from tests.domains.editing.shop import Shop
from tests.domains.meta.meta_sandbox import fault
from tests.factories.accounts import a_user
from vibekanban.core import i18n
from vibekanban.core.errors import NotFound
from vibekanban.domains.editing import choices, fields, forms
from vibekanban.domains.editing.choices import BudgetMode
from vibekanban.domains.editing.forms import Control, Form, Group, Setting
from vibekanban.domains.editing.limits import Limits
from vibekanban.domains.meta.models import Level

LIMITS = Limits({"imp": 100}, 10_000, names_beneficiary=False)


def named(setting: Setting) -> dict[str, Control]:
    return {control.name: control for control in forms.controls(setting)}


def shown(form: Form) -> set[str]:
    return {control.name for control in form.controls}


def every_setting() -> list[Setting]:
    return [
        Setting(level, "EUR", making, objective, mode, goal, strategy, limits=LIMITS)
        for level, making, objective, mode, strategy in product(
            (Level.CAMPAIGN, Level.AD_SET, Level.AD),
            (True, False),
            choices.OBJECTIVES,
            BudgetMode,
            choices.BID_STRATEGIES,
        )
        for goal in choices.GOALS[objective]
    ]


def test_every_label_and_choice_of_every_form_has_a_text() -> None:
    texts = i18n.catalogue("es")
    found = {control for setting in every_setting() for control in forms.controls(setting)}
    keys = {control.key for control in found}
    keys |= {choice.key for control in found for choice in control.choices}
    keys |= {f"editing.part.{part}" for control in found for part in control.parts}
    keys |= {f"editing.group.{group.value}" for group in Group}
    keys |= {f"editing.mode.{mode.value}" for mode in BudgetMode}
    keys |= {
        f"editing.field.{one.shown_name}" for level in fields.EDITABLE.values() for one in level.values()
    }
    assert keys - texts.keys() == set()


def test_every_control_is_a_field_that_can_be_set() -> None:
    for setting in every_setting():
        known = {**fields.EDITABLE[setting.level], **fields.LASTING[setting.level]}
        names = {one.shown_name: one.kind for one in known.values()}
        for control in forms.controls(setting):
            assert names[control.name] is control.kind


def test_the_budget_stands_where_it_is_held() -> None:
    above = named(Setting(Level.CAMPAIGN, "EUR", budget_mode=BudgetMode.CAMPAIGN))
    below = named(Setting(Level.AD_SET, "EUR", budget_mode=BudgetMode.CAMPAIGN))
    assert {"dailyBudget", "lifetimeBudget", "bidStrategy"} <= above.keys()
    assert not {"dailyBudget", "lifetimeBudget", "bidStrategy"} & below.keys()
    assert above["dailyBudget"].either == above["lifetimeBudget"].either == "budget"
    own = named(Setting(Level.AD_SET, "EUR", budget_mode=BudgetMode.AD_SETS))
    assert {"dailyBudget", "lifetimeBudget", "bidStrategy"} <= own.keys()
    assert "dailyBudget" not in named(Setting(Level.CAMPAIGN, "EUR", budget_mode=BudgetMode.AD_SETS))


def test_shared_budgets_are_daily() -> None:
    own = named(Setting(Level.AD_SET, "EUR", budget_mode=BudgetMode.SHARED))
    assert "dailyBudget" in own
    assert "lifetimeBudget" not in own


@pytest.mark.parametrize(
    ("currency", "minimum", "decimals"), [("EUR", "1.00", 2), ("JPY", "100", 0), ("CLP", "100", 0)]
)
def test_amounts_know_their_currency(currency: str, minimum: str, decimals: int) -> None:
    control = named(Setting(Level.CAMPAIGN, currency, limits=LIMITS))["dailyBudget"]
    assert (control.minimum, control.decimals) == (minimum, decimals)


def test_goals_follow_the_objective_and_what_is_promoted_follows_the_goal() -> None:
    sales = named(Setting(Level.AD_SET, "EUR", objective="OUTCOME_SALES"))
    assert [one.value for one in sales["optimizationGoal"].choices] == list(choices.GOALS["OUTCOME_SALES"])
    assert sales["promotedObject"].parts == ("pixel_id", "custom_event_type")
    traffic = named(Setting(Level.AD_SET, "EUR", objective="OUTCOME_TRAFFIC"))
    assert "promotedObject" not in traffic
    assert [one.value for one in traffic["billingEvent"].choices] == ["IMPRESSIONS", "LINK_CLICKS"]


def test_a_bid_is_asked_for_where_the_strategy_needs_one() -> None:
    assert named(Setting(Level.AD_SET, "EUR", bid_strategy="COST_CAP"))["bidAmount"].required
    assert "bidAmount" not in named(Setting(Level.AD_SET, "EUR"))
    assert named(Setting(Level.AD_SET, "EUR", bid_strategy=choices.MIN_ROAS))["roasFloor"].required


def test_transparency_is_asked_for_where_the_account_does_not_say_it() -> None:
    asked = named(Setting(Level.AD_SET, "EUR", limits=LIMITS))
    assert "dsaBeneficiary" in asked
    assert "dsaPayor" not in asked


def test_a_form_of_what_is_there_has_its_values_and_its_kind_of_budget(shop: Shop) -> None:
    campaign = shop.campaign()
    form = forms.filled(shop.user.id, Level.CAMPAIGN, campaign.id)
    assert form.values["dailyBudget"] == f"{(campaign.daily_budget or 0) / 100:.2f}"
    assert form.values["name"] == campaign.name
    assert not {"lifetimeBudget", "objective", "startTime"} & shown(form)


def test_a_form_under_a_campaign_knows_its_objective_and_mode(shop_of: Callable[..., Shop]) -> None:
    shop = shop_of("dificil", "MXN")
    form = forms.blank(shop.user.id, Level.AD_SET, shop.campaign(1).id)
    assert (form.setting.objective, form.setting.budget_mode) == ("OUTCOME_LEADS", BudgetMode.AD_SETS)
    assert "dailyBudget" in shown(form)


def test_without_meta_a_form_has_no_minimums(shop: Shop) -> None:
    fault(shop.sandbox, "code2", path="/act_", times=-1)
    form = forms.blank(shop.user.id, Level.CAMPAIGN, shop.account.id)
    assert {control.minimum for control in form.controls} == {None}


@pytest.mark.parametrize("level", [Level.CAMPAIGN, Level.AD_SET, Level.AD])
def test_another_persons_form_is_not_there(shop: Shop, level: Level) -> None:
    stranger = a_user(shop.session)
    thing = {Level.CAMPAIGN: shop.campaign(), Level.AD_SET: shop.ad_set(), Level.AD: shop.ad()}[level]
    parent = {Level.CAMPAIGN: shop.account, Level.AD_SET: shop.campaign(), Level.AD: shop.ad_set()}[level]
    with pytest.raises(NotFound):
        forms.filled(stranger.id, level, thing.id)
    with pytest.raises(NotFound):
        forms.blank(stranger.id, level, parent.id)
