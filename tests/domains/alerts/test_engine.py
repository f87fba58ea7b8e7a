"""A pass: what fires, what it says, and that it fires once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.factories.accounts import a_user
from tests.factories.alerts import AT, an_alert, fired, passed, read, spent
from tests.factories.meta import a_connection, an_account
from vibekanban.domains.alerts import engine
from vibekanban.domains.meta.models import Campaign, MetaAccount


def test_a_value_above_its_threshold_fires_with_its_numbers(
    database: Any, account: MetaAccount, campaign: Campaign
) -> None:
    with database() as session:
        an_alert(session, campaign)
    spent(account.id, AT, {"campaign": campaign.meta_id, "spend": "120.50"})
    assert passed(database, account, AT) == 1
    (event,) = fired(database)
    assert (event.object_id, event.fired_at) == (campaign.id, AT)
    assert [(one["metric"], one["value"], one["threshold"]) for one in event.numbers] == [
        ("spend", 120.5, 100)
    ]


def test_a_value_at_its_threshold_is_not_above_it(
    database: Any, account: MetaAccount, campaign: Campaign
) -> None:
    with database() as session:
        an_alert(session, campaign)
    spent(account.id, AT, {"campaign": campaign.meta_id, "spend": "100.00"})
    assert passed(database, account, AT) == 0


def test_what_goes_on_firing_fires_once(database: Any, account: MetaAccount, campaign: Campaign) -> None:
    with database() as session:
        an_alert(session, campaign, cooldown_minutes=0)
    for minutes in range(0, 30, 5):
        at = AT + timedelta(minutes=minutes)
        spent(account.id, at, {"campaign": campaign.meta_id, "spend": str(120 + minutes)})
        passed(database, account, at)
    assert len(fired(database)) == 1


def test_the_same_read_is_judged_once(database: Any, account: MetaAccount, campaign: Campaign) -> None:
    with database() as session:
        an_alert(session, campaign)
    spent(account.id, AT, {"campaign": campaign.meta_id, "spend": "120"})
    assert [passed(database, account, AT), passed(database, account, AT)] == [1, 0]
    assert engine.judge([account.id], again=True) == 0


@pytest.mark.usefixtures("store_apart")
def test_numbers_of_a_store_of_its_own_are_judged_alike(
    database: Any, account: MetaAccount, campaign: Campaign
) -> None:
    with database() as session:
        an_alert(session, campaign)
        an_alert(session, campaign, condition={"metric": "spend", "operator": "<", "value": 100})
    spent(account.id, AT, {"campaign": campaign.meta_id, "spend": "120.50"})
    assert passed(database, account, AT) == 1
    (event,) = fired(database)
    assert event.numbers[0]["value"] == 120.5


def test_another_account_is_left_alone(database: Any, account: MetaAccount, campaign: Campaign) -> None:
    with database() as session:
        other = an_account(session, a_connection(session, a_user(session)))
        an_alert(session, campaign)
    spent(account.id, AT, {"campaign": campaign.meta_id, "spend": "120"})
    with database() as session:
        read(session, account.id, AT)
    assert engine.judge([other.id]) == 0
    assert engine.judge() == 1


def test_ratios_are_of_sums_and_any_is_enough(
    database: Any, account: MetaAccount, campaign: Campaign
) -> None:
    condition = {
        "any": [
            {"metric": "cpa", "operator": ">", "value": 20},
            {"metric": "ctr", "operator": ">", "value": 9},
        ]
    }
    with database() as session:
        an_alert(session, campaign, window="last_2d", condition=condition)
    rows = [
        {"campaign": campaign.meta_id, "ago": 1, "spend": "10", "purchases": 1},
        {"campaign": campaign.meta_id, "ago": 2, "spend": "90", "purchases": 1},
    ]
    spent(account.id, AT, *rows, days=3)
    passed(database, account, AT)
    (event,) = fired(database)
    assert {one["metric"]: (one["value"], one["met"]) for one in event.numbers} == {
        "cpa": (50.0, True),
        "ctr": (2.0, False),
    }


def test_a_cost_with_nothing_bought_is_above_any_threshold(
    database: Any, account: MetaAccount, campaign: Campaign
) -> None:
    with database() as session:
        an_alert(session, campaign, condition={"metric": "cpa", "operator": ">", "value": 5000})
    spent(account.id, AT, {"campaign": campaign.meta_id, "spend": "80", "purchases": 0})
    passed(database, account, AT)
    (event,) = fired(database)
    assert event.numbers[0]["value"] is None
