"""The routes of the daily summary."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from fastapi.testclient import TestClient
from sqlmodel import Session

from tests.factories.accounts import a_user, bearer
from tests.factories.meta import a_connection, an_account
from vibekanban.core import security
from vibekanban.core.columns import new_id
from vibekanban.domains.alerts import summary

Database = Callable[[], AbstractContextManager[Session]]
SUMMARY, UNSUBSCRIBE = "/api/notifications/summary", "/api/notifications/unsubscribe"


def test_a_wish_is_kept_as_alerts(client: TestClient, database: Database) -> None:
    with database() as session:
        user = a_user(session)
        account = str(an_account(session, a_connection(session, user)).id)
        headers = bearer(session, user)
    assert client.get(SUMMARY, headers=headers).json() == {"accountIds": [], "hour": 8}
    wish = {"accountIds": [account], "hour": 21}
    assert client.put(SUMMARY, json=wish, headers=headers).json() == wish
    assert client.get(SUMMARY, headers=headers).json() == wish
    (alert,) = client.get("/api/meta/alerts", headers=headers).json()["items"]
    assert (alert["type"], alert["condition"]) == ("DAILY_SUMMARY", {})


def test_one_click_ends_the_summaries(client: TestClient, database: Database) -> None:
    with database() as session:
        user = a_user(session)
        account = an_account(session, a_connection(session, user))
        summary.subscribe(session, user.id, account_ids=[account.id], hour=8)
        token = security.sign_link(summary.UNSUBSCRIBE, user.id)
    body = {"List-Unsubscribe": "One-Click"}  # a form, as mail services send it
    for _ in range(2):
        assert client.post(UNSUBSCRIBE, params={"token": token}, data=body).status_code == 204
    with database() as session:
        assert summary.wish(session, user.id).account_ids == []


def test_looking_at_the_link_ends_nothing(client: TestClient, database: Database) -> None:
    with database() as session:
        user = a_user(session)
        account = an_account(session, a_connection(session, user))
        summary.subscribe(session, user.id, account_ids=[account.id], hour=8)
        token = security.sign_link(summary.UNSUBSCRIBE, user.id)
    answer = client.get(UNSUBSCRIBE, params={"token": token}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/unsubscribe?token={token}")
    with database() as session:
        assert summary.wish(session, user.id).account_ids == [account.id]


def test_a_link_of_nobody_is_not_found(client: TestClient, database: Database) -> None:
    for token in ("x", security.sign_link(summary.UNSUBSCRIBE, new_id())):
        assert client.post(UNSUBSCRIBE, params={"token": token}).status_code == 404
