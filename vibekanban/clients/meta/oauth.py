"""Meta's sign-in: the dialog, codes and tokens; apart from the gateway, whose proof is a tenant's."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from vibekanban.clients.meta import classify, errors
from vibekanban.clients.meta.pacing import DEFAULT_BLOCK
from vibekanban.core.columns import now
from vibekanban.core.settings import settings


@dataclass(frozen=True)
class TokenInfo:
    """What `debug_token` says; `expires_at` None means never."""

    app_id: str
    user_id: str
    kind: str
    is_valid: bool
    expires_at: datetime | None
    data_access_expires_at: datetime | None
    scopes: list[str]
    error_code: int | None
    error_subcode: int | None


def dialog_url(*, state: str, scopes: Sequence[str], locale: str) -> str:
    """Where the browser goes to give consent."""
    chosen = settings()
    query = urlencode(
        {
            "client_id": chosen.meta_app_id,
            "redirect_uri": chosen.meta_callback,
            "state": state,
            "response_type": "code",
            "scope": ",".join(scopes),
            "locale": "en_US" if locale == "en" else "es_ES",
        }
    )
    return f"{chosen.dialog}/{chosen.meta_graph_version}/dialog/oauth?{query}"


def token_of_code(code: str) -> str:
    """The short-lived token a code buys, once."""
    chosen = settings()
    answer = _get(
        "oauth/access_token",
        client_id=chosen.meta_app_id,
        client_secret=chosen.meta_app_secret,
        redirect_uri=chosen.meta_callback,
        code=code,
    )
    return str(answer["access_token"])


def long_lived(token: str) -> str:
    """The token of about sixty days that a short-lived one buys."""
    chosen = settings()
    answer = _get(
        "oauth/access_token",
        grant_type="fb_exchange_token",
        client_id=chosen.meta_app_id,
        client_secret=chosen.meta_app_secret,
        fb_exchange_token=token,
    )
    return str(answer["access_token"])


def renewed_system_user(token: str) -> str:
    """A system user's token for sixty more days."""
    chosen = settings()
    answer = _get(
        "oauth/access_token",
        grant_type="fb_exchange_token",
        client_id=chosen.meta_app_id,
        client_secret=chosen.meta_app_secret,
        set_token_expires_in_60_days="true",  # noqa: S106 - a flag
        fb_exchange_token=token,
    )
    return str(answer["access_token"])


def inspect(token: str) -> TokenInfo:
    """What Meta knows of a token, asked in the name of our app."""
    chosen = settings()
    data = _get(
        "debug_token",
        input_token=token,
        access_token=f"{chosen.meta_app_id}|{chosen.meta_app_secret}",
    ).get("data", {})
    error = data.get("error") or {}
    return TokenInfo(
        app_id=str(data.get("app_id") or ""),
        user_id=str(data.get("user_id") or ""),
        kind=str(data.get("type") or ""),
        is_valid=bool(data.get("is_valid")),
        expires_at=_moment(data.get("expires_at")),
        data_access_expires_at=_moment(data.get("data_access_expires_at")),
        scopes=[str(scope) for scope in data.get("scopes") or []],
        error_code=classify.number(error.get("code")),
        error_subcode=classify.number(error.get("subcode")),
    )


def person(token: str) -> tuple[str, str]:
    """Id and name of whom a token belongs to."""
    answer = _get("me", fields="id,name", access_token=token, appsecret_proof=_proof(token))
    return str(answer["id"]), str(answer.get("name") or "")


def granted(token: str) -> list[str]:
    """The scopes the person left ticked."""
    answer = _get("me/permissions", access_token=token, appsecret_proof=_proof(token))
    return [str(row["permission"]) for row in answer.get("data", []) if row.get("status") == "granted"]


def revoke(token: str) -> None:
    """Take our app's permissions back; a dead token is as good as a revoked one."""
    try:
        _ask("DELETE", "me/permissions", {"access_token": token, "appsecret_proof": _proof(token)})
    except errors.NeedsReauth:
        return


def _proof(token: str) -> str:
    return hmac.new(settings().meta_app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def _moment(stamp: Any) -> datetime | None:
    seconds = classify.number(stamp)
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _get(path: str, **params: str) -> dict[str, Any]:
    return _ask("GET", path, params)


def _ask(method: str, path: str, params: dict[str, str]) -> dict[str, Any]:
    chosen = settings()
    try:
        answer = httpx.request(
            method,
            f"{chosen.graph}/{chosen.meta_graph_version}/{path}",
            params=params,
            timeout=httpx.Timeout(chosen.meta_read_timeout, connect=chosen.meta_connect_timeout),
        )
        body = answer.json()
    except (httpx.HTTPError, ValueError):
        raise errors.BadGateway() from None  # its text holds the address, and with it secrets
    if not isinstance(body, dict):
        raise errors.BadGateway()
    if "error" in body:
        raise classify.failure(body["error"], answer.status_code, lambda: now() + DEFAULT_BLOCK)
    if answer.is_error:
        raise errors.BadGateway()
    return body
