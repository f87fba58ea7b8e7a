"""Meta's sign-in: the dialog, codes and tokens; apart from the gateway, whose proof is a tenant's."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import ssl
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

import httpx

from vibekanban.clients.meta import classify, errors
from vibekanban.clients.meta.alarms import alarm
from vibekanban.clients.meta.pacing import DEFAULT_BLOCK
from vibekanban.core import metrics
from vibekanban.core.columns import now
from vibekanban.core.settings import settings

SIDE_BY_SIDE = 50  # calls at a time that only wait


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
            # what somebody unticked once is not shown to them again without this
            "auth_type": "rerequest",
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
    return _token(answer)


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
    return _token(answer)


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
    return _token(answer)


def inspect(token: str) -> TokenInfo:
    """What Meta knows of a token, asked in the name of our app.

    AppMisconfigured when Meta does not know our app: then nothing is said about the token.
    """
    with _line() as line:
        return _inspected(token, line)


def inspect_all(tokens: Iterable[str]) -> list[TokenInfo | errors.MetaError]:
    """The same of many side by side, over few connections; in their order, a failure in the place of its token."""

    def ask(token: str) -> TokenInfo | errors.MetaError:
        try:
            return _inspected(token, line)
        except errors.MetaError as failed:
            return failed

    with _line() as line, ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        return list(threads.map(ask, tokens))


def _inspected(token: str, line: httpx.Client) -> TokenInfo:
    chosen = settings()
    ours = f"{chosen.meta_app_id}|{chosen.meta_app_secret}"
    query = {"input_token": token, "access_token": ours}
    try:
        data = _ask("GET", "debug_token", query, line).get("data") or {}
    except errors.NeedsReauth as refused:
        failed = errors.AppMisconfigured(meta_code=refused.meta_code, trace=refused.trace)
        alarm(failed.code, meta_code=failed.meta_code, trace=failed.trace)
        raise failed from None
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
    if not answer.get("id"):
        raise errors.BadGateway()
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


def _token(answer: dict[str, Any]) -> str:
    if not answer.get("access_token"):
        raise errors.BadGateway()
    return str(answer["access_token"])


def _proof(token: str) -> str:
    return hmac.new(settings().meta_app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def _moment(stamp: Any) -> datetime | None:
    seconds = classify.number(stamp)
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def subscribe(callback: str, verify_token: str, fields: Sequence[str]) -> None:
    """Ask Meta to tell our app about its ad accounts; Meta looks at once whether the address is ours."""
    chosen = settings()
    _ask(
        "POST",
        f"{chosen.meta_app_id}/subscriptions",
        {
            "access_token": f"{chosen.meta_app_id}|{chosen.meta_app_secret}",
            "object": "ad_account",
            "callback_url": callback,
            "verify_token": verify_token,
            "fields": ",".join(fields),
        },
    )


def verify_token() -> str:
    """What Meta sends back when it looks whether an address is ours; it follows from our app's secret."""
    return hmac.new(settings().meta_app_secret.encode(), b"webhooks", hashlib.sha256).hexdigest()


def is_signed(raw: bytes, signature: str) -> bool:
    """Whether Meta signed a notice: `X-Hub-Signature-256` over the bytes as they came."""
    secret = settings().meta_app_secret.encode()
    wanted = "sha256=" + hmac.new(secret, raw, hashlib.sha256).hexdigest()
    return bool(secret) and hmac.compare_digest(signature.encode("utf-8", "replace"), wanted.encode())


def signed_person(signed_request: str) -> str | None:
    """The id of the person a `signed_request` of Meta is about; None when our app secret did not sign it."""
    secret = settings().meta_app_secret.encode()
    signature, _, payload = signed_request.partition(".")
    try:
        given = _unpadded(signature)
        wanted = hmac.new(secret, payload.encode(), hashlib.sha256).digest()
        if not secret or not hmac.compare_digest(given, wanted):
            return None
        data = json.loads(_unpadded(payload))
    except (binascii.Error, ValueError):
        return None
    user_id = data.get("user_id") if isinstance(data, dict) else None
    return str(user_id) if user_id else None


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _get(path: str, **params: str) -> dict[str, Any]:
    return _ask("GET", path, params)


def _ask(method: str, path: str, params: dict[str, str], line: httpx.Client | None = None) -> dict[str, Any]:
    """One try: codes are good once, and whoever waits is a person or a job that comes again."""
    try:
        with nullcontext(line) if line else _line() as open_line:
            found = _judged(*_heard(method, path, params, open_line))
    except errors.MetaError as error:
        metrics.meta_api_calls.labels(lane="sign_in", outcome=type(error).__name__).inc()
        if isinstance(error, errors.AppMisconfigured | errors.VersionRetired):
            alarm(error.code, meta_code=error.meta_code, trace=error.trace)
        raise
    metrics.meta_api_calls.labels(lane="sign_in", outcome="ok").inc()
    return found


@cache
def tls() -> ssl.SSLContext:
    """Whom we trust, read once: it costs twenty milliseconds, and forks take over what their parent has read."""
    return httpx.create_ssl_context()


def _line() -> httpx.Client:
    """A client of Meta's for some calls; any number of threads may call by it at a time."""
    chosen = settings()
    timeout = httpx.Timeout(chosen.meta_read_timeout, connect=chosen.meta_connect_timeout, pool=None)
    return httpx.Client(timeout=timeout, verify=tls())


def _heard(method: str, path: str, params: dict[str, str], line: httpx.Client) -> tuple[int, bytes]:
    """Status and body, within one deadline for the whole answer."""
    chosen = settings()
    deadline = time.monotonic() + chosen.meta_connect_timeout + chosen.meta_read_timeout
    address = f"{chosen.graph}/{chosen.meta_graph_version}/{path}"
    content = bytearray()
    try:
        with line.stream(method, address, params=params) as answer:
            for piece in answer.iter_bytes():
                content += piece
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("too slow")
        return answer.status_code, bytes(content)
    except httpx.HTTPError:
        lost = errors.BadGateway()
    raise lost  # out here, since httpx's error holds the request, and with it secrets


def _judged(status: int, content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        raise classify.failure(body["error"], status, lambda _code, _subcode: now() + DEFAULT_BLOCK)
    if status >= 300 or not isinstance(body, dict):
        raise errors.BadGateway()
    return body
