"""The routes of reports that people keep."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from tests.factories.accounts import a_user, bearer
from tests.factories.meta import a_connection, an_account
from vibekanban.domains.meta.models import MetaAccount

Database = Callable[[], AbstractContextManager[Session]]
PATH = "/api/meta/reports"
MONDAYS = {"cadence": "weekly", "hour": 8, "weekday": 1}


@dataclass(frozen=True)
class Mine:
    account: MetaAccount
    headers: dict[str, str]

    def body(self, name: str = "La semana", **more: Any) -> dict[str, Any]:
        return {"name": name, "definition": {"accountId": str(self.account.id), "level": "ad"}, **more}


@pytest.fixture
def mine(database: Database) -> Mine:
    with database() as session:
        user = a_user(session, timezone="America/Mexico_City")
        return Mine(an_account(session, a_connection(session, user)), bearer(session, user))


def kept(client: TestClient, mine: Mine, **more: Any) -> dict[str, Any]:
    answer = client.post(PATH, json=mine.body(**more), headers=mine.headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_report_is_kept_with_its_schedule_in_the_owners_timezone(client: TestClient, mine: Mine) -> None:
    made = kept(client, mine, schedule=MONDAYS)
    found = client.get(f"{PATH}/{made['id']}", headers=mine.headers).json()
    assert found == made
    assert found["definition"]["level"] == "ad"
    assert (found["timezone"], found["nextDueAt"][11:16]) == ("America/Mexico_City", "14:00")
    assert (found["lastSentAt"], found["lastFailed"]) == (None, False)


def test_the_list_turns_its_pages(client: TestClient, mine: Mine) -> None:
    for name in ("Uno", "Dos", "Tres"):
        kept(client, mine, name=name)
    first = client.get(PATH, params={"limit": 2}, headers=mine.headers).json()
    second = client.get(PATH, params={"limit": 2, "cursor": first["nextCursor"]}, headers=mine.headers).json()
    names = [one["name"] for page in (first, second) for one in page["items"]]
    assert (names, second["nextCursor"]) == (["Tres", "Dos", "Uno"], None)


def test_a_report_is_renamed_paused_and_no_longer_sent(client: TestClient, mine: Mine) -> None:
    made = kept(client, mine, schedule=MONDAYS)

    def changed(**body: Any) -> dict[str, Any]:
        return client.patch(f"{PATH}/{made['id']}", json=body, headers=mine.headers).json()

    renamed = changed(name="Los lunes")
    assert (renamed["name"], renamed["nextDueAt"]) == ("Los lunes", made["nextDueAt"])
    assert changed(schedule={**MONDAYS, "isPaused": True})["nextDueAt"] is None
    assert changed(schedule=MONDAYS)["nextDueAt"] == made["nextDueAt"]
    ended = changed(schedule={"cadence": "none"})
    assert (ended["nextDueAt"], ended["schedule"]["cadence"]) == (None, "none")


def test_a_duplicate_has_a_name_of_its_own(client: TestClient, mine: Mine) -> None:
    made = kept(client, mine)
    path = f"{PATH}/{made['id']}/duplicate"
    copy = client.post(path, json={"name": "Copia"}, headers=mine.headers).json()
    assert (copy["name"], copy["definition"]) == ("Copia", made["definition"])


def test_a_deleted_report_is_gone(client: TestClient, mine: Mine) -> None:
    path = f"{PATH}/{kept(client, mine)['id']}"
    assert client.delete(path, headers=mine.headers).status_code == 204
    assert client.get(path, headers=mine.headers).status_code == 404


def test_a_report_on_another_persons_account_is_refused_as_absent(
    client: TestClient, database: Database, mine: Mine
) -> None:
    made = kept(client, mine)
    with database() as session:
        theirs = an_account(session, a_connection(session, a_user(session)))
    definition = {"accountId": str(theirs.id)}
    answers = [
        client.post(PATH, json={"name": "Suyo", "definition": definition}, headers=mine.headers),
        client.patch(f"{PATH}/{made['id']}", json={"definition": definition}, headers=mine.headers),
    ]
    assert [answer.status_code for answer in answers] == [404, 404]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"schedule": {"cadence": "hourly"}}, "schedule.cadence"),
        ({"schedule": {"cadence": "daily", "hour": 24}}, "schedule.hour"),
        ({"schedule": {"cadence": "monthly", "monthDay": 0}}, "schedule.monthDay"),
        ({"name": ""}, "name"),
        ({"definition": {"accountId": "x"}}, "definition.accountId"),
    ],
)
def test_what_means_nothing_is_refused_by_its_field(
    client: TestClient, mine: Mine, body: dict[str, Any], field: str
) -> None:
    answer = client.post(PATH, json={**mine.body(), **body}, headers=mine.headers)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["details"]["fields"]] == [field]
