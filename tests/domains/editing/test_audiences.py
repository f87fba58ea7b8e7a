"""Whom ad sets reach: searched at Meta, counted by it, and nobody left out where the law forbids it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domains.editing.shop import Shop
from vibekanban.core.errors import Invalid
from vibekanban.domains.editing import audiences
from vibekanban.domains.editing.audiences import Sought
from vibekanban.domains.meta.models import Level

SPAIN = {"geo_locations": {"countries": ["ES"]}}


@pytest.mark.parametrize(
    ("sought", "q", "kind"),
    [
        (Sought.PLACES, "madrid", "region"),
        (Sought.INTERESTS, "yoga", "interest"),
        (Sought.LANGUAGES, "esp", "language"),
        (Sought.DETAILS, "yoga", "interests"),
        (Sought.DETAILS, "usuarios", "behaviors"),
    ],
)
def test_what_there_is_to_aim_at_is_found_by_its_name(shop: Shop, sought: Sought, q: str, kind: str) -> None:
    found = audiences.search(shop.user.id, shop.account.id, sought, q)
    assert found[0].kind == kind
    assert found[0].key


def test_a_place_knows_its_country(shop: Shop) -> None:
    region, city = audiences.search(shop.user.id, shop.account.id, Sought.PLACES, "madrid")
    assert (region.country, region.about) == ("ES", "España")
    assert (city.country, city.about) == ("ES", "Madrid, España")


def test_what_narrows_an_audience_makes_it_smaller(shop: Shop) -> None:
    whole = audiences.estimate(shop.user.id, shop.account.id, SPAIN)
    women = audiences.estimate(shop.user.id, shop.account.id, {**SPAIN, "genders": [2]})
    assert (women.most or 0) < (whole.most or 0)


def test_an_audience_has_a_size(shop: Shop) -> None:
    found = audiences.estimate(shop.user.id, shop.account.id, SPAIN)
    assert found.least is not None
    assert found.most is not None
    assert 0 < found.least <= found.most


def test_the_accounts_own_audiences_are_listed(shop: Shop) -> None:
    shop.tell_meta(f"act_{shop.account.meta_account_id}/customaudiences", name="Clientes", subtype="CUSTOM")
    found = audiences.custom_audiences(shop.user.id, shop.account.id)
    assert found[-1].name == "Clientes"
    assert found[0].people


@pytest.mark.parametrize(
    ("aimed", "rule"),
    [
        ({"genders": [2]}, "category_genders"),
        ({"age_min": 25, "age_max": 40}, "category_ages"),
        ({"geo_locations": {"zips": [{"key": "ES:28001"}]}}, "category_zips"),
    ],
)
def test_a_special_category_leaves_nobody_out(shop: Shop, aimed: dict[str, Any], rule: str) -> None:
    shop.tell_meta(shop.campaign(), special_ad_categories=["HOUSING"], special_ad_category_country=["ES"])
    with pytest.raises(Invalid) as error:
        shop.edit(Level.AD_SET, shop.ad_set(), {"targeting": {**SPAIN, **aimed}})
    assert error.value.fields == {"targeting": f"editing.rule.{rule}"}
