"""The simulated Meta's estimates: whatever narrows an audience makes it smaller, and nothing else does."""

from __future__ import annotations

from typing import Any

import pytest

from vibekanban.sandbox.graph import aims, reach

SPAIN: dict[str, Any] = {"geo_locations": {"countries": ["ES"]}}
YOGA, RUNNING = ({"id": aims.interest(name)["id"]} for name in ("Yoga", "Running"))
OWN = {"1": 50_000, "2": 900_000}


def people(**more: Any) -> int:
    return reach.people({**SPAIN, **more}, OWN)


@pytest.mark.parametrize(
    "narrower",
    [
        {"geo_locations": {"regions": [{"key": "3872"}]}},
        {"geo_locations": {"cities": [{"key": "745320"}]}},
        {"geo_locations": {"cities": [{"key": "4711", "country": "ES"}]}},
        {"excluded_geo_locations": {"regions": [{"key": "3853"}]}},
        {"age_min": 25},
        {"age_max": 40},
        {"genders": [2]},
        {"locales": [6]},
        {"publisher_platforms": ["instagram"]},
        {"flexible_spec": [{"interests": [YOGA]}]},
        {"interests": [YOGA]},
        {"custom_audiences": [{"id": "1"}]},
        {"excluded_custom_audiences": [{"id": "1"}]},
    ],
)
def test_everything_that_narrows_makes_an_audience_smaller(narrower: dict[str, Any]) -> None:
    assert reach.LEAST < people(**narrower) < people()


def test_another_interest_in_a_group_widens_it_and_another_group_narrows_it() -> None:
    one = people(flexible_spec=[{"interests": [YOGA]}])
    assert people(flexible_spec=[{"interests": [YOGA, RUNNING]}]) > one
    assert people(flexible_spec=[{"interests": [YOGA]}, {"interests": [RUNNING]}]) < one


def test_more_places_are_more_people_unless_they_lie_within_each_other() -> None:
    assert people(geo_locations={"countries": ["ES", "FR"]}) > people()
    assert people(geo_locations={"countries": ["ES"], "regions": [{"key": "3872"}]}) == people()
    madrid = {"regions": [{"key": "3872"}]}
    assert people(geo_locations={**madrid, "cities": [{"key": "743265"}]}) == people(geo_locations=madrid)


def test_leaving_out_a_place_elsewhere_changes_nothing() -> None:
    assert people(excluded_geo_locations={"cities": [{"key": "2673660"}]}) == people()


def test_the_same_targeting_is_the_same_audience_in_any_order() -> None:
    assert people(genders=[1, 2], age_min=18, age_max=65) == people()
    assert people(flexible_spec=[{"interests": [RUNNING, YOGA]}]) == people(
        flexible_spec=[{"interests": [YOGA, RUNNING]}]
    )


def test_an_audience_of_the_account_needs_no_place() -> None:
    assert reach.people({"custom_audiences": [{"id": "1"}, {"id": "2"}]}, OWN) == 950_000


def test_an_estimate_is_two_round_numbers_and_never_tells_of_a_few() -> None:
    low, high = reach.bounds(SPAIN, OWN)
    assert low < people() <= high
    assert low % 100 == high % 100 == 0
    assert reach.bounds({"custom_audiences": []}, OWN) == (reach.LEAST, reach.LEAST)
