"""An interactive client without a token: metadata, registration, consent, code with PKCE, refresh, revocation."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import select

from tests.factories.access import a_token
from tests.factories.accounts import a_browser_session, a_user
from tests.factories.meta import a_connection, an_account
from tests.mcp.conftest import Database, Server
from vibekanban.core import columns
from vibekanban.core.settings import settings
from vibekanban.domains.access import tokens
from vibekanban.domains.access.models import McpToken
from vibekanban.domains.accounts import sessions
from vibekanban.domains.meta.models import MetaAccount

BACK = "http://localhost:6274/oauth/callback"


@dataclass
class Person:
    """Somebody signed in in a browser, with an account."""

    http: httpx.Client
    account_id: str


@pytest.fixture
def person(server: Server, database: Database) -> Person:
    with database() as session:
        user = a_user(session)
        account = an_account(session, a_connection(session, user))
        cookie = a_browser_session(session, user)
    http = httpx.Client(
        base_url=server.url, cookies={sessions.cookie_name(): cookie}, headers={"Origin": settings().origin}
    )
    return Person(http, str(account.id))


@dataclass
class Program:
    """A registered client."""

    http: httpx.Client
    client_id: str
    verifier: str

    def ask(self, **more: str) -> httpx.Response:
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        )
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": BACK,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "state": "estado",
            **more,
        }
        return self.http.get("/oauth/authorize", params=query)

    def asked(self, **more: str) -> str:
        """The id of the question that the browser carries."""
        return parse_qs(urlsplit(self.ask(**more).headers["location"]).query)["request"][0]

    def paid(self, **form: str) -> httpx.Response:
        return self.http.post("/oauth/token", data={"client_id": self.client_id, **form})

    def pay(self, code: str, verifier: str = "") -> httpx.Response:
        return self.paid(
            grant_type="authorization_code",
            code=code,
            redirect_uri=BACK,
            code_verifier=verifier or self.verifier,
        )


@pytest.fixture
def program(server: Server) -> Program:
    http = httpx.Client(base_url=server.url, timeout=30)
    made = registered(http)
    assert made.status_code == 201
    return Program(http, made.json()["client_id"], secrets.token_urlsafe(48))


def registered(http: httpx.Client, uri: str = BACK) -> httpx.Response:
    return http.post(
        "/oauth/register",
        json={"client_name": "Inspector", "redirect_uris": [uri], "token_endpoint_auth_method": "none"},
    )


def allowed(person: Person, request_id: str, scopes: tuple[str, ...] = ("read",)) -> str:
    """The code that the browser brings back."""
    answer = person.http.post(
        f"/api/oauth/requests/{request_id}/allow",
        json={"accountIds": [person.account_id], "scopes": list(scopes)},
    )
    query = parse_qs(urlsplit(answer.raise_for_status().json()["next"]).query)
    assert query["state"] == ["estado"]
    return query["code"][0]


def tools(server: Server, token: str) -> httpx.Response:
    with server.http(token) as http:
        return http.get("/api/mcp/tools")


def test_a_client_that_is_refused_learns_who_gives_tokens(server: Server) -> None:
    with server.http() as http:
        refused = http.post("/mcp", json={})
        assert refused.status_code == 401
        assert "/.well-known/oauth-protected-resource/mcp" in refused.headers["www-authenticate"]
        resource = http.get("/.well-known/oauth-protected-resource/mcp").json()
        metadata = http.get("/.well-known/oauth-authorization-server/oauth").json()
    assert resource["authorization_servers"] == [metadata["issuer"]]
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["registration_endpoint"].endswith("/oauth/register")


def test_a_person_gives_a_program_a_token_for_what_they_chose(
    server: Server, program: Program, person: Person
) -> None:
    paid = program.pay(allowed(person, program.asked(), ("read", "pause"))).raise_for_status().json()
    assert paid["scope"] == "read pause"
    names = {tool["name"] for tool in tools(server, paid["access_token"]).json()["items"]}
    assert {"list_campaigns", "pause_campaign"} <= names
    assert "resume_campaign" not in names


def test_a_code_is_paid_out_once(program: Program, person: Person) -> None:
    code = allowed(person, program.asked())
    assert program.pay(code).status_code == 200
    assert program.pay(code).json()["error"] == "invalid_grant"


def test_a_code_is_worth_nothing_without_its_verifier(program: Program, person: Person) -> None:
    code = allowed(person, program.asked())
    assert program.pay(code, secrets.token_urlsafe(48)).json()["error"] == "invalid_grant"


def test_a_code_of_one_client_is_worth_nothing_to_another(
    server: Server, program: Program, person: Person
) -> None:
    code = allowed(person, program.asked())
    other = Program(program.http, registered(program.http).json()["client_id"], program.verifier)
    assert other.pay(code).json()["error"] == "invalid_grant"


def test_a_refresh_gives_a_new_secret_and_kills_the_old_one(
    server: Server, program: Program, person: Person
) -> None:
    first = program.pay(allowed(person, program.asked())).json()
    second = program.paid(grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert tools(server, second["access_token"]).status_code == 200
    assert tools(server, first["access_token"]).status_code == 401
    again = program.paid(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert again.json()["error"] == "invalid_grant"


def test_a_token_given_back_is_dead(server: Server, program: Program, person: Person) -> None:
    paid = program.pay(allowed(person, program.asked())).json()
    given = {"client_id": program.client_id, "token": paid["access_token"]}
    assert program.http.post("/oauth/revoke", data=given).status_code == 200
    assert tools(server, paid["access_token"]).status_code == 401


def test_a_person_may_say_no(program: Program, person: Person) -> None:
    answer = person.http.post(f"/api/oauth/requests/{program.asked()}/deny").json()
    assert parse_qs(urlsplit(answer["next"]).query)["error"] == ["access_denied"]


def test_a_question_is_answered_once(program: Program, person: Person) -> None:
    asked = program.asked()
    person.http.post(f"/api/oauth/requests/{asked}/deny")
    body = {"accountIds": [person.account_id], "scopes": ["read"]}
    assert person.http.post(f"/api/oauth/requests/{asked}/allow", json=body).status_code == 404


def test_nobody_gives_away_anothers_account(database: Database, program: Program, person: Person) -> None:
    with database() as session:
        other = an_account(session, a_connection(session, a_user(session)))
    body = {"accountIds": [str(other.id)], "scopes": ["read"]}
    assert person.http.post(f"/api/oauth/requests/{program.asked()}/allow", json=body).status_code == 422


def test_a_program_gets_no_more_than_it_asked_for(program: Program, person: Person) -> None:
    asked = program.asked(scope="read")
    body = {"accountIds": [person.account_id], "scopes": ["read", "pause"]}
    assert person.http.post(f"/api/oauth/requests/{asked}/allow", json=body).status_code == 422


def test_a_program_is_sent_back_only_where_it_registered(program: Program) -> None:
    assert program.ask(redirect_uri="https://evil.example/cb").status_code == 400


@pytest.mark.parametrize(
    "uri", ["javascript:alert(1)", "http://evil.example/cb", "data:text/html,x", "https://x.example/cb#f"]
)
def test_a_place_that_could_leak_the_code_is_not_registered(server: Server, uri: str) -> None:
    with httpx.Client(base_url=server.url) as http:
        assert registered(http, uri).status_code == 400


def test_the_owner_can_stop_what_they_gave(
    server: Server, database: Database, program: Program, person: Person
) -> None:
    paid = program.pay(allowed(person, program.asked())).json()
    items: list[dict[str, Any]] = person.http.get("/api/mcp/tokens").json()["items"]
    assert person.http.delete(f"/api/mcp/tokens/{items[0]['id']}").status_code == 204
    assert tools(server, paid["access_token"]).status_code == 401
    refused = program.paid(grant_type="refresh_token", refresh_token=paid["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"
    with database() as session:
        assert session.get_one(McpToken, UUID(items[0]["id"])).revoked_at


def test_tokens_that_ended_by_themselves_keep_nobody_from_a_new_one(
    database: Database, program: Program, person: Person
) -> None:
    first = program.pay(allowed(person, program.asked())).json()
    with database() as session:
        token = session.exec(select(McpToken)).one()
        for number in range(tokens.MOST - 1):
            a_token(session, token.user_id, name=f"Gone {number}", account_ids=token.account_ids)
        over = columns.now() - timedelta(seconds=1)
        session.execute(update(McpToken).values(expires_at=over))
    assert program.pay(allowed(person, program.asked())).status_code == 200
    renewed = program.paid(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert renewed.status_code == 200


def test_who_has_too_many_tokens_is_refused_as_the_protocol_says(
    database: Database, program: Program, person: Person
) -> None:
    code = allowed(person, program.asked())
    with database() as session:
        account = session.get_one(MetaAccount, UUID(person.account_id))
        for number in range(tokens.MOST):
            a_token(session, account.user_id, name=f"Live {number}", account_ids=[account.id])
    refused = program.pay(code)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "more",
    [
        {"state": "x" * 2001},
        {"state": "\x00"},
        {"code_challenge": "x" * 201},
        {"resource": "https://x.example/mcp?" + "x" * 2000},
        {"scope": "read\x00"},
    ],
)
def test_a_question_with_odd_values_is_refused_and_not_stumbled_over(
    program: Program, more: dict[str, str]
) -> None:
    answer = program.ask(**more)
    said = parse_qs(urlsplit(answer.headers["location"]).query)
    assert said["error"][0] in {"invalid_request", "invalid_scope"}


def test_an_impossible_client_is_an_unknown_one(program: Program) -> None:
    assert program.ask(client_id="a\x00b").status_code == 400
    assert program.paid(client_id="a\x00b", grant_type="refresh_token", refresh_token="x").status_code == 401


def test_a_client_does_not_describe_itself_at_length(server: Server) -> None:
    with httpx.Client(base_url=server.url) as http:
        told = {"client_name": "x" * 100_000, "redirect_uris": [BACK], "token_endpoint_auth_method": "none"}
        refused = http.post("/oauth/register", json=told)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client_metadata")
