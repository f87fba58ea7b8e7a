"""The account routes over real commits."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import select

from tests.factories.accounts import PASSWORD, a_browser_session, a_session, a_user, bearer
from vibekanban.domains.accounts import links, sessions
from vibekanban.domains.accounts.models import Purpose, Role, User
from vibekanban.domains.notifications.models import Email

TANIA = {"email": " Tania@Example.com ", "name": "Tania Ríos", "password": PASSWORD}
NEW = "una frase muy distinta"


def _with(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def user(database: Any) -> User:
    with database() as session:
        return a_user(session)


@pytest.fixture
def token(database: Any, user: User) -> str:
    with database() as session:
        return a_session(session, user).token


def test_registering_answers_a_token_that_works(client: TestClient) -> None:
    answer = client.post("/api/auth/register", json=TANIA)
    assert answer.status_code == 201
    assert answer.json()["expiresAt"].endswith("Z")
    me = client.get("/api/auth/me", headers=_with(answer.json()["token"])).json()
    assert me == answer.json()["user"]
    assert (me["email"], me["role"], me["isVerified"]) == ("tania@example.com", "TRAFICER", False)


def test_registering_queues_the_e_mail_in_the_callers_language(client: TestClient, database: Any) -> None:
    client.post("/api/auth/register", json=TANIA, headers={"Accept-Language": "en-GB,en;q=0.9"})
    with database() as session:
        email = session.exec(select(Email)).one()
    assert (email.kind, email.to_email, email.locale) == ("verify_email", "tania@example.com", "en")


def test_an_address_registers_once(client: TestClient) -> None:
    client.post("/api/auth/register", json=TANIA)
    again = client.post("/api/auth/register", json={**TANIA, "email": "TANIA@example.com"})
    assert (again.status_code, again.json()["code"]) == (409, "email_taken")


def test_no_role_is_taken_that_must_be_given(client: TestClient) -> None:
    answer = client.post("/api/auth/register", json={**TANIA, "role": "ADMIN"})
    assert answer.status_code == 422
    assert answer.json()["details"]["fields"][0]["field"] == "role"


def test_a_weak_password_is_a_field_error(client: TestClient) -> None:
    answer = client.post("/api/auth/register", json={**TANIA, "password": "corta"})
    assert answer.status_code == 422
    assert answer.json()["details"]["fields"] == [
        {"field": "password", "message": "Usa al menos 10 caracteres."}
    ]


def test_a_commit_that_fails_is_never_a_success(client: TestClient, database: Any) -> None:
    with database() as session:
        session.execute(
            text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'no'; END $$"
            )
        )
        session.execute(
            text(
                "CREATE CONSTRAINT TRIGGER refused AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED"
                " FOR EACH ROW EXECUTE FUNCTION refuse()"
            )
        )
    try:
        answer = client.post("/api/auth/register", json=TANIA)
    finally:
        with database() as session:
            session.execute(text("DROP TRIGGER refused ON users"))
            session.execute(text("DROP FUNCTION refuse"))
    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
    with database() as session:
        assert session.exec(select(User)).all() == []


def test_signing_in_answers_a_token(client: TestClient, user: User) -> None:
    answer = client.post("/api/auth/login", json={"email": user.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert client.get("/api/auth/me", headers=_with(answer.json()["token"])).status_code == 200


def test_a_wrong_password_is_401_and_the_sixth_429(client: TestClient, user: User) -> None:
    body = {"email": user.email, "password": "no es esta"}
    assert [client.post("/api/auth/login", json=body).status_code for _ in range(5)] == [401] * 5
    locked = client.post("/api/auth/login", json={**body, "password": PASSWORD})
    assert (locked.status_code, locked.json()["code"]) == (429, "sign_in_locked")
    assert locked.headers["Retry-After"] == str(locked.json()["retryAfter"])


def test_signing_out_kills_the_token_at_once(client: TestClient, token: str) -> None:
    assert client.post("/api/auth/logout", headers=_with(token)).status_code == 204
    assert client.get("/api/auth/me", headers=_with(token)).status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic dTpw", "Bearer a.b.c"])
def test_without_a_good_token_nobody_is_signed_in(client: TestClient, header: str) -> None:
    answer = client.get("/api/auth/me", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_ones_profile_can_be_changed(client: TestClient, token: str) -> None:
    changed = client.patch("/api/auth/me", json={"name": "Ana", "locale": "en"}, headers=_with(token))
    assert (changed.json()["name"], changed.json()["locale"]) == ("Ana", "en")


def test_the_link_of_the_e_mail_verifies_the_address(client: TestClient, database: Any, token: str) -> None:
    with database() as session:
        person = a_user(session, is_verified=False)
        link = links.make(session, person.id, Purpose.VERIFY_EMAIL)
    assert client.post("/api/auth/verify-email", json={"token": link}).status_code == 204
    again = client.post("/api/auth/verify-email", json={"token": link})
    assert (again.status_code, again.json()["code"]) == (422, "link_expired")


def test_a_lost_link_is_sent_again(client: TestClient, database: Any) -> None:
    with database() as session:
        signed_in = bearer(session, a_user(session, is_verified=False))
    assert client.post("/api/auth/verify-email/resend", headers=signed_in).status_code == 202
    with database() as session:
        assert session.exec(select(Email)).one().kind == "verify_email"


def test_a_forgotten_password_answers_everybody_the_same(client: TestClient, user: User) -> None:
    answers = [
        client.post("/api/auth/forgot-password", json={"email": email})
        for email in (user.email, "nadie@example.com")
    ]
    assert [(answer.status_code, answer.content) for answer in answers] == [(202, answers[0].content)] * 2


def test_the_link_sets_a_new_password(client: TestClient, database: Any, user: User, token: str) -> None:
    with database() as session:
        link = links.make(session, user.id, Purpose.RESET_PASSWORD)
    weak = client.post("/api/auth/reset-password", json={"token": link, "password": "corta"})
    assert weak.status_code == 422
    done = client.post("/api/auth/reset-password", json={"token": link, "password": NEW})
    assert done.status_code == 204
    assert client.get("/api/auth/me", headers=_with(token)).status_code == 401
    again = client.post("/api/auth/login", json={"email": user.email, "password": NEW})
    assert again.status_code == 200


def test_a_password_is_changed_with_the_current_one(client: TestClient, user: User, token: str) -> None:
    body = {"currentPassword": "no es esta", "password": NEW}
    assert client.post("/api/auth/password", json=body, headers=_with(token)).status_code == 422
    right = client.post(
        "/api/auth/password", json={**body, "currentPassword": PASSWORD}, headers=_with(token)
    )
    assert right.status_code == 204
    assert client.get("/api/auth/me", headers=_with(token)).status_code == 200


def test_one_sees_and_ends_ones_own_sessions(
    client: TestClient, database: Any, user: User, token: str
) -> None:
    with database() as session:
        a_browser_session(session, user)
        a_session(session, a_user(session))
    listed = client.get("/api/auth/sessions", headers=_with(token)).json()["items"]
    assert sorted(found["current"] for found in listed) == [False, True]
    other = next(found["id"] for found in listed if not found["current"])
    assert client.delete(f"/api/auth/sessions/{other}", headers=_with(token)).status_code == 204
    assert len(client.get("/api/auth/sessions", headers=_with(token)).json()["items"]) == 1


def test_all_other_sessions_end_together(client: TestClient, database: Any, user: User, token: str) -> None:
    with database() as session:
        cookie = a_browser_session(session, user)
    assert client.delete("/api/auth/sessions", headers=_with(token)).status_code == 204
    assert client.get("/api/auth/me", headers=_with(token)).status_code == 200
    client.cookies.set(sessions.cookie_name(), cookie)
    assert client.get("/api/auth/me").status_code == 401


@pytest.mark.parametrize("which", ["another's", "nobody's", "no id"])
def test_a_session_that_is_not_ones_own_is_not_found(
    client: TestClient, database: Any, token: str, which: str
) -> None:
    with database() as session:
        theirs = a_session(session, a_user(session))
    target = {"another's": theirs.session.id, "nobody's": uuid.uuid4(), "no id": "7"}[which]
    assert client.delete(f"/api/auth/sessions/{target}", headers=_with(token)).status_code == 404
    assert client.get("/api/auth/me", headers=_with(theirs.token)).status_code == 200


def test_the_cookie_signs_in_too(client: TestClient, database: Any, user: User) -> None:
    with database() as session:
        client.cookies.set(sessions.cookie_name(), a_browser_session(session, user))
    assert client.get("/api/auth/me").json()["id"] == str(user.id)


# -- administrators


@pytest.fixture
def admin(database: Any) -> dict[str, str]:
    with database() as session:
        return bearer(session, a_user(session, role=Role.ADMIN, name="Zoe"))


def test_only_administrators_search_people(client: TestClient, token: str) -> None:
    answer = client.get("/api/users", headers=_with(token))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_people_are_listed_page_by_page(client: TestClient, database: Any, admin: dict[str, str]) -> None:
    with database() as session:
        made = [str(a_user(session, name="Tocaya").id) for _ in range(3)]
    first = client.get("/api/users", params={"q": "tocaya", "limit": 2}, headers=admin).json()
    cursor = first["nextCursor"]
    rest = client.get("/api/users", params={"q": "tocaya", "limit": 2, "cursor": cursor}, headers=admin)
    assert [found["id"] for found in first["items"] + rest.json()["items"]] == made[::-1]
    assert rest.json()["nextCursor"] is None


def test_a_made_up_cursor_is_malformed(client: TestClient, admin: dict[str, str]) -> None:
    answer = client.get("/api/users", params={"cursor": "ñ"}, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


def test_an_administrator_changes_a_role_and_lets_people_out(
    client: TestClient, admin: dict[str, str], user: User, token: str
) -> None:
    changed = client.patch(f"/api/users/{user.id}", json={"role": "EMPRESARIO"}, headers=admin)
    assert changed.json()["role"] == "EMPRESARIO"
    out = client.patch(f"/api/users/{user.id}", json={"isActive": False}, headers=admin)
    assert out.json()["isActive"] is False
    assert client.get("/api/auth/me", headers=_with(token)).status_code == 401


@pytest.mark.parametrize("role", ["ESTRATEGA", "ADMIN"])
def test_roles_with_power_are_not_given_by_the_api(
    client: TestClient, admin: dict[str, str], user: User, role: str
) -> None:
    answer = client.patch(f"/api/users/{user.id}", json={"role": role}, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "role_not_grantable")
