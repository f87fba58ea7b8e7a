"""The numbers' routes: what they answer equals the sandbox's truth, and another tenant's campaign is not there."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from tests.conftest import Sandbox
from tests.domains.meta.test_syncing import Database, connected, drain, frozen
from tests.factories.accounts import a_user
from vibekanban.domains.accounts import sessions
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta import metrics
from vibekanban.domains.meta.models import Campaign, MetaAccount, Sync


def bearer(database: Database, user_id: UUID) -> dict[str, str]:
    with database() as session:
        user = session.get_one(User, user_id)
        return {
            "Authorization": f"Bearer {sessions.open_api_session(session, user, address='', user_agent='').token}"
        }


def first_campaign(database: Database) -> Campaign:
    with database() as session:
        campaign = session.exec(select(Campaign).order_by(Campaign.meta_id)).first()
        assert campaign is not None
        return campaign


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
    days = [Decimal(row["spend"]) for row in answer["rows"]]
    assert days == [Decimal(item["spend"]) for item in true["items"]]


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


def test_people_are_what_meta_says_of_the_range_and_not_a_sum(
    client: TestClient, database: Database, sandbox: Sandbox
) -> None:
    frozen(sandbox)
    user_id, _account = connected(database, sandbox, "lucia")
    drain()
    campaign = first_campaign(database)
    answer = client.get(f"/api/meta/metrics/{campaign.id}", headers=bearer(database, user_id)).json()
    totals, rows = answer["totals"], answer["rows"]
    assert max(row["reach"] for row in rows) <= totals["reach"] < sum(row["reach"] for row in rows)
    assert totals["frequency"] == pytest.approx(totals["impressions"] / totals["reach"], abs=1e-4)
    assert Decimal(totals["cpp"]) == round(Decimal(totals["spend"]) * 1000 / totals["reach"], 4)
    assert answer["reachAt"] is not None


def test_people_are_not_asked_for_twice_in_a_quarter_of_an_hour(
    client: TestClient, database: Database, sandbox: Sandbox
) -> None:
    frozen(sandbox)
    user_id, _account = connected(database, sandbox, "lucia")
    drain()
    path, headers = f"/api/meta/metrics/{first_campaign(database).id}", bearer(database, user_id)
    client.get(path, headers=headers)
    sandbox.admin.delete("/_sandbox/calls")
    assert client.get(path, headers=headers).json()["totals"]["reach"] > 0
    assert sandbox.admin.get("/_sandbox/calls").json() == []


def test_numbers_are_shown_when_meta_says_nothing_about_people(
    client: TestClient, database: Database, sandbox: Sandbox
) -> None:
    frozen(sandbox)
    user_id, _account = connected(database, sandbox, "lucia")
    drain()
    sandbox.admin.post("/_sandbox/faults", json={"kind": "too_much_data", "path": "insights", "times": -1})
    answer = client.get(
        f"/api/meta/metrics/{first_campaign(database).id}", headers=bearer(database, user_id)
    ).json()
    assert Decimal(answer["totals"]["spend"]) > 0
    assert answer["totals"]["reach"] is None
    assert answer["totals"]["cpp"] is None


def test_a_breakdown_adds_up_to_the_days(client: TestClient, database: Database, sandbox: Sandbox) -> None:
    frozen(sandbox)
    user_id, _account = connected(database, sandbox, "lucia")
    drain()
    path, headers = f"/api/meta/metrics/{first_campaign(database).id}", bearer(database, user_id)
    days = client.get(path, headers=headers).json()
    cut = client.get(path, params={"breakdown": "gender"}, headers=headers).json()
    assert {row["value"] for row in cut["rows"]} <= {"female", "male", "unknown"}
    assert Decimal(cut["totals"]["spend"]) == Decimal(days["totals"]["spend"])
    assert cut["totals"]["conversions"] == days["totals"]["conversions"]


@pytest.mark.parametrize("asked", [{"breakdown": "shoe_size"}, {"breakdown": "age", "granularity": "hour"}])
def test_a_breakdown_that_is_not_there_names_the_field(
    client: TestClient, database: Database, sandbox: Sandbox, asked: dict[str, str]
) -> None:
    user_id, _account = connected(database, sandbox, "lucia")
    drain()
    answer = client.get(
        f"/api/meta/metrics/{first_campaign(database).id}", params=asked, headers=bearer(database, user_id)
    )
    assert answer.status_code == 422
    assert answer.json()["details"]["fields"][0]["field"] == "breakdown"


def test_every_number_has_its_age(client: TestClient, database: Database, sandbox: Sandbox) -> None:
    frozen(sandbox)
    user_id, _account = connected(database, sandbox, "lucia")
    drain()
    answer = client.get(
        f"/api/meta/metrics/{first_campaign(database).id}/realtime", headers=bearer(database, user_id)
    ).json()
    assert 0 <= answer["ageSeconds"] < 120
    assert all(0 <= row["ageSeconds"] < 120 for row in answer["rows"])


def test_a_sync_is_asked_for_and_followed(client: TestClient, database: Database, sandbox: Sandbox) -> None:
    user_id, account_id = connected(database, sandbox, "lucia")
    drain()
    headers = bearer(database, user_id)
    asked = client.post(f"/api/meta/accounts/{account_id}/sync", headers=headers)
    assert asked.status_code == 202
    job = f"/api/jobs/{asked.json()['jobId']}"
    assert client.get(job, headers=headers).json()["status"] == "queued"
    drain()
    after = client.get(job, headers=headers).json()
    assert (after["status"], after["progress"], after["error"]) == ("done", 100, None)


def test_another_tenants_account_and_job_are_not_found(
    client: TestClient, database: Database, sandbox: Sandbox
) -> None:
    _user, account_id = connected(database, sandbox, "lucia")
    with database() as session:
        stranger, job = a_user(session).id, session.exec(select(Sync)).one().id
    headers = bearer(database, stranger)
    assert client.post(f"/api/meta/accounts/{account_id}/sync", headers=headers).status_code == 404
    assert client.get(f"/api/jobs/{job}", headers=headers).status_code == 404
    summary = client.get("/api/meta/metrics/summary", params={"accountId": str(account_id)}, headers=headers)
    assert summary.status_code == 404
