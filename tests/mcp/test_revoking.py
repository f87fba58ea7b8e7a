"""A token is given back by clients with and without a secret, as RFC 7009 has it."""

from __future__ import annotations

import httpx
import pytest

from tests.mcp.conftest import Server
from tests.mcp.test_oauth import BACK, Person, Program, allowed, person, program, tools

__all__ = ["person", "program"]


def given_back(program: Program, token: str, **more: str) -> httpx.Response:
    return program.http.post("/oauth/revoke", data={"client_id": program.client_id, "token": token, **more})


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_client_without_a_secret_names_none(
    server: Server, program: Program, person: Person, kind: str
) -> None:
    paid = program.pay(allowed(person, program.asked())).json()
    assert given_back(program, paid[kind], token_type_hint=kind).status_code == 200
    assert tools(server, paid["access_token"]).status_code == 401
    again = program.paid(grant_type="refresh_token", refresh_token=paid["refresh_token"])
    assert again.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_a_client_with_a_secret_must_show_it(server: Server, program: Program, method: str) -> None:
    made = program.http.post(
        "/oauth/register", json={"redirect_uris": [BACK], "token_endpoint_auth_method": method}
    ).json()
    secret = made["client_secret"]
    asked = Program(program.http, made["client_id"], program.verifier)
    assert given_back(asked, "x").status_code == 401
    assert given_back(asked, "x", client_secret="").status_code == 401
    shown = (
        given_back(asked, "x", client_secret=secret)
        if method == "client_secret_post"
        else program.http.post(
            "/oauth/revoke", data={"client_id": asked.client_id, "token": "x"}, auth=(asked.client_id, secret)
        )
    )
    assert shown.status_code == 200


def test_a_form_of_another_kind_is_refused(program: Program) -> None:
    answer = program.http.post("/oauth/revoke", json={"client_id": program.client_id, "token": "x"})
    assert answer.status_code in {400, 401}
