"""The sign-in dialog: who gives consent, to which scopes; and what the browser brings back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from vibekanban.core import i18n
from vibekanban.sandbox.graph import params
from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.problems import GraphError
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.tokens import DAY, SHORT_LIFE, Tokens
from vibekanban.sandbox.graph.webhooks import Webhooks
from vibekanban.sandbox.graph.world import PERSON, PERSONS, Person

CODE_LIFE = 600.0
CALLBACK = "/api/auth/meta/callback"
LOCAL = {"localhost", "127.0.0.1", "::1"}
TEXTS = {
    "es": {
        "title": "Conectar con Meta", "demo": "Entorno de pruebas: nada de esto es Facebook ni dinero de verdad.",
        "wants": "Vibe Kanban quiere acceder a tus cuentas publicitarias", "who": "¿Con quién entras?",
        "what": "Permisos", "go": "Continuar", "no": "Cancelar",
        "ads_read": "Leer tus anuncios y sus resultados", "ads_management": "Gestionar tus anuncios",
        "business_management": "Ver tus empresas",
    },
    "en": {
        "title": "Connect with Meta", "demo": "Sandbox: none of this is Facebook or real money.",
        "wants": "Vibe Kanban wants to reach your ad accounts", "who": "Who is signing in?",
        "what": "Permissions", "go": "Continue", "no": "Cancel",
        "ads_read": "Read your ads and their results", "ads_management": "Manage your ads",
        "business_management": "See your businesses",
    },
}  # fmt: skip
STYLE = """
:root{color-scheme:light dark;--bg:#eef1f6;--card:#fff;--ink:#10172a;--soft:#52607a;--line:#d5dce8;--go:#1463e6;
  --warn:#fff3d6;--wink:#6b4a00}
@media(prefers-color-scheme:dark){:root{--bg:#0d111b;--card:#161c2a;--ink:#eef2fb;--soft:#a4b0c8;--line:#2c3650;
  --go:#5b94ff;--warn:#3a2d08;--wink:#ffdf93}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--bg);
  color:var(--ink);font:16px/1.5 system-ui,sans-serif;padding:16px}
main{width:100%;max-width:460px;background:var(--card);border:1px solid var(--line);border-radius:16px;
  padding:28px}
h1{font-size:22px;line-height:1.25;margin:0 0 4px}p{margin:0;color:var(--soft)}
.demo{background:var(--warn);color:var(--wink);border-radius:10px;padding:10px 14px;margin:0 0 20px;font-size:14px}
fieldset{border:0;padding:0;margin:20px 0 0}legend{font-weight:600;margin-bottom:8px;padding:0}
label{display:flex;gap:12px;align-items:flex-start;border:1px solid var(--line);border-radius:10px;
  padding:10px 14px;margin-top:8px;cursor:pointer}
label:has(:checked){border-color:var(--go)}label small{display:block;color:var(--soft)}input{margin-top:5px;
  accent-color:var(--go)}
.row{display:flex;gap:12px;margin-top:24px;justify-content:flex-end}
button{font:inherit;font-weight:600;border-radius:10px;padding:10px 20px;border:1px solid var(--line);
  background:transparent;color:var(--ink);cursor:pointer}
button.go{background:var(--go);border-color:var(--go);
  color:#fff}@media(prefers-color-scheme:dark){button.go{color:#06122b}}
:focus-visible{outline:3px solid var(--go);outline-offset:2px}
"""


class Consent:
    """The dialog, the codes it gives, and what undoes it."""

    def __init__(self, store: Store, clock: Clock, tokens: Tokens, webhooks: Webhooks) -> None:
        self._webhooks = webhooks
        self._store = store
        self._clock = clock
        self._tokens = tokens

    def page(self, request: Request) -> Response:
        """GET: the dialog; a wrong client or redirect is told here, as Meta does, never redirected to."""
        query = request.query_params
        wrong = self._wrong(query.get("client_id", ""), query.get("redirect_uri", ""))
        if wrong:
            return HTMLResponse(_frame("es", f"<h1>{escape(wrong)}</h1>"), 400)
        asked = query.get("locale") or request.headers.get("accept-language", "")
        locale = i18n.accepted(asked.replace("_", "-"))
        texts = TEXTS[locale]
        people = "".join(
            f'<label><input type="radio" name="person" value="{person.key}" {"checked" if n == 0 else ""}>'
            f"<span>{escape(person.name)}<small>"
            f"{escape(person.about_en if locale == 'en' else person.about_es)}</small></span></label>"
            for n, person in enumerate(PERSONS)
        )
        scopes = "".join(
            f'<label><input type="checkbox" name="scope" value="{escape(scope)}" checked>'
            f"<span>{escape(texts.get(scope, scope))}<small>{escape(scope)}</small></span></label>"
            for scope in _scopes(query.get("scope", ""))
        )
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(query.get(name, ""))}">'
            for name in ("client_id", "redirect_uri", "state")
        )
        body = (
            f'<p class="demo">{texts["demo"]}</p><h1>{texts["title"]}</h1><p>{texts["wants"]}</p>'
            f'<form method="post">{hidden}<fieldset><legend>{texts["who"]}</legend>{people}</fieldset>'
            f"<fieldset><legend>{texts['what']}</legend>{scopes}</fieldset>"
            f'<div class="row"><button name="answer" value="no">{texts["no"]}</button>'
            f'<button class="go" name="answer" value="yes">{texts["go"]}</button></div></form>'
        )
        return HTMLResponse(_frame(locale, body, title=texts["title"]))

    async def answer(self, request: Request) -> Response:
        """POST: consent given or refused; the browser goes back with a code or an error."""
        async with request.form() as form:
            given = {
                name: str(form.get(name) or "")
                for name in ("client_id", "redirect_uri", "state", "answer", "person")
            }
            scopes = [str(scope) for scope in form.getlist("scope")]
        wrong = self._wrong(given["client_id"], given["redirect_uri"])
        if wrong or given["person"] not in PERSON:
            return HTMLResponse(_frame("es", f"<h1>{escape(wrong or 'person')}</h1>"), 400)
        if given["answer"] != "yes":
            back = {
                "error": "access_denied", "error_reason": "user_denied", "error_code": "200",
                "error_description": "Permissions error", "state": given["state"],
            }  # fmt: skip
        else:
            code = "AQ" + secrets.token_urlsafe(60)
            self._store.write(
                "INSERT INTO codes VALUES (?, ?, ?, ?, ?)",
                code, given["person"], json.dumps(scopes), given["redirect_uri"], self._clock.now() + CODE_LIFE,
            )  # fmt: skip
            back = {"code": code, "state": given["state"]}
        return RedirectResponse(f"{given['redirect_uri']}?{urlencode(back)}", 302)

    def access_token(self, asked: dict[str, Any]) -> dict[str, Any]:
        """GET /oauth/access_token in its three uses."""
        self._check_app(asked)
        kind = asked.get("grant_type")
        if kind == "client_credentials":
            return {
                "access_token": f"{self._tokens.app_id}|{self._tokens.app_secret}",
                "token_type": "bearer",
            }
        if kind == "fb_exchange_token":
            return self._exchanged(asked)
        return self._bought(str(asked.get("code") or ""), str(asked.get("redirect_uri") or ""))

    def _bought(self, code: str, redirect: str) -> dict[str, Any]:
        with self._store.together():
            row = self._store.row("SELECT person, scopes, redirect, expires FROM codes WHERE code = ?", code)
            if row is None:
                raise GraphError(100, "This authorization code has been used.", subcode=36009)
            if row[3] < self._clock.now():
                raise GraphError(100, "This authorization code has expired.", subcode=36007)
            if row[2] != redirect:
                raise GraphError(
                    100, "Error validating verification code. Please make sure your redirect_uri is identical to the"
                    " one you used in the OAuth dialog request", subcode=36008,
                )  # fmt: skip
            self._store.write("DELETE FROM codes WHERE code = ?", code)
        token = self._tokens.mint(row[0], json.loads(row[1]), life=SHORT_LIFE)
        return {"access_token": token, "token_type": "bearer", "expires_in": int(SHORT_LIFE)}

    def _exchanged(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A longer-lived token for a live one; a system user's lasts 60 days when that is asked for, or for ever."""
        old = self._tokens.check(str(asked.get("fb_exchange_token") or ""), None)
        life = old.person.token_days * DAY
        if old.kind == "SYSTEM_USER":
            life = 60 * DAY if params.truth(asked.get("set_token_expires_in_60_days")) else 0.0
        token = self._tokens.mint(old.person.key, sorted(old.scopes), life=life, kind=old.kind)
        return {"access_token": token, "token_type": "bearer"} | ({"expires_in": int(life)} if life else {})

    def revoke(self, asked: dict[str, Any]) -> dict[str, Any]:
        """/oauth/revoke: the app throws one token away."""
        self._check_app(asked)
        count = self._tokens.kill(subcode=458, text=str(asked.get("revoke_token") or ""))
        if not count:
            raise GraphError(100, "(#100) revoke_token is not a token of this app")
        return {"success": True}

    def forget(self, person: Person) -> None:
        """Somebody takes all permissions back: every token dies, and the app is told."""
        self._tokens.kill(subcode=458, person=person.key)
        url = str(self._store.setting("app", {}).get("deauthorize_url") or "")
        if url:
            self._webhooks.deauthorize(url, self._signed_request(person))

    def _signed_request(self, person: Person) -> str:
        claim = {"algorithm": "HMAC-SHA256", "issued_at": int(self._clock.now()), "user_id": person.user_id}
        payload = _base64(json.dumps(claim, separators=(",", ":")).encode())
        digest = hmac.new(self._tokens.app_secret.encode(), payload.encode(), hashlib.sha256).digest()
        return f"{_base64(digest)}.{payload}"

    def _check_app(self, asked: dict[str, Any]) -> None:
        if asked.get("client_id") != self._tokens.app_id:
            raise GraphError(
                101, "Error validating application. Cannot get application info due to a system error."
            )
        if not hmac.compare_digest(str(asked.get("client_secret") or ""), self._tokens.app_secret):
            raise GraphError(1, "Error validating client secret.")

    def _wrong(self, client: str, redirect: str) -> str:
        parts = urlsplit(redirect)
        if client != self._tokens.app_id:
            return "Invalid App ID"
        if redirect in self._store.setting("app", {}).get("redirect_uris", []):
            return ""
        if parts.hostname not in LOCAL or parts.path != CALLBACK or parts.query or parts.fragment:
            return "URL blocked: the redirect URI is not allowed"
        return ""


def _scopes(text: str) -> list[str]:
    return [scope for scope in text.split(",") if scope] or ["ads_read"]


def _frame(locale: str, body: str, *, title: str = "Meta · sandbox") -> str:
    return (
        f'<!doctype html><html lang="{locale}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>"
    )


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
