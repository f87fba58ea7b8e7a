"""The inbox routes."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.factories.accounts import a_user, bearer
from tests.factories.notifications import a_notification
from vibekanban.domains.accounts.models import User


@pytest.fixture
def user(database: Any) -> User:
    with database() as session:
        return a_user(session)


@pytest.fixture
def signed_in(database: Any, user: User) -> dict[str, str]:
    with database() as session:
        return bearer(session, user)


def test_the_inbox_is_ones_own_and_newest_first(
    client: TestClient, database: Any, user: User, signed_in: dict[str, str]
) -> None:
    with database() as session:
        first, second = a_notification(session, user), a_notification(session, user)
        a_notification(session, a_user(session))
    answer = client.get("/api/notifications", headers=signed_in).json()
    assert [line["id"] for line in answer["items"]] == [str(second.id), str(first.id)]
    assert answer["unread"] == 2


def test_the_inbox_has_pages(
    client: TestClient, database: Any, user: User, signed_in: dict[str, str]
) -> None:
    with database() as session:
        made = [str(a_notification(session, user).id) for _ in range(3)]
    first = client.get("/api/notifications", params={"limit": 2}, headers=signed_in).json()
    rest = client.get(
        "/api/notifications", params={"limit": 2, "cursor": first["nextCursor"]}, headers=signed_in
    ).json()
    assert [line["id"] for line in first["items"] + rest["items"]] == made[::-1]
    assert rest["nextCursor"] is None


def test_lines_speak_the_callers_language(
    client: TestClient, database: Any, user: User, signed_in: dict[str, str]
) -> None:
    with database() as session:
        a_notification(session, user)
    titles = {
        client.get("/api/notifications", headers={**signed_in, "Accept-Language": locale}).json()["items"][0][
            "title"
        ]
        for locale in ("es", "en")
    }
    assert len(titles) == 2


def test_lines_are_marked_read_one_by_one_or_all(
    client: TestClient, database: Any, user: User, signed_in: dict[str, str]
) -> None:
    with database() as session:
        made = [str(a_notification(session, user).id) for _ in range(3)]
    one = client.post("/api/notifications/read", json={"ids": made[:1]}, headers=signed_in)
    assert one.json() == {"unread": 2}
    unread = client.get("/api/notifications", params={"unread": True}, headers=signed_in).json()
    assert [line["id"] for line in unread["items"]] == made[:0:-1]
    assert client.post("/api/notifications/read", headers=signed_in).json() == {"unread": 0}


def test_anothers_line_stays_unread(client: TestClient, database: Any, signed_in: dict[str, str]) -> None:
    with database() as session:
        other = a_user(session)
        theirs = a_notification(session, other)
        others = bearer(session, other)
    client.post("/api/notifications/read", json={"ids": [str(theirs.id)]}, headers=signed_in)
    assert client.get("/api/notifications", headers=others).json()["unread"] == 1


def test_the_inbox_needs_a_session(client: TestClient) -> None:
    assert client.get("/api/notifications").status_code == 401
    assert client.post("/api/notifications/read").status_code == 401
