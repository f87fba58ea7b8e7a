"""What other sites' pages can not do with a browser that is signed in here."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.factories.accounts import PASSWORD, a_browser_session, a_user, bearer
from vibekanban.domains.accounts import sessions


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://localhost:8000"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({}, 403),
    ],
)
def test_a_write_with_the_cookie_comes_from_our_pages(
    client: TestClient, database: Any, headers: dict[str, str], status: int
) -> None:
    with database() as session:
        client.cookies.set(sessions.cookie_name(), a_browser_session(session, a_user(session)))
    answer = client.post("/api/notifications/read", headers=headers)
    assert answer.status_code == status


ODD = ("a/b=c; ", 'prefs={"a": "b"}; ', "path/x=1; tracking@id=2; ")


@pytest.mark.parametrize("odd", ODD)
def test_a_cookie_of_somebody_else_hides_ours_from_no_check(
    client: TestClient, database: Any, odd: str
) -> None:
    with database() as session:
        ours = f"{sessions.cookie_name()}={a_browser_session(session, a_user(session))}"
    headers = {"Cookie": odd + ours}
    assert client.get("/api/auth/me", headers=headers).status_code == 200
    foreign = {**headers, "Origin": "https://evil.example"}
    assert client.post("/api/notifications/read", headers=foreign).status_code == 403


def test_a_write_with_a_token_comes_from_anywhere(client: TestClient, database: Any) -> None:
    with database() as session:
        headers = bearer(session, a_user(session))
    answer = client.post("/api/notifications/read", headers={**headers, "Origin": "https://n8n.example"})
    assert answer.status_code == 200


def test_another_sites_page_signs_nobody_in(client: TestClient, database: Any) -> None:
    with database() as session:
        body = {"email": a_user(session).email, "password": PASSWORD}
    foreign = client.post("/auth/sign-in", json=body, headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_origin")
    ours = client.post("/auth/sign-in", json=body, headers={"Origin": "http://localhost:8000"})
    assert ours.status_code == 200
