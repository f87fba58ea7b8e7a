"""The numbers' routes: what they answer equals the sandbox's truth, and another tenant's campaign is not there."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from fastapi.testclient import TestClient
from sqlmodel import select

from tests.conftest import Sandbox
from tests.domains.meta.test_syncing import Database, connected, drain, frozen
from tests.factories.accounts import a_user
from vibekanban.domains.accounts import sessions
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta import metrics
from vibekanban.domains.meta.models import Campaign, MetaAccount


def bearer(database: Database, user_id: UUID) -> dict[str, str]:
    with database() as session:
        user = session.get_one(User, user_id)
        return {
            "Authorization": f"Bearer {sessions.open_api_session(session, user, address='', user_agent='').token}"
        }


def test_thirty_days_of_a_campaign_equal_the_oracle_to_the_cent(
    client: TestClient, database: Database, sandbox: Sandbox
) -> None:
    frozen(sandbox)
    user_id, account_id = connected(database, sandbox, "lucia")
    drain()
    with database() as session:
        account = session.get_one(MetaAccount, account_id)
        campaign = session.exec(select(Campaign).order_by(Campaign.meta_id)).first()
        assert campaign is not None
    answer = client.get(f"/api/meta/metrics/{campaign.id}", headers=bearer(database, user_id)).json()
    today = metrics.local_today(account)
    true = sandbox.admin.get(
        "/_sandbox/oracle",
        params={
            "ids": campaign.meta_id,
            "level": "campaign",
            "since": str(today - timedelta(days=29)),
            "until": str(today),
        },
    ).json()
    assert len(answer["rows"]) == 30
    assert Decimal(answer["totals"]["spend"]) == Decimal(true["totals"]["spend_micros"]) / 1_000_000
    assert Decimal(answer["totals"]["revenue"]) == Decimal(true["totals"]["value_micros"]) / 1_000_000
    assert answer["totals"]["conversions"] == true["totals"]["purchases"]
    assert [row["spend"] for row in answer["rows"]] == [item["spend"] for item in true["items"]]


def test_the_summary_adds_up_and_leaves_nothing_unlisted(
    client: TestClient, database: Database, sandbox: Sandbox
) -> None:
    frozen(sandbox)
    user_id, account_id = connected(database, sandbox, "lucia")
    drain()
    answer = client.get(
        "/api/meta/metrics/summary", params={"accountId": str(account_id)}, headers=bearer(database, user_id)
    ).json()
    campaigns = sum(Decimal(row["spend"]) for row in answer["campaigns"])
    days = sum(Decimal(row["spend"]) for row in answer["days"])
    assert campaigns == days == Decimal(answer["totals"]["spend"])
    assert Decimal(answer["unlisted"]["spend"]) == 0


def test_hours_of_today_add_up_to_today(client: TestClient, database: Database, sandbox: Sandbox) -> None:
    frozen(sandbox)
    user_id, _account = connected(database, sandbox, "lucia")
    drain()
    with database() as session:
        campaign = session.exec(select(Campaign).order_by(Campaign.meta_id)).first()
        assert campaign is not None
    answer = client.get(f"/api/meta/metrics/{campaign.id}/realtime", headers=bearer(database, user_id)).json()
    assert sum(Decimal(row["spend"]) for row in answer["rows"]) == Decimal(answer["totals"]["spend"])
    assert answer["ageSeconds"] >= 0


def test_another_tenants_campaign_is_not_found(
    client: TestClient, database: Database, sandbox: Sandbox
) -> None:
    connected(database, sandbox, "lucia")
    drain()
    with database() as session:
        stranger = a_user(session).id
        campaign = session.exec(select(Campaign)).first()
        assert campaign is not None
    headers = bearer(database, stranger)
    for path in (f"/api/meta/metrics/{campaign.id}", f"/api/meta/metrics/{campaign.id}/realtime"):
        assert client.get(path, headers=headers).status_code == 404


def test_a_range_that_runs_backwards_names_the_field(
    client: TestClient, database: Database, sandbox: Sandbox
) -> None:
    user_id, account_id = connected(database, sandbox, "lucia")
    answer = client.get(
        "/api/meta/metrics/summary",
        params={"accountId": str(account_id), "since": "2026-02-01", "until": "2026-01-01"},
        headers=bearer(database, user_id),
    )
    assert answer.status_code == 422
    assert answer.json()["details"]["fields"][0]["field"] == "since"
