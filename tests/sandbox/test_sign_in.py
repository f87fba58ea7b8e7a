"""Signing in at the sandbox: the dialog, codes, tokens and what becomes of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.conftest import Sandbox
from tests.sandbox.conftest import REDIRECT, Caller, SignIn, first_account, refusal
from vibekanban.core.settings import settings


def dialog(sandbox: Sandbox, **changed: str) -> httpx.Response:
    query = {
        "client_id": settings().meta_app_id,
        "redirect_uri": REDIRECT,
        "state": "x",
        "scope": "ads_read",
        **changed,
    }
    return httpx.get(f"{sandbox.url}/v26.0/dialog/oauth", params=query)


def answered(sandbox: Sandbox, **changed: Any) -> dict[str, str]:
    form = {
        "client_id": settings().meta_app_id, "redirect_uri": REDIRECT, "state": "x", "scope": ["ads_read"],
        "person": "lucia", "answer": "yes", **changed,
    }  # fmt: skip
    back = httpx.post(f"{sandbox.url}/v26.0/dialog/oauth", data=form)
    return {name: values[0] for name, values in parse_qs(urlsplit(back.headers["location"]).query).items()}


def bought(sandbox: Sandbox, code: str, **changed: str) -> httpx.Response:
    chosen = settings()
    query = {
        "client_id": chosen.meta_app_id, "client_secret": chosen.meta_app_secret, "redirect_uri": REDIRECT, "code": code,
    }  # fmt: skip
    return httpx.get(f"{sandbox.url}/v26.0/oauth/access_token", params={**query, **changed})


def known(sandbox: Sandbox, token: str) -> dict[str, Any]:
    app = f"{settings().meta_app_id}|{settings().meta_app_secret}"
    return httpx.get(f"{sandbox.url}/debug_token", params={"input_token": token, "access_token": app}).json()[
        "data"
    ]


@pytest.mark.parametrize(("locale", "word"), [("es_ES", "Continuar"), ("en_US", "Continue")])
def test_the_dialog_speaks_the_readers_language(sandbox: Sandbox, locale: str, word: str) -> None:
    assert f">{word}</button>" in dialog(sandbox, locale=locale).text


def test_another_address_to_return_to_is_blocked(sandbox: Sandbox) -> None:
    assert dialog(sandbox, redirect_uri="https://evil.example/api/auth/meta/callback").status_code == 400


def test_an_address_that_was_allowed_may_be_returned_to(sandbox: Sandbox) -> None:
    url = "https://product.example/back"
    sandbox.admin.post("/_sandbox/app", json={"redirect_uris": [url]}).raise_for_status()
    assert dialog(sandbox, redirect_uri=url).status_code == 200


def test_saying_no_comes_back_as_an_error(sandbox: Sandbox) -> None:
    back = answered(sandbox, answer="no")
    assert (back["error"], back["error_reason"], back["state"]) == ("access_denied", "user_denied", "x")


def test_a_code_buys_one_token(sandbox: Sandbox) -> None:
    code = answered(sandbox)["code"]
    assert bought(sandbox, code).json()["expires_in"] == 7200
    assert bought(sandbox, code).json()["error"]["code"] == 100


def test_a_code_expires(sandbox: Sandbox) -> None:
    code = answered(sandbox)["code"]
    sandbox.admin.post("/_sandbox/clock", json={"by": 3600}).raise_for_status()
    assert refusal(bought(sandbox, code)) == (100, 36007)


def test_a_code_belongs_to_its_address(sandbox: Sandbox) -> None:
    code = answered(sandbox)["code"]
    assert refusal(bought(sandbox, code, redirect_uri="http://127.0.0.1:1/api/auth/meta/callback")) == (
        100,
        36008,
    )


def test_an_unticked_scope_is_declined(sandbox: Sandbox, caller: Caller) -> None:
    client = caller("lucia", scopes=["ads_read"])
    rows = client.get("/me/permissions").json()["data"]
    status = {row["permission"]: row["status"] for row in rows}
    assert status == {"ads_read": "granted", "ads_management": "declined", "business_management": "declined"}
    campaign = client.get(f"/{first_account(client)}/campaigns").json()["data"][0]["id"]
    assert refusal(client.post(f"/{campaign}", data={"status": "PAUSED"}))[0] == 200


def test_a_long_lived_token_is_described(sandbox: Sandbox, sign_in: SignIn) -> None:
    told = known(sandbox, sign_in("lucia"))
    assert told["is_valid"]
    assert round((told["expires_at"] - told["issued_at"]) / 86400) == 60
    assert told["app_id"] == settings().meta_app_id
    assert told["granular_scopes"][0]["target_ids"]


def test_the_expiring_person_has_three_days(sandbox: Sandbox, sign_in: SignIn) -> None:
    told = known(sandbox, sign_in("caduca"))
    assert told["expires_at"] - told["issued_at"] < 3 * 86400


def test_an_expired_token_says_463_and_can_not_be_renewed(sandbox: Sandbox, sign_in: SignIn) -> None:
    token = sign_in("lucia")
    sandbox.admin.post("/_sandbox/clock", json={"by": 61 * 86400}).raise_for_status()
    assert refusal(httpx.get(f"{sandbox.url}/v26.0/me", params={"access_token": token})) == (190, 463)
    renewed = bought(sandbox, "", grant_type="fb_exchange_token", fb_exchange_token=token)
    assert refusal(renewed) == (190, 463)


@pytest.mark.parametrize("subcode", [458, 459, 460, 463, 464, 467, 492])
def test_a_token_dies_of_any_cause(sandbox: Sandbox, sign_in: SignIn, subcode: int) -> None:
    token = sign_in("lucia")
    sandbox.admin.post("/_sandbox/tokens/kill", json={"token": token, "subcode": subcode}).raise_for_status()
    assert refusal(httpx.get(f"{sandbox.url}/v26.0/me", params={"access_token": token})) == (190, subcode)
    assert known(sandbox, token)["error"]["subcode"] == subcode


def test_a_system_users_token_lasts_for_ever_or_sixty_days(sandbox: Sandbox) -> None:
    token = sandbox.admin.post("/_sandbox/tokens", json={"person": "lucia"}).json()["token"]
    assert known(sandbox, token)["expires_at"] == 0
    asked = {
        "grant_type": "fb_exchange_token",
        "fb_exchange_token": token,
        "set_token_expires_in_60_days": "true",
    }
    assert bought(sandbox, "", **asked).json()["expires_in"] == 60 * 86400


def test_taking_permissions_back_kills_every_token(graph: httpx.Client) -> None:
    assert graph.delete("/me/permissions").json() == {"success": True}
    assert refusal(graph.get("/me")) == (190, 458)


def test_revoking_kills_one_token(sandbox: Sandbox, sign_in: SignIn) -> None:
    token, chosen = sign_in("lucia"), settings()
    query = {"client_id": chosen.meta_app_id, "client_secret": chosen.meta_app_secret, "revoke_token": token}
    assert httpx.get(f"{sandbox.url}/v26.0/oauth/revoke", params=query).json() == {"success": True}
    assert not known(sandbox, token)["is_valid"]


def test_one_persons_accounts_are_missing_for_another(sandbox: Sandbox, caller: Caller) -> None:
    theirs = first_account(caller("agencia"))
    assert refusal(caller("lucia").get(f"/{theirs}/campaigns")) == (100, 33)


def test_a_proof_may_be_demanded(sandbox: Sandbox, graph: httpx.Client) -> None:
    sandbox.admin.post("/_sandbox/app", json={"require_proof": True}).raise_for_status()
    assert "appsecret_proof" in graph.get("/me").json()["error"]["message"]
