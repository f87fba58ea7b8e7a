"""An ad account over HTTP: what it counts, everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from tests.factories.access import a_token
from tests.factories.accounts import a_user, bearer
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.factories.metrics import a_fact, a_row, write
from tests.mcp.conftest import Database
from vibekanban.core import columns
from vibekanban.domains.meta import insights
from vibekanban.domains.meta.models import Level

TODAY = columns.now().date()


@dataclass(frozen=True)
class Shop:
    """Somebody with an account, a campaign and a day of numbers: two purchases, five leads."""

    headers: dict[str, str]
    token: dict[str, str]
    account: UUID
    campaign: UUID

    @property
    def path(self) -> str:
        return f"/api/meta/accounts/{self.account}"


@pytest.fixture
def shop(client: TestClient, database: Database) -> Shop:
    with database() as session:
        user = a_user(session)
        account = an_account(session, a_connection(session, user), timezone="UTC")
        campaign = a_campaign(session, account)
        row = insights.fact(a_row(day=TODAY), Level.ACCOUNT)
        write(session, account.id, [row], since=TODAY, until=TODAY, level=Level.ACCOUNT)
        write(session, account.id, [a_fact(campaign.meta_id, TODAY)], since=TODAY, until=TODAY)
        secret = a_token(session, user.id, account_ids=[account.id]).secret
        return Shop(bearer(session, user), {"Authorization": f"Bearer {secret}"}, account.id, campaign.id)


def patched(client: TestClient, shop: Shop, **body: Any) -> Any:
    return client.patch(shop.path, json=body, headers=shop.headers)


def test_what_may_be_counted_is_listed_with_how_often_it_happened(client: TestClient, shop: Shop) -> None:
    answer = client.get(f"{shop.path}/conversion-events", headers=shop.headers)
    assert answer.json() == {
        "conversionEvent": None,
        "defaultOrder": ["omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase"],
        "items": [{"actionType": "lead", "count": 5.0}, {"actionType": "omni_purchase", "count": 2.0}],
    }


def test_a_declared_event_is_counted_everywhere(client: TestClient, shop: Shop) -> None:
    answer = patched(client, shop, conversionEvent="lead")
    assert (answer.status_code, answer.json()["conversionEvent"]) == (200, "lead")
    metrics = "/api/meta/metrics"
    summary = client.get(f"{metrics}/summary", params={"accountId": str(shop.account)}, headers=shop.headers)
    today = client.get(f"{metrics}/{shop.campaign}/realtime", headers=shop.headers)
    tools = [
        client.post(f"/api/mcp/tools/{tool}", json={"arguments": arguments}, headers=shop.token)
        for tool, arguments in (
            ("get_metrics", {"id": str(shop.campaign)}),
            ("get_summary", {"account_id": str(shop.account)}),
        )
    ]
    told = [summary.json(), today.json(), *(tool.json()["result"] for tool in tools)]
    assert [one["totals"]["conversions"] for one in told] == [5, 5, 5, 5]
    assert {one.get("conversionEvent") or one.get("conversion_event") for one in told} == {"lead"}
    assert summary.json()["campaigns"][0]["conversions"] == 5


def test_null_goes_back_to_the_default_order(client: TestClient, shop: Shop) -> None:
    patched(client, shop, conversionEvent="lead")
    assert patched(client, shop, conversionEvent=None).json()["conversionEvent"] is None
    events = client.get(f"{shop.path}/conversion-events", headers=shop.headers).json()
    assert events["conversionEvent"] is None


def test_nothing_said_changes_nothing(client: TestClient, shop: Shop) -> None:
    patched(client, shop, conversionEvent="lead")
    assert patched(client, shop).json()["conversionEvent"] == "lead"


def test_an_event_that_never_happened_is_named(client: TestClient, shop: Shop) -> None:
    answer = patched(client, shop, conversionEvent="app_install")
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["details"]["fields"]] == ["conversionEvent"]


def test_the_quota_is_told_with_what_every_lane_may_do(client: TestClient, shop: Shop) -> None:
    answer = client.get(f"{shop.path}/quota", headers=shop.headers)
    assert answer.status_code == 200
    assert {(one["lane"], one["pace"]) for one in answer.json()["lanes"]} == {
        ("human", "free"),
        ("alert", "free"),
        ("today", "free"),
        ("history", "free"),
    }
