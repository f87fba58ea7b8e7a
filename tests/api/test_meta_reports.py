"""The routes of reports: pages of rows, files, and what is refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import Session

from tests.factories.accounts import a_user, bearer
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.factories.metrics import a_fact, a_row, write
from vibekanban.core import db
from vibekanban.domains.meta import insights, metrics
from vibekanban.domains.meta.models import Level, MetaAccount

Database = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Mine:
    """A signed-in person's account, with three campaigns that spent 12.34 today and 40.00 in all."""

    account: MetaAccount
    headers: dict[str, str]


@pytest.fixture
def mine(database: Database) -> Mine:
    with database() as session:
        user = a_user(session)
        account = an_account(session, a_connection(session, user))
        campaigns = [a_campaign(session, account, name=name) for name in ("Alfa", "Beta", "Gama")]
        headers = bearer(session, user)
    today = metrics.local_today(account)
    whole = insights.fact(a_row(day=today, account_id=account.meta_account_id, spend="40.00"), Level.ACCOUNT)
    with db.metrics_transaction() as store:
        facts = [a_fact(one.meta_id, today) for one in campaigns]
        write(store, account.id, facts, since=today, until=today)
        write(store, account.id, [whole], since=today, until=today, level=Level.ACCOUNT)
    return Mine(account, headers)


def explored(client: TestClient, mine: Mine, accept: str = "application/json", **asked: Any) -> Any:
    query = {"accountId": str(mine.account.id), "preset": "today", **asked}
    return client.get("/api/meta/reports/explore", params=query, headers={**mine.headers, "Accept": accept})


def test_a_report_says_how_its_conversions_are_counted_and_what_nobody_lists(
    client: TestClient, mine: Mine
) -> None:
    found = explored(client, mine, metrics=["spend", "conversions"]).json()
    assert found["items"][0]["numbers"] == {"spend": "12.34", "conversions": 2}
    assert found["items"][0]["conversionEvents"] == found["conversionEvents"] == ["omni_purchase"]
    assert found["attributionSettings"] == ["7d_click_1d_view"]
    assert found["mixedAttribution"] is False
    assert found["unlisted"]["numbers"]["spend"] == "2.98"
    assert found["totals"]["numbers"]["spend"] == "40.00"


def test_pages_of_rows_follow_each_other(client: TestClient, mine: Mine) -> None:
    first = explored(client, mine, limit=2, sort="name").json()
    second = explored(client, mine, limit=2, sort="name", cursor=first["nextCursor"]).json()
    names = [row["name"] for page in (first, second) for row in page["items"]]
    assert names == ["Alfa", "Beta", "Gama"]
    assert (first["count"], second["nextCursor"]) == (3, None)


def test_a_cursor_that_is_none_of_ours_is_refused(client: TestClient, mine: Mine) -> None:
    assert explored(client, mine, cursor="nonsense").json()["code"] == "bad_cursor"


def test_the_file_has_every_row_and_its_sum(client: TestClient, mine: Mine) -> None:
    answer = explored(client, mine, "text/csv", metrics=["spend"], compare="none", limit=1)
    assert answer.headers["content-disposition"].startswith('attachment; filename="report-')
    header, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert [row[header.index("Gasto")] for row in rows] == ["12.34", "12.34", "12.34", "2.98", "40.00"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"level": "creative"}, "level"),
        ({"metrics": "money"}, "metrics.0"),
        ({"where": "spend is high"}, "where.0"),
        ({"sort": "colour"}, "sort"),
        ({"colour": "blue"}, "colour"),
        ({"since": "yesterday"}, "since"),
    ],
)
def test_a_question_that_means_nothing_is_refused_by_its_field(
    client: TestClient, mine: Mine, asked: dict[str, str], field: str
) -> None:
    answer = explored(client, mine, **asked)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["details"]["fields"]] == [field]


def test_nobody_explores_without_signing_in(client: TestClient, mine: Mine) -> None:
    query = {"accountId": str(mine.account.id)}
    assert client.get("/api/meta/reports/explore", params=query).status_code == 401


def test_a_breakdown_that_is_not_held_is_ordered_and_its_job_can_be_followed(
    client: TestClient, mine: Mine
) -> None:
    found = explored(client, mine, breakdown="age", compare="none").json()
    assert found["items"] == []
    assert found["fetching"]["error"] is None
    (job_id,) = found["fetching"]["jobIds"]
    job = client.get(f"/api/jobs/{job_id}", headers=mine.headers).json()
    assert (job["kind"], job["status"]) == ("breakdown", "queued")


def test_rows_of_a_breakdown_name_their_category(client: TestClient, mine: Mine) -> None:
    today = metrics.local_today(mine.account)
    facts = [
        insights.fact(
            a_row(day=today, account_id=mine.account.meta_account_id, age=age), Level.ACCOUNT, breakdown="age"
        )
        for age in ("18-24", "25-34")
    ]
    with db.metrics_transaction() as store:
        write(store, mine.account.id, facts, since=today, until=today, level=Level.ACCOUNT, breakdown="age")
    found = explored(client, mine, level="account", breakdown="age", sort="name").json()
    assert [row["value"] for row in found["items"]] == ["18-24", "25-34"]
    assert found["unlisted"]["numbers"]["spend"] == "15.32"


def test_a_sync_of_a_breakdown_is_ordered_by_looking_at_it_only(client: TestClient, mine: Mine) -> None:
    path = f"/api/meta/accounts/{mine.account.id}/sync"
    answer = client.post(path, headers=mine.headers, json={"kind": "breakdown"})
    assert answer.status_code == 422


def restated(client: TestClient, mine: Mine, **asked: str) -> Any:
    query = {"accountId": str(mine.account.id), **asked}
    return client.get("/api/meta/reports/restatements", params=query, headers=mine.headers).json()


def test_what_meta_restated_is_told_and_no_more_once_it_was_seen(client: TestClient, mine: Mine) -> None:
    day = metrics.local_today(mine.account) - timedelta(days=12)
    for spend in ("10.00", "10.40"):
        whole = a_row(day=day, account_id=mine.account.meta_account_id, spend=spend)
        with db.metrics_transaction() as store:
            facts = [insights.fact(whole, Level.ACCOUNT)]
            write(store, mine.account.id, facts, since=day, until=day, level=Level.ACCOUNT)
            store.execute(
                text("UPDATE metric_coverage SET first_read_at = first_read_at - interval '8 days'")
            )
    found = restated(client, mine)
    assert found["totals"]["spend"] == {"before": "10.00", "now": "10.40", "change": "0.40"}
    assert [one["date"] for one in found["days"]] == [day.isoformat()]
    body = {"accountId": str(mine.account.id)}
    marked = client.post("/api/meta/reports/restatements/seen", json=body, headers=mine.headers)
    assert marked.status_code == 200
    after = restated(client, mine)
    assert (after["looked"], after["days"]) == (True, [])
    assert after["since"] == marked.json()["lookedAt"]


def test_a_moment_without_a_timezone_is_refused(client: TestClient, mine: Mine) -> None:
    assert restated(client, mine, since="2026-11-24T09:00:00")["code"] == "invalid"
