"""The client of Meta's sign-in: whose fault a failure is, and requests signed by Meta."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
import structlog

from tests.clients.meta.conftest import TOKEN
from tests.clients.meta.scripted import Scripted
from tests.conftest import Sandbox
from vibekanban.clients.meta import errors, oauth
from vibekanban.core.settings import settings


def test_a_refused_app_is_an_operators_concern_not_the_tokens(meta: Scripted) -> None:
    meta.refuse(190, message="Invalid OAuth access token signature.")
    with structlog.testing.capture_logs() as lines, pytest.raises(errors.AppMisconfigured):
        oauth.inspect(TOKEN)
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["meta.operator_alarm"]


@pytest.mark.parametrize(("code", "message"), [(1, "Error validating client secret."), (101, "x")])
def test_a_wrong_app_secret_is_told_as_ours(meta: Scripted, code: int, message: str) -> None:
    meta.refuse(code, message=message)
    with pytest.raises(errors.AppMisconfigured):
        oauth.token_of_code("code")


@pytest.mark.parametrize(
    ("content", "status"), [(b"<html>", 502), (b"", 500), (b"[]", 200), (b"{}", 200), (b'"x"', 200)]
)
def test_an_answer_without_a_token_is_a_bad_gateway(meta: Scripted, content: bytes, status: int) -> None:
    meta.say(content, status)
    with pytest.raises(errors.BadGateway):
        oauth.token_of_code("code")
    assert len(meta.heard) == 1


def test_a_drip_that_never_ends_is_cut_off(meta: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("META_READ_TIMEOUT", "0.2")
    monkeypatch.setenv("META_CONNECT_TIMEOUT", "0.1")
    settings.cache_clear()
    meta.drips = 1500
    with pytest.raises(errors.BadGateway):
        oauth.long_lived(TOKEN)
    assert meta.dripped < meta.drips / 2


def test_what_meta_knows_of_a_token_is_read(sandbox: Sandbox, redis: object) -> None:
    body = {"person": "lucia", "days": 5, "scopes": ["ads_read"]}
    token = sandbox.admin.post("/_sandbox/tokens", json=body).json()["token"]
    info = oauth.inspect(token)
    assert (info.app_id, info.kind, info.is_valid, info.scopes) == (
        settings().meta_app_id,
        "SYSTEM_USER",
        True,
        ["ads_read"],
    )
    sandbox.admin.post("/_sandbox/tokens/kill", json={"token": token, "subcode": 460})
    dead = oauth.inspect(token)
    assert (dead.is_valid, dead.error_code, dead.error_subcode) == (False, 190, 460)


def test_a_revoked_token_may_be_revoked_again(sandbox: Sandbox, redis: object) -> None:
    token = sandbox.admin.post("/_sandbox/tokens", json={"person": "lucia"}).json()["token"]
    oauth.revoke(token)
    oauth.revoke(token)
    assert not oauth.inspect(token).is_valid


# -- signed requests


def signed(claims: object, *, secret: str | None = None) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    key = (settings().meta_app_secret if secret is None else secret).encode()
    signature = base64.urlsafe_b64encode(hmac.new(key, payload, hashlib.sha256).digest()).rstrip(b"=")
    return f"{signature.decode()}.{payload.decode()}"


def test_a_request_that_meta_signed_names_the_person() -> None:
    assert oauth.signed_person(signed({"user_id": "41"})) == "41"


@pytest.mark.parametrize(
    "text",
    ["", ".", "x.y", "é.é", signed({"user_id": "41"}, secret="another"), signed(["41"]), signed({})],
)
def test_any_other_request_names_nobody(text: str) -> None:
    assert oauth.signed_person(text) is None


def test_without_an_app_secret_nobody_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    text = signed({"user_id": "41"}, secret="")
    monkeypatch.setattr(settings(), "meta_app_secret", "")
    assert oauth.signed_person(text) is None
