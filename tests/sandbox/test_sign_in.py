"""Consent, codes and tokens behave as Meta's do."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.conftest import Sandbox
from tests.sandbox.conftest import REDIRECT, SignIn
from vibekanban.core.settings import settings

DAY = 86400


@pytest.fixture
def web(sandbox: Sandbox) -> httpx.Client:
    """A browser without a token."""
    return httpx.Client(base_url=sandbox.url, timeout=30)


def dialog(web: httpx.Client, path: str = "/v26.0/dialog/oauth", **changed: str) -> httpx.Response:
    query = {
        "client_id": settings().meta_app_id,
        "redirect_uri": REDIRECT,
        "state": "ñ&=",
        "scope": "ads_read",
    }
    return web.get(path, params={**query, **changed})


def decided(
    web: httpx.Client, answer: str = "yes", scopes: tuple[str, ...] = ("ads_read",)
) -> dict[str, str]:
    """What the browser brings back."""
    form: dict[str, Any] = {
        "client_id": settings().meta_app_id, "redirect_uri": REDIRECT, "state": "ñ&=", "person": "lucia",
        "answer": answer, "scope": list(scopes),
    }  # fmt: skip
    back = web.post("/v26.0/dialog/oauth", data=form)
    assert back.status_code == 302
    where = urlsplit(back.headers["location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == REDIRECT
    return {name: values[0] for name, values in parse_qs(where.query).items()}


def exchanged(web: httpx.Client, **params: str) -> httpx.Response:
    app = {"client_id": settings().meta_app_id, "client_secret": settings().meta_app_secret}
    return web.get("/v26.0/oauth/access_token", params={**app, **params})


def known(web: httpx.Client, token: str) -> dict[str, Any]:
    app = f"{settings().meta_app_id}|{settings().meta_app_secret}"
    return web.get("/debug_token", params={"input_token": token, "access_token": app}).json()["data"]


def error(answer: httpx.Response) -> tuple[int, int | None]:
    told = answer.json()["error"]
    return told["code"], told.get("error_subcode")


@pytest.mark.parametrize("path", ["/v26.0/dialog/oauth", "/dialog/oauth", "/v24.0/dialog/oauth/"])
def test_the_dialog_says_that_it_is_a_sandbox_and_offers_a_choice(web: httpx.Client, path: str) -> None:
    page = dialog(web, path, scope="ads_read,ads_management", locale="es_ES").text
    assert "Entorno de pruebas" in page
    assert "Continuar" in page
    assert "Cancelar" in page
    assert page.count('type="checkbox"') == 2
    for person in ("Lucía Romero", "Agencia Norte", "Casos difíciles", "Token a punto de caducar"):
        assert person in page


def test_the_dialog_speaks_the_browsers_language(web: httpx.Client) -> None:
    web.headers["accept-language"] = "en-GB,en;q=0.9,es;q=0.1"
    assert "Continue" in dialog(web).text
    assert "Continuar" in dialog(web, locale="es_LA").text


@pytest.mark.parametrize(
    "where",
    [
        "http://evil.example/api/auth/meta/callback", "http://localhost:8000/elsewhere",
        "http://localhost.evil.example/api/auth/meta/callback", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_a_foreign_redirect_is_told_on_the_page(web: httpx.Client, where: str) -> None:
    assert dialog(web, redirect_uri=where).status_code == 400


def test_a_foreign_app_is_told_on_the_page(web: httpx.Client) -> None:
    assert dialog(web, client_id="1").status_code == 400


def test_a_refusal_comes_back_with_the_state(web: httpx.Client) -> None:
    back = decided(web, answer="no")
    assert (back["error"], back["error_reason"], back["state"]) == ("access_denied", "user_denied", "ñ&=")
    assert "code" not in back


def test_a_code_buys_a_token_once_and_only_for_its_redirect(web: httpx.Client) -> None:
    code = decided(web)["code"]
    assert error(exchanged(web, code=code, redirect_uri=REDIRECT + "/")) == (100, 36008)
    bought = exchanged(web, code=code, redirect_uri=REDIRECT).json()
    assert 0 < bought["expires_in"] <= 2 * 3600
    assert error(exchanged(web, code=code, redirect_uri=REDIRECT)) == (100, 36009)


def test_a_code_dies_of_age(web: httpx.Client, sandbox: Sandbox) -> None:
    code = decided(web)["code"]
    sandbox.admin.post("/_sandbox/clock", json={"by": 3600}).raise_for_status()
    assert error(exchanged(web, code=code, redirect_uri=REDIRECT)) == (100, 36007)


def test_a_wrong_secret_buys_nothing(web: httpx.Client) -> None:
    code = decided(web)["code"]
    assert exchanged(web, code=code, redirect_uri=REDIRECT, client_secret="no").status_code == 400
    assert exchanged(web, code=code, redirect_uri=REDIRECT).status_code == 200


def test_a_token_lasts_sixty_days_then_is_dead_and_cannot_be_exchanged(
    web: httpx.Client, sandbox: Sandbox, sign_in: SignIn
) -> None:
    token = sign_in()
    found = known(web, token)
    assert 59 * DAY < found["expires_at"] - found["issued_at"] <= 60 * DAY
    sandbox.admin.post("/_sandbox/clock", json={"by": 60 * DAY + 60}).raise_for_status()
    dead = web.get("/v26.0/me", params={"access_token": token})
    assert error(dead) == (190, 463)
    assert error(exchanged(web, grant_type="fb_exchange_token", fb_exchange_token=token)) == (190, 463)
    assert known(web, token)["is_valid"] is False


def test_one_person_s_token_is_about_to_expire(web: httpx.Client, sign_in: SignIn) -> None:
    found = known(web, sign_in("caduca"))
    assert found["expires_at"] - found["issued_at"] < 3 * DAY


def test_debug_token_knows_app_person_and_accounts(web: httpx.Client, sign_in: SignIn) -> None:
    found = known(web, sign_in())
    assert found["app_id"] == settings().meta_app_id
    assert found["is_valid"] is True
    assert set(found["scopes"]) == {"ads_read", "ads_management", "business_management"}
    [granular] = [one for one in found["granular_scopes"] if one["scope"] == "ads_read"]
    assert granular["target_ids"] == ["700001007919"]


def test_an_unticked_permission_is_declined_and_missed(web: httpx.Client, sign_in: SignIn) -> None:
    web.headers["authorization"] = f"Bearer {sign_in(scopes='ads_read')}"
    permissions = {
        one["permission"]: one["status"] for one in web.get("/v26.0/me/permissions").json()["data"]
    }
    assert (permissions["ads_read"], permissions["ads_management"]) == ("granted", "declined")
    account = web.get("/v26.0/me/adaccounts").json()["data"][0]["id"]
    campaign = web.get(f"/v26.0/{account}/campaigns").json()["data"][0]["id"]
    assert error(web.post(f"/v26.0/{campaign}", data={"status": "PAUSED"}))[0] == 200


def test_somebody_elses_objects_do_not_exist(web: httpx.Client, sandbox: Sandbox, sign_in: SignIn) -> None:
    world = sandbox.admin.get("/_sandbox/world").json()
    theirs = world["agencia"]["accounts"][0]["id"]
    answer = web.get(f"/v26.0/act_{theirs}", params={"access_token": sign_in()})
    assert error(answer) == (100, 33)


def test_taking_all_permissions_back_kills_every_token(web: httpx.Client, sign_in: SignIn) -> None:
    token, other = sign_in(), sign_in("agencia")
    assert web.delete("/v26.0/me/permissions", params={"access_token": token}).json() == {"success": True}
    assert error(web.get("/v26.0/me", params={"access_token": token})) == (190, 458)
    assert web.get("/v26.0/me", params={"access_token": other}).status_code == 200


@pytest.mark.parametrize("subcode", [458, 459, 460, 463, 464, 467, 492])
def test_a_token_dies_of_every_cause(
    web: httpx.Client, sandbox: Sandbox, sign_in: SignIn, subcode: int
) -> None:
    token = sign_in()
    sandbox.admin.post("/_sandbox/tokens/kill", json={"token": token, "subcode": subcode}).raise_for_status()
    assert error(web.get("/v26.0/me", params={"access_token": token})) == (190, subcode)


def test_a_system_users_token_never_expires(web: httpx.Client, sandbox: Sandbox) -> None:
    body = {"person": "lucia", "scopes": ["ads_read"]}
    token = sandbox.admin.post("/_sandbox/tokens", json=body).json()["token"]
    found = known(web, token)
    assert (found["type"], found["expires_at"], found["scopes"]) == ("SYSTEM_USER", 0, ["ads_read"])


def test_the_app_gets_its_own_token(web: httpx.Client) -> None:
    token = exchanged(web, grant_type="client_credentials").json()["access_token"]
    assert token == f"{settings().meta_app_id}|{settings().meta_app_secret}"


@pytest.mark.parametrize("place", ["query", "form", "bearer"])
def test_a_token_is_taken_from_every_place(web: httpx.Client, sign_in: SignIn, place: str) -> None:
    token = sign_in()
    if place == "query":
        answer = web.get("/v26.0/me", params={"access_token": token})
    elif place == "bearer":
        answer = web.get("/v26.0/me", headers={"authorization": f"Bearer {token}"})
    else:
        answer = web.post("/v26.0/me", data={"access_token": token, "method": "GET"})
    assert answer.json()["name"] == "Lucía Romero"


def test_a_proof_must_fit_and_may_be_demanded(web: httpx.Client, sandbox: Sandbox, sign_in: SignIn) -> None:
    token = sign_in()
    proof = hmac.new(settings().meta_app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
    asked = {"access_token": token}
    assert web.get("/v26.0/me", params={**asked, "appsecret_proof": proof}).status_code == 200
    assert error(web.get("/v26.0/me", params={**asked, "appsecret_proof": proof[::-1]}))[0] == 100
    sandbox.admin.post("/_sandbox/app", json={"require_proof": True}).raise_for_status()
    assert error(web.get("/v26.0/me", params=asked))[0] == 100
    assert web.get("/v26.0/me", params={**asked, "appsecret_proof": proof}).status_code == 200
