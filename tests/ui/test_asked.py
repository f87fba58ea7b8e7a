"""Forms as pages ask them: what is shown at first, and which fields an edit sets of what was typed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from vibekanban.core.errors import Invalid
from vibekanban.domains.editing import forms
from vibekanban.domains.editing.choices import BudgetMode
from vibekanban.domains.editing.forms import Setting
from vibekanban.domains.meta.models import Level
from vibekanban.ui.editing import asked

CAMPAIGN = Setting(Level.CAMPAIGN, "EUR", making=False, budget="daily_budget", timezone="Europe/Madrid")
HELD: dict[str, Any] = {
    "name": "Otoño",
    "status": "ACTIVE",
    "dailyBudget": "20.00",
    "stopTime": "2026-12-01T09:00:00Z",
    "specialAdCategories": ["HOUSING"],
    "specialAdCategoryCountry": ["ES"],
}
TYPED = {
    "name": "Otoño",
    "status": "ACTIVE",
    "dailyBudget": "20.00",
    "stopTime": "2026-12-01T10:00",
    "startTime": "",
    "spendCap": "",
    "specialAdCategories.HOUSING": "on",
    "specialAdCategoryCountry": "ES",
}
AD_SET = Setting(
    Level.AD_SET, "EUR", making=False, objective="OUTCOME_TRAFFIC", budget_mode=BudgetMode.AD_SETS
)
FULL = {
    "geo_locations": {
        "countries": ["FR"],
        "cities": [
            {"key": "743265", "name": "Madrid", "country": "ES", "radius": 20, "distance_unit": "kilometer"}
        ],
    },
    "excluded_geo_locations": {"regions": [{"key": "3853", "name": "Cataluña"}]},
    "flexible_spec": [
        {"interests": [{"id": "11", "name": "Yoga"}]},
        {"behaviors": [{"id": "12", "name": "iOS"}]},
    ],
    "custom_audiences": [{"id": "77", "name": "Clientes"}],
    "locales": [23],
    "user_os": ["iOS"],
}
AUDIENCE = {"geo_locations": {"countries": ["ES"], "location_types": ["home"]}, "age_min": 18}


def picks(*chosen: tuple[str, str]) -> str:
    """What the hidden field of a picker says."""
    return json.dumps([{"key": key, "kind": kind, "name": f"{kind} {key}"} for key, kind in chosen])


def written(setting: Setting, held: dict[str, Any], typed: dict[str, Any]) -> dict[str, Any]:
    return asked.written(setting, forms.controls(setting), held, typed)


def test_a_form_that_was_left_as_it_was_sets_nothing() -> None:
    assert written(CAMPAIGN, HELD, TYPED) == {}


def test_only_what_was_typed_differently_is_set() -> None:
    assert written(CAMPAIGN, HELD, {**TYPED, "dailyBudget": "47,30"}) == {"daily_budget": "47.30"}


def test_moments_are_typed_in_the_accounts_time() -> None:
    found = written(CAMPAIGN, HELD, {**TYPED, "stopTime": "2026-12-02T10:00"})
    assert found["stop_time"].astimezone(UTC) == datetime(2026, 12, 2, 9, tzinfo=UTC)


def test_a_moment_that_is_none_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        written(CAMPAIGN, HELD, {**TYPED, "stopTime": "mañana"})
    assert refused.value.fields == {"stopTime": "field.date"}


def test_what_is_emptied_is_taken_away() -> None:
    assert written(CAMPAIGN, HELD, {**TYPED, "stopTime": ""}) == {"stop_time": None}


def test_categories_are_those_that_are_ticked() -> None:
    typed = {name: value for name, value in TYPED.items() if name != "specialAdCategories.HOUSING"}
    found = written(CAMPAIGN, HELD, {**typed, "specialAdCategories.EMPLOYMENT": "on"})
    assert found == {"special_ad_categories": ["EMPLOYMENT"]}


def test_the_rest_of_an_audience_stays() -> None:
    typed = {
        "targeting.places": picks(("ES", "country"), ("PT", "country")),
        "targeting.age_min": "25",
        "targeting.age_max": "",
    }
    assert written(AD_SET, {"targeting": AUDIENCE}, typed) == {
        "targeting": {
            "geo_locations": {"countries": ["ES", "PT"], "location_types": ["home"]},
            "age_min": 25,
        }
    }


def test_a_campaign_that_is_to_hold_the_budget_is_asked_for_one() -> None:
    setting = Setting(Level.CAMPAIGN, "EUR", objective="OUTCOME_TRAFFIC")
    with pytest.raises(Invalid) as refused:
        written(setting, {}, {"name": "Nueva", "objective": "OUTCOME_TRAFFIC"})
    assert refused.value.fields == {"dailyBudget": "field.missing"}


def test_what_is_wrong_stands_beside_its_input() -> None:
    shown = asked.asks(CAMPAIGN, forms.controls(CAMPAIGN), HELD, "es")
    found = asked.marked(shown, Invalid({"dailyBudget": "field.number"}), "es")
    assert [one.name for one in found if one.wrong] == ["dailyBudget"]


def test_a_group_is_headed_once() -> None:
    headings = [
        one.heading for one in asked.asks(CAMPAIGN, forms.controls(CAMPAIGN), HELD, "es") if one.heading
    ]
    assert len(headings) == len(set(headings)) > 2


def test_an_input_shows_what_is_held_in_the_accounts_time() -> None:
    shown = {one.name: one.value for one in asked.asks(CAMPAIGN, forms.controls(CAMPAIGN), HELD, "es")}
    assert shown["stopTime"] == "2026-12-01T10:00"
    assert shown["dailyBudget"] == "20.00"


def test_gender_placements_and_advantage_are_set_within_the_audience() -> None:
    typed = {
        "targeting.places": picks(("ES", "country")),
        "targeting.age_min": "18",
        "targeting.genders": "2",
        "targeting.advantage_audience": "0",
        "targeting.publisher_platforms.instagram": "on",
    }
    found = written(AD_SET, {"targeting": AUDIENCE}, typed)["targeting"]
    assert (found["genders"], found["publisher_platforms"]) == ([2], ["instagram"])
    assert found["targeting_automation"] == {"advantage_audience": 0}
    assert found["geo_locations"] == AUDIENCE["geo_locations"]


def test_what_is_picked_is_set_in_its_own_place() -> None:
    typed = {
        "targeting.age_min": "18",
        "targeting.places": picks(("ES", "country"), ("3872", "region")),
        "targeting.details": picks(("11", "interests"), ("12", "behaviors")),
        "targeting.languages": picks(("23", "language")),
        "targeting.excluded_audiences": picks(("77", "audience")),
    }
    found = written(AD_SET, {"targeting": AUDIENCE}, typed)["targeting"]
    assert found["geo_locations"]["regions"] == [{"key": "3872", "name": "region 3872"}]
    assert found["flexible_spec"] == [
        {
            "interests": [{"id": "11", "name": "interests 11"}],
            "behaviors": [{"id": "12", "name": "behaviors 12"}],
        }
    ]
    assert found["locales"] == [23]
    assert found["excluded_custom_audiences"] == [{"id": "77", "name": "audience 77"}]


def test_a_picker_that_was_left_as_it_was_sets_nothing() -> None:
    shown = {
        one.name: one.value for one in asked.asks(AD_SET, forms.controls(AD_SET), {"targeting": FULL}, "es")
    }
    typed = {name: value for name, value in shown.items() if name.startswith("targeting.")}
    assert written(AD_SET, {"targeting": FULL}, typed) == {}


@pytest.mark.parametrize("sent", ["nothing", "[1]", "{}x"])
def test_picks_that_can_not_be_read_are_refused(sent: str) -> None:
    with pytest.raises(Invalid) as refused:
        written(AD_SET, {"targeting": AUDIENCE}, {"targeting.places": sent})
    assert refused.value.fields == {"targeting": "field.invalid"}


def test_what_is_not_asked_for_is_told() -> None:
    targeting = {**AUDIENCE, "geo_locations": {"zips": [{"key": "ES:28001", "name": "28001"}]}}
    (note,) = [
        one
        for one in asked.asks(AD_SET, forms.controls(AD_SET), {"targeting": targeting}, "es")
        if one.kind == "note"
    ]
    assert note.value == "Códigos postales: 28001"
