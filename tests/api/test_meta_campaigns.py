from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from tests.factories.accounts import a_user, bearer
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.mcp.conftest import Database
from vibekanban.core import columns
from vibekanban.core.columns import new_id
from vibekanban.domains.meta import changes
from vibekanban.domains.meta.models import ActorKind, Campaign, Level, MetaAccount

NOBODYS = UUID(int=7)  # the same in every process that collects these tests
CAMPAIGNS = "/api/meta/campaigns"


@dataclass(frozen=True)
class Person:
    headers: dict[str, str]
    account_id: UUID
    make: Callable[..., str]


def a_person(database: Database) -> Person:
    with database() as session:
        user = a_user(session)
        account = an_account(session, a_connection(session, user), currency="EUR", timezone="UTC")
        headers = bearer(session, user)

    def make(**values: object) -> str:
        with database() as session:
            return str(a_campaign(session, session.get_one(MetaAccount, account.id), **values).id)

    return Person(headers, account.id, make)


@pytest.fixture
def person(client: TestClient, database: Database) -> Person:
    return a_person(database)


def test_a_campaign_looks_as_the_contract_says(client: TestClient, person: Person) -> None:
    campaign_id = person.make(
        name="Rebajas",
        objective="OUTCOME_SALES",
        daily_budget=5000,
        today=columns.now().date(),
        today_spend_micros=12_340_000,
        today_impressions=10,
        today_clicks=2,
    )
    found = client.get(f"{CAMPAIGNS}/{campaign_id}", headers=person.headers).json()
    assert found["today"] == {"spend": "12.34", "impressions": 10, "clicks": 2}
    assert (found["dailyBudget"], found["lifetimeBudget"], found["currency"]) == ("50.00", None, "EUR")
    assert (found["name"], found["objective"]) == ("Rebajas", "OUTCOME_SALES")
    assert found["syncedAt"].endswith("Z")
    assert {"id", "metaCampaignId", "accountId", "status", "effectiveStatus"} <= found.keys()


def test_the_list_pages_through_every_campaign(client: TestClient, person: Person) -> None:
    made = [person.make() for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = client.get(CAMPAIGNS, params=params, headers=person.headers).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["nextCursor"]
    assert seen == made[::-1]


def test_the_list_is_filtered_by_status_account_and_name(client: TestClient, person: Person) -> None:
    wanted = person.make(name="Verano", effective_status="PAUSED")
    person.make(name="Verano", effective_status="ACTIVE")
    person.make(name="Otoño", effective_status="PAUSED")
    params = {"status": "PAUSED,ARCHIVED", "q": "veran", "accountId": str(person.account_id)}
    found = client.get(CAMPAIGNS, params=params, headers=person.headers).json()["items"]
    assert [item["id"] for item in found] == [wanted]


def test_another_persons_campaigns_are_not_there(
    client: TestClient, database: Database, person: Person
) -> None:
    other = a_person(database)
    theirs = other.make()
    assert client.get(f"{CAMPAIGNS}/{theirs}", headers=person.headers).status_code == 404
    params = {"accountId": str(other.account_id)}
    assert client.get(CAMPAIGNS, params=params, headers=person.headers).json()["items"] == []


@pytest.mark.parametrize("level", ["campaigns", "adsets", "ads"])
@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_an_unknown_object_is_not_switched(client: TestClient, person: Person, level: str, verb: str) -> None:
    answer = client.post(f"/api/meta/{level}/{new_id()}/{verb}", headers=person.headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_another_persons_campaign_is_not_paused(
    client: TestClient, database: Database, person: Person
) -> None:
    theirs = a_person(database).make()
    assert client.post(f"{CAMPAIGNS}/{theirs}/pause", headers=person.headers).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("GET", f"/{NOBODYS}"), ("POST", f"/{NOBODYS}/pause"), ("POST", f"/{NOBODYS}/resume")],
)
def test_a_stranger_is_asked_to_sign_in(client: TestClient, method: str, path: str) -> None:
    assert client.request(method, CAMPAIGNS + path).status_code == 401


def test_the_list_is_exported_as_csv_without_formulas(client: TestClient, person: Person) -> None:
    person.make(name="=HYPERLINK(1)", daily_budget=1050)
    person.make(name='Comillas "y", comas', daily_budget=None)
    answer = client.get(CAMPAIGNS, headers={**person.headers, "Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    header, *rows = csv.reader(io.StringIO(answer.text))
    shown = [dict(zip(header, row, strict=True)) for row in rows]
    assert [row["name"] for row in shown] == ['Comillas "y", comas', "'=HYPERLINK(1)"]
    assert [row["dailyBudget"] for row in shown] == ["", "10.50"]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "sort=x", "cursor=x", "accountId=x", "cursor=%00", "limit=a"],
)
def test_a_bad_query_is_refused(client: TestClient, person: Person, query: str) -> None:
    assert client.get(f"{CAMPAIGNS}?{query}", headers=person.headers).status_code in {400, 422}


@pytest.mark.parametrize("query", ["q=%00", "q=%25_%5C", "status=%00", "status=,,", "q=%F0%9F%92%A9"])
def test_a_strange_query_finds_nothing_strange(client: TestClient, person: Person, query: str) -> None:
    assert client.get(f"{CAMPAIGNS}?{query}", headers=person.headers).status_code == 200


def test_changes_are_listed_of_one_object(client: TestClient, database: Database, person: Person) -> None:
    campaign_id = person.make()
    with database() as session:
        campaign = session.get_one(Campaign, UUID(campaign_id))
        changes.begin(
            session,
            campaign,
            level=Level.CAMPAIGN,
            object_id=campaign.id,
            action="pause",
            actor=changes.Actor(ActorKind.USER, campaign.user_id, "Tania"),
            before={"status": "ACTIVE"},
            after={"status": "PAUSED"},
        )
    own = client.get("/api/meta/changes", params={"objectId": campaign_id}, headers=person.headers).json()
    other = client.get("/api/meta/changes", params={"objectId": str(new_id())}, headers=person.headers)
    assert [(item["action"], item["outcome"], item["actorName"]) for item in own["items"]] == [
        ("pause", "pending", "Tania")
    ]
    assert other.json()["items"] == []


def logged(session: Session, campaign: Campaign, action: str, kind: ActorKind, **values: Any) -> str:
    made = changes.begin(
        session,
        campaign,
        level=values.pop("level", Level.CAMPAIGN),
        object_id=campaign.id,
        action=action,
        actor=changes.Actor(kind, campaign.user_id, "Tania"),
        before={},
        after={},
    )
    for name, value in values.items():
        setattr(made, name, value)
    session.flush()
    return str(made.id)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"mine", "rule", "ad", "old"}),
        ("?action=pause", {"mine", "rule", "old"}),
        ("?actorKind=rule", {"rule"}),
        ("?level=ad", {"ad"}),
        ("?q=rebajas", {"mine", "rule", "old"}),
        ("?since=2026-01-01T00:00:00Z", {"mine", "rule", "ad"}),
        ("?until=2026-01-01T00:00:00Z&action=pause", {"old"}),
        ("?action=nothing", set()),
    ],
)
def test_changes_are_sifted_as_on_their_page(
    client: TestClient, database: Database, person: Person, query: str, found: set[str]
) -> None:
    campaign_id = person.make(name="Rebajas de enero")
    with database() as session:
        campaign = session.get_one(Campaign, UUID(campaign_id))
        ids = {
            "mine": logged(session, campaign, "pause", ActorKind.USER),
            "rule": logged(session, campaign, "pause", ActorKind.RULE),
            "ad": logged(session, campaign, "edit", ActorKind.USER, level=Level.AD, object_name="Anuncio"),
            "old": logged(
                session, campaign, "pause", ActorKind.USER, created_at=datetime(2025, 6, 1, tzinfo=UTC)
            ),
        }
    answer = client.get(f"/api/meta/changes{query}", headers=person.headers).json()["items"]
    assert {name for name, value in ids.items() if value in {one["id"] for one in answer}} == found


@pytest.mark.parametrize("query", ["level=shop", "actorKind=ghost", "since=yesterday"])
def test_a_filter_that_makes_no_sense_is_refused(client: TestClient, person: Person, query: str) -> None:
    assert client.get(f"/api/meta/changes?{query}", headers=person.headers).status_code == 422
