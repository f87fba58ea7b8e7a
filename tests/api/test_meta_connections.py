"""Connecting, listing and disconnecting over HTTP, and what Meta itself calls."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from tests.conftest import Sandbox
from tests.domains.meta.meta_sandbox import calls, came_back, fault, kill, minted, queued
from tests.factories.accounts import a_browser_session, a_user, bearer
from tests.factories.meta import a_connection, an_account
from tests.mcp.conftest import Database
from vibekanban.core.queue import Job
from vibekanban.core.settings import settings
from vibekanban.domains.accounts import sessions
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta import deletions
from vibekanban.domains.meta.models import ConnectionStatus, MetaAccount, MetaConnection
from vibekanban.domains.notifications.models import Notification
from workers import meta_connections

CONNECT = "/api/meta/auth/connect"
ACCOUNTS = "/api/meta/auth/accounts"
SCOPES = ("ads_read", "ads_management", "business_management")


@dataclass(frozen=True)
class Person:
    """Somebody signed in with a token, and with a browser."""

    id: UUID
    headers: dict[str, str]
    cookie: dict[str, str]


@pytest.fixture
def person(client: TestClient, database: Database) -> Person:
    with database() as session:
        user = a_user(session)
        cookie = {"cookie": f"{sessions.cookie_name()}={a_browser_session(session, user)}"}
        return Person(user.id, bearer(session, user), cookie)


def began(client: TestClient, person: Person, language: str = "es") -> str:
    answer = client.post(
        CONNECT, json={"permissions": "manage"}, headers={**person.headers, "accept-language": language}
    )
    assert answer.status_code == 200
    return answer.json()["authorizeUrl"]


def returned(client: TestClient, headers: dict[str, str], location: str) -> str:
    """Where the browser goes after Meta sent it back."""
    path = location.removeprefix(settings().origin)
    answer = client.get(path, headers=headers, follow_redirects=False)
    assert answer.status_code == 303
    return answer.headers["location"]


def approve(client: TestClient, person: Person, language: str = "es", **values: Any) -> str:
    given: dict[str, Any] = {"person": "lucia", "scopes": SCOPES, "answer": "yes", **values}
    return returned(client, person.cookie, came_back(began(client, person, language), **given))


def paste(client: TestClient, person: Person, token: str, **headers: str) -> Any:
    body = {"mode": "system_user", "accessToken": token, "permissions": "manage"}
    return client.post(CONNECT, json=body, headers={**person.headers, **headers})


# -- the dialog


@pytest.mark.parametrize(("language", "page"), [("es", "/app/accounts"), ("en", "/en/app/accounts")])
def test_consent_leads_back_to_the_accounts_page(
    client: TestClient, sandbox: Sandbox, person: Person, language: str, page: str
) -> None:
    assert approve(client, person, language) == f"{page}?connected=1"


def test_after_consent_a_job_finds_the_accounts(client: TestClient, sandbox: Sandbox, person: Person) -> None:
    approve(client, person)
    ((connection_id,),) = queued(Job.DISCOVER_ACCOUNTS)
    meta_connections.discover_accounts(connection_id)
    (item,) = client.get(ACCOUNTS, headers=person.headers).json()["items"]
    assert {name: item[name] for name in ("name", "currency", "timezone", "status", "permissions")} == {
        "name": "Casa Verde · Tienda online",
        "currency": "EUR",
        "timezone": "Europe/Madrid",
        "status": "active",
        "permissions": "manage",
    }
    assert item["expiresAt"].endswith("Z")
    assert item["lastSyncedAt"] is None


@pytest.mark.parametrize(
    ("values", "code"),
    [({"answer": "no"}, "oauth_denied"), ({"scopes": ("business_management",)}, "oauth_scopes_missing")],
)
def test_without_consent_the_page_is_told_why(
    client: TestClient, sandbox: Sandbox, person: Person, values: dict[str, Any], code: str
) -> None:
    assert approve(client, person, "en", **values) == f"/en/app/accounts?error={code}"


def test_a_forged_return_connects_nothing(client: TestClient, sandbox: Sandbox, person: Person) -> None:
    location = "/api/auth/meta/callback?state=vko_forged&code=AQforged"
    assert returned(client, person.cookie, location) == "/app/accounts?error=oauth_state_expired"
    assert calls(sandbox) == []


def test_coming_back_signed_out_leads_to_the_page_that_asks_to_sign_in(
    client: TestClient, sandbox: Sandbox, person: Person
) -> None:
    location = came_back(began(client, person), person="lucia", scopes=SCOPES, answer="yes")
    assert returned(client, {}, location) == "/app/accounts?error=not_signed_in"


def test_meta_being_down_on_the_way_back_is_told(
    client: TestClient, sandbox: Sandbox, person: Person
) -> None:
    fault(sandbox, "html502", path="oauth/access_token")
    assert approve(client, person) == "/app/accounts?error=meta_unreachable"


# -- pasted tokens


def test_a_pasted_token_answers_with_its_accounts(
    client: TestClient, sandbox: Sandbox, person: Person
) -> None:
    answer = paste(client, person, minted(sandbox, "agencia"))
    assert answer.status_code == 200
    assert (answer.json()["authorizeUrl"], len(answer.json()["accounts"])) == (None, 60)


def test_a_repeat_under_a_key_asks_meta_nothing(client: TestClient, sandbox: Sandbox, person: Person) -> None:
    token = minted(sandbox)
    first = paste(client, person, token, **{"Idempotency-Key": "once"})
    before = len(calls(sandbox))
    again = paste(client, person, token, **{"Idempotency-Key": "once"})
    assert again.json() == first.json()
    assert len(calls(sandbox)) == before


@pytest.mark.parametrize(
    ("token", "code", "status"), [("EAAnonsense", "meta_foreign_token", 422), ("  ", "invalid", 422)]
)
def test_a_bad_token_is_refused_without_being_repeated(
    client: TestClient, sandbox: Sandbox, person: Person, token: str, code: str, status: int
) -> None:
    answer = paste(client, person, token)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["details"]["fields"][0]["field"] == "accessToken"
    assert "EAAnonsense" not in answer.text


def test_meta_being_down_is_a_502_that_names_it(client: TestClient, sandbox: Sandbox, person: Person) -> None:
    fault(sandbox, "html502", path="debug_token")
    answer = paste(client, person, minted(sandbox))
    assert (answer.status_code, answer.json()["code"]) == (502, "meta_unreachable")
    assert answer.json()["details"]["service"] == "meta"


# -- the list


def test_accounts_come_in_pages(client: TestClient, database: Database, person: Person) -> None:
    with database() as session:
        connection = a_connection(session, _user(session, person))
        made = {str(an_account(session, connection).id) for _ in range(5)}
    seen: list[str] = []
    cursor = ""
    while True:
        page = client.get(f"{ACCOUNTS}?limit=2{cursor}", headers=person.headers).json()
        seen += [item["id"] for item in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert (len(seen), set(seen)) == (5, made)


def test_a_lost_connection_shows_on_its_accounts(
    client: TestClient, sandbox: Sandbox, person: Person
) -> None:
    token = minted(sandbox)
    connection_id = paste(client, person, token).json()["connectionId"]
    kill(sandbox, token)
    meta_connections.check_connection(connection_id)
    (item,) = client.get(ACCOUNTS, headers=person.headers).json()["items"]
    assert item["status"] == "needs_reauth"


# -- disconnecting


def test_disconnecting_answers_at_once_though_meta_is_down(
    client: TestClient, sandbox: Sandbox, database: Database, person: Person
) -> None:
    (account,) = paste(client, person, minted(sandbox)).json()["accounts"]
    fault(sandbox, "hang", times=-1, seconds=5)
    answer = client.delete(f"/api/meta/auth/disconnect/{account['id']}", headers=person.headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(ACCOUNTS, headers=person.headers).json()["items"] == []
    with database() as session:
        (connection,) = session.exec(select(MetaConnection)).all()
    assert connection.status is ConnectionStatus.REVOKED
    assert queued(Job.REVOKE_CONNECTION) == [(str(connection.id),)]


def test_disconnecting_again_is_a_404_or_the_first_answer_under_its_key(
    client: TestClient, database: Database, person: Person
) -> None:
    with database() as session:
        account_id = an_account(session, a_connection(session, _user(session, person))).id
    target = f"/api/meta/auth/disconnect/{account_id}"
    keyed = {**person.headers, "Idempotency-Key": "leave"}
    codes = [client.delete(target, headers=headers).status_code for headers in (keyed, keyed, person.headers)]
    assert codes == [204, 204, 404]


def test_somebody_elses_account_is_not_found(client: TestClient, database: Database, person: Person) -> None:
    with database() as session:
        account_id = an_account(session, a_connection(session, a_user(session))).id
    answer = client.delete(f"/api/meta/auth/disconnect/{account_id}", headers=person.headers)
    assert answer.status_code == 404
    with database() as session:
        assert session.get(MetaAccount, account_id) is not None


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", CONNECT), ("GET", ACCOUNTS), ("DELETE", f"/api/meta/auth/disconnect/{UUID(int=1)}")],
)
def test_nobody_gets_in_without_signing_in(client: TestClient, method: str, path: str) -> None:
    body = {} if method == "POST" else None
    assert client.request(method, path, json=body).status_code == 401


# -- what Meta calls


def signed(user_id: str, *, secret: str | None = None) -> dict[str, str]:
    claim = json.dumps({"algorithm": "HMAC-SHA256", "user_id": user_id}).encode()
    payload = base64.urlsafe_b64encode(claim).rstrip(b"=")
    key = (secret or settings().meta_app_secret).encode()
    digest = base64.urlsafe_b64encode(hmac.new(key, payload, hashlib.sha256).digest()).rstrip(b"=")
    return {"signed_request": f"{digest.decode()}.{payload.decode()}"}


@pytest.fixture
def connected(database: Database, person: Person) -> MetaConnection:
    with database() as session:
        connection = a_connection(session, _user(session, person))
        an_account(session, connection)
        return connection


def test_a_person_who_removed_our_app_is_told_once(
    client: TestClient, database: Database, connected: MetaConnection
) -> None:
    for _ in range(2):
        answer = client.post("/api/meta/deauthorize", data=signed(connected.meta_user_id))
        assert answer.status_code == 204
    with database() as session:
        assert session.get_one(MetaConnection, connected.id).status is ConnectionStatus.NEEDS_REAUTH
        assert len(session.exec(select(Notification)).all()) == 1


def test_a_person_who_wants_their_data_gone_gets_a_code(
    client: TestClient, database: Database, connected: MetaConnection
) -> None:
    answer = client.post("/api/meta/data-deletion", data=signed(connected.meta_user_id))
    assert answer.status_code == 200
    assert set(answer.json()) == {"url", "confirmation_code"}
    with database() as session:
        assert session.exec(select(MetaConnection)).all() == []
        assert session.exec(select(MetaAccount)).all() == []
    assert len(queued(Job.FORGET_METRICS)) == 1


def test_the_answer_to_a_deletion_says_where_it_can_be_followed(
    client: TestClient, database: Database, connected: MetaConnection
) -> None:
    answer = client.post("/api/meta/data-deletion", data=signed(connected.meta_user_id)).json()
    assert answer["url"] == f"{settings().origin}/data-deletion?code={answer['confirmation_code']}"
    with database() as session:
        found = deletions.deletion(session, answer["confirmation_code"])
    assert found is not None
    assert (found.finished_at, len(found.remaining)) == (None, 1)


@pytest.mark.parametrize("path", ["/api/meta/deauthorize", "/api/meta/data-deletion"])
def test_a_request_that_meta_did_not_sign_changes_nothing(
    client: TestClient, database: Database, connected: MetaConnection, path: str
) -> None:
    for form in (signed(connected.meta_user_id, secret="another"), {}):
        assert client.post(path, data=form).status_code == 400
    with database() as session:
        assert session.get_one(MetaConnection, connected.id).status is ConnectionStatus.ACTIVE


def _user(session: Session, person: Person) -> User:
    return session.get_one(User, person.id)
