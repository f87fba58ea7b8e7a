"""The alerts' routes: writing one, being refused with the place that is wrong, and reading its firings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.factories.accounts import a_user, bearer
from tests.factories.alerts import ABOVE_100, AT, an_alert, read, spent
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.factories.notifications import a_channel
from vibekanban.domains.accounts.models import User
from vibekanban.domains.alerts import engine
from vibekanban.domains.meta.models import Campaign

ALERTS = "/api/meta/alerts"


@pytest.fixture
def user(database: Any) -> User:
    with database() as session:
        return a_user(session)


@pytest.fixture
def campaign(database: Any, user: User) -> Campaign:
    with database() as session:
        return a_campaign(session, an_account(session, a_connection(session, user)))


@pytest.fixture
def signed_in(database: Any, user: User) -> dict[str, str]:
    with database() as session:
        return bearer(session, user)


def body(campaign: Campaign, **values: Any) -> dict[str, Any]:
    return {
        "name": "Gasto alto",
        "type": "BUDGET_THRESHOLD",
        "campaignId": str(campaign.id),
        "condition": ABOVE_100,
        **values,
    }


def test_an_alert_is_written_listed_changed_and_deleted(
    client: TestClient, campaign: Campaign, signed_in: dict[str, str]
) -> None:
    made = client.post(ALERTS, json=body(campaign), headers=signed_in)
    assert made.status_code == 201
    alert = made.json()
    assert (alert["level"], alert["accountId"]) == ("campaign", str(campaign.account_id))
    assert client.get(ALERTS, headers=signed_in).json()["items"] == [alert]
    path = f"{ALERTS}/{alert['id']}"
    assert client.patch(path, json={"isActive": False}, headers=signed_in).json()["isActive"] is False
    assert client.delete(path, headers=signed_in).status_code == 204
    assert client.get(ALERTS, headers=signed_in).json()["items"] == []


def test_a_deleted_alert_comes_back_as_it_was_and_only_to_its_owner(
    client: TestClient, database: Any, campaign: Campaign, signed_in: dict[str, str]
) -> None:
    alert = client.post(ALERTS, json=body(campaign), headers=signed_in).json()
    path = f"{ALERTS}/{alert['id']}"
    client.delete(path, headers=signed_in)
    with database() as session:
        somebody_else = bearer(session, a_user(session))
    assert client.post(f"{path}/restore", headers=somebody_else).status_code == 404
    assert client.get(ALERTS, headers=signed_in).json()["items"] == []
    for _ in range(2):
        assert client.post(f"{path}/restore", headers=signed_in).json() == alert
    assert client.get(ALERTS, headers=signed_in).json()["items"] == [alert]


def test_firings_come_with_the_numbers_that_fired_them(
    client: TestClient, database: Any, campaign: Campaign, signed_in: dict[str, str]
) -> None:
    alert = client.post(ALERTS, json=body(campaign), headers=signed_in).json()
    spent(campaign.account_id, AT, {"campaign": campaign.meta_id, "spend": "120.50"})
    with database() as session:
        read(session, campaign.account_id, AT)
    engine.judge()
    (firing,) = client.get(f"{ALERTS}/{alert['id']}/events", headers=signed_in).json()["items"]
    assert (firing["objectId"], firing["firedAt"]) == (str(campaign.id), "2026-03-11T13:20:00.000Z")
    assert (firing["numbers"][0]["value"], firing["numbers"][0]["threshold"]) == (120.5, 100)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"condition": {}}, "condition"),
        ({"condition": {"metric": "luck", "operator": ">", "value": 1}}, "condition.metric"),
        ({"condition": {"metric": "spend", "operator": "~", "value": 1}}, "condition.operator"),
        ({"condition": {"all": [ABOVE_100, {"metric": "spend", "operator": ">"}]}}, "condition.all.1.value"),
        ({"condition": {"metric": "spend", "operator": ">", "value": 10**400}}, "condition.value"),
        ({"condition": {"all": [ABOVE_100] * 21}}, "condition"),
        ({"condition": {"all": [{"any": [ABOVE_100] * 3}] * 4}}, "condition"),
        (
            {"condition": {"all": [{"any": [{"all": [{"any": [{"all": []}]}]}]}]}},
            "condition.all.0.any.0.all.0.any.0",
        ),
        ({"window": "last_100d"}, "window"),
        ({"window": "last_6h", "level": "ad"}, "window"),
        ({"level": "account"}, "level"),
        ({"minimum": {"metric": "roas", "value": 1}}, "minimum"),
        ({"name": " \x00 "}, "name"),
        ({"campaignId": None}, "accountId"),
    ],
)
def test_what_is_wrong_is_named(
    client: TestClient, campaign: Campaign, signed_in: dict[str, str], values: dict[str, Any], field: str
) -> None:
    answer = client.post(ALERTS, json=body(campaign, **values), headers=signed_in)
    assert answer.status_code == 422, answer.text
    assert answer.json()["details"]["fields"][0]["field"] == field


def test_a_channel_of_somebody_else_is_refused(
    client: TestClient, database: Any, campaign: Campaign, signed_in: dict[str, str]
) -> None:
    with database() as session:
        theirs = a_channel(session, a_user(session)).id
    for method, path, sent in (
        ("POST", ALERTS, body(campaign, channels=[str(theirs)])),
        ("PATCH", "", {"channels": [str(theirs)]}),
    ):
        if not path:
            made = client.post(ALERTS, json=body(campaign), headers=signed_in).json()
            path = f"{ALERTS}/{made['id']}"
        answer = client.request(method, path, json=sent, headers=signed_in)
        assert answer.json()["details"]["fields"][0]["field"] == "channels"


def test_a_changed_condition_starts_anew(
    client: TestClient, database: Any, campaign: Campaign, signed_in: dict[str, str]
) -> None:
    with database() as session:
        alert = an_alert(session, campaign, cooldown_minutes=0)
    spent(campaign.account_id, AT, {"campaign": campaign.meta_id, "spend": "120"})
    with database() as session:
        read(session, campaign.account_id, AT)
    assert engine.judge() == 1
    client.patch(
        f"{ALERTS}/{alert.id}",
        json={"condition": {"metric": "spend", "operator": ">", "value": 110}},
        headers=signed_in,
    )
    later = AT + timedelta(minutes=5)
    spent(campaign.account_id, later, {"campaign": campaign.meta_id, "spend": "121"})
    with database() as session:
        read(session, campaign.account_id, later)
    assert engine.judge() == 1
