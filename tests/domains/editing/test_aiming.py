"""Choosing within a targeting: what is chosen changes, everything else stays as Meta wrote it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domains.editing.shop import Shop
from vibekanban.core.errors import Invalid
from vibekanban.domains.editing import aiming, audiences, edits, fields, naming
from vibekanban.domains.editing.aiming import Aim
from vibekanban.domains.editing.audiences import Sought, Target
from vibekanban.domains.editing.edits import Edit
from vibekanban.domains.meta.models import Level

MADRID = {
    "key": "743265",
    "name": "Madrid",
    "region": "Madrid",
    "country": "ES",
    "radius": 20,
    "distance_unit": "kilometer",
}
HELD: dict[str, Any] = {
    "geo_locations": {"countries": ["FR"], "cities": [MADRID], "location_types": ["home"]},
    "flexible_spec": [
        {"interests": [{"id": "1", "name": "Yoga"}], "education_statuses": [3]},
        {"behaviors": [{"id": "2", "name": "iOS"}]},
        {"life_events": [{"id": "3", "name": "Mudanza"}]},
    ],
    "locales": [23, 99],
    "user_os": ["iOS"],
}
YOGA, IOS = Target("1", "Yoga", "interests"), Target("2", "iOS", "behaviors")
RUNNING = Target("9", "Running", "interests")


def names(aim: Aim, targeting: dict[str, Any] = HELD) -> list[str]:
    return [one.name for one in aiming.chosen(targeting, aim, "es", {"23": "Español"})]


def test_what_a_targeting_has_is_told_by_name() -> None:
    assert names(Aim.PLACES) == ["Francia", "Madrid"]
    assert names(Aim.DETAILS) == ["Yoga"]
    assert names(Aim.NARROWED) == ["iOS"]
    assert names(Aim.LANGUAGES) == ["Español", "#99"]
    assert names(Aim.AUDIENCES) == []


@pytest.mark.parametrize("aim", Aim)
def test_choosing_the_same_again_changes_nothing(aim: Aim) -> None:
    assert aiming.choose(HELD, {aim: aiming.chosen(HELD, aim, "es")}) == HELD


def test_a_city_that_stays_keeps_its_radius() -> None:
    region = Target("3872", "Madrid", "region", country="ES")
    kept = aiming.chosen(HELD, Aim.PLACES, "es")[1]
    assert aiming.choose(HELD, {Aim.PLACES: [kept, region]})["geo_locations"] == {
        "cities": [MADRID],
        "regions": [{"key": "3872", "name": "Madrid", "country": "ES"}],
        "location_types": ["home"],
    }


def test_a_group_changes_and_its_neighbours_stay() -> None:
    found = aiming.choose(HELD, {Aim.DETAILS: [RUNNING, IOS]})["flexible_spec"]
    assert found[0]["interests"] == [{"id": "9", "name": "Running"}]
    assert found[0]["behaviors"] == [{"id": "2", "name": "iOS"}]
    assert found[0]["education_statuses"] == [3]
    assert found[1:] == HELD["flexible_spec"][1:]


def test_both_groups_change_at_once() -> None:
    held = {"flexible_spec": [{"interests": [{"id": "1"}]}, {"behaviors": [{"id": "2"}]}]}
    swapped = aiming.choose(held, {Aim.DETAILS: [], Aim.NARROWED: [RUNNING]})
    assert swapped == {"flexible_spec": [{"interests": [{"id": "9", "name": "Running"}]}]}
    assert aiming.choose(held, {Aim.DETAILS: [], Aim.NARROWED: []}) == {}


def test_more_than_meta_takes_are_refused() -> None:
    many = [Target(str(n), "", "interests") for n in range(aiming.MOST + 1)]
    with pytest.raises(Invalid):
        aiming.choose({}, {Aim.DETAILS: many})


def test_a_name_that_meta_changed_is_no_difference() -> None:
    field = fields.EDITABLE[Level.AD_SET]["targeting"]
    ours = {"flexible_spec": [{"interests": [{"id": "1", "name": "Yoga"}]}]}
    theirs = {"flexible_spec": [{"interests": [{"id": "1", "name": "Yoga (deporte)"}]}]}
    assert fields.same(field, ours, theirs)
    assert fields.holds(ours, theirs)


def test_an_audience_arrives_at_meta_and_comes_back_as_it_was(shop: Shop) -> None:
    ad_set = shop.ad_set()
    before = shop.at_meta(ad_set, "targeting")["targeting"]
    wanted = aiming.choose(
        before, {Aim.DETAILS: [YOGA], Aim.LANGUAGES: [Target("23", "Español", "language")]}
    )
    done = shop.edit(Level.AD_SET, ad_set, {"targeting": wanted})
    assert shop.at_meta(ad_set, "targeting")["targeting"]["locales"] == [23]
    edits.apply(shop.user.id, Edit.undoing(shop.change(done.change_id)), shop.actor)
    assert shop.at_meta(ad_set, "targeting")["targeting"] == before


def test_languages_and_creatives_that_were_seen_have_names(shop: Shop) -> None:
    audiences.search(shop.user.id, shop.account.id, Sought.LANGUAGES, "esp")
    sides = [{"targeting": {"locales": [23, 99]}}, {"creativeId": "12345"}]
    found = naming.names(shop.session, [shop.account.id], sides)
    assert found.languages == {"23": "Español"}
    assert found.creatives == {}
