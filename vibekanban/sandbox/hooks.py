"""Slack's incoming webhooks and a receiver of signed webhooks, and a page of what reached them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from vibekanban.sandbox import pages
from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.store import Store

SHOWN = 100
LATE = 300  # seconds a signature is good for
# a token of this name answers so, like the real service does for a webhook in that state
SLACK_REFUSALS = {
    "no_service": 404,
    "channel_is_archived": 410,
    "action_prohibited": 403,
    "rollup_error": 500,
}
NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
WORDS = {
    "es": {
        "title": "Slack y webhooks de pruebas", "none": "Todavía no ha llegado nada.",
        "about": "Aquí se ve lo que llega a las direcciones de prueba. Añade ?status=410 a la de un webhook para "
        "que responda con ese código.", "secret": "Secreto de firma", "place": "Webhook", "save": "Guardar",
        "right": "Firma correcta", "wrong": "Firma incorrecta", "unknown": "Firma sin comprobar: guarda el secreto",
        "answered": "Se respondió", "try": "Direcciones",
    },
    "en": {
        "title": "Sandbox Slack and webhooks", "none": "Nothing arrived yet.",
        "about": "What reaches the test addresses is shown here. Add ?status=410 to that of a webhook to make it "
        "answer with that code.", "secret": "Signing secret", "place": "Webhook", "save": "Save",
        "right": "Signature is right", "wrong": "Signature is wrong", "unknown": "Signature not checked: save the secret",
        "answered": "Answered", "try": "Addresses",
    },
}  # fmt: skip


class Hooks:
    """Everything that arrives is kept; the secrets of the receivers are given on the page."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def routes(self) -> list[Route]:
        return [
            Route("/services/{team}/{bot}/{token}", self.slack, methods=["POST"]),
            Route("/hooks/{name}", self.webhook, methods=["POST"]),
            Route("/arrivals", self.page),
            Route("/arrivals", self.learn, methods=["POST"]),
            Route("/arrivals.json", self.listing),
        ]

    async def slack(self, request: Request) -> Response:
        """`ok`, or one of Slack's words for what is wrong."""
        team, bot, token = (request.path_params[part] for part in ("team", "bot", "token"))
        try:
            message = json.loads(await request.body())
        except ValueError:
            message = None
        if token in SLACK_REFUSALS:
            answer, status = token, SLACK_REFUSALS[token]
        elif not isinstance(message, dict):
            answer, status = "invalid_payload", 400
        elif not message.get("text") and not message.get("blocks"):
            answer, status = "no_text", 400
        elif not _are_blocks(message.get("blocks", [])):
            answer, status = "invalid_blocks", 400
        else:
            answer, status = "ok", 200
        self._keep(f"/services/{team}/{bot}/…", {"kind": "slack", "status": status, "body": message})
        return PlainTextResponse(answer, status)

    async def webhook(self, request: Request) -> Response:
        """204, or what `?status=` asks for."""
        name, body = request.path_params["name"], await request.body()
        asked = request.query_params.get("status", "")
        status = int(asked) if asked.isdigit() and 200 <= int(asked) < 600 else 204
        text = body.decode("utf-8", "replace")
        self._keep(
            f"/hooks/{name}",
            {
                "kind": "webhook",
                "status": status,
                "signature": self._checked(name, request, body),
                "id": request.headers.get("webhook-id", ""),
                "body": json.loads(text) if _is_json(text) else text,
            },
        )
        where = {"Location": "/hooks/elsewhere"} if 300 <= status < 400 else None
        return Response(status_code=status, headers=where)

    def _checked(self, name: str, request: Request, body: bytes) -> str:
        """`right`, `wrong`, or `unknown` while nobody has told us the secret."""
        secret = self._store.setting(f"hook-secret-{name}")
        if not secret:
            return "unknown"
        number, moment = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
        if not moment.isdigit() or abs(time.time() - int(moment)) > LATE:
            return "wrong"
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            return "wrong"
        digest = hmac.new(key, f"{number}.{moment}.".encode() + body, hashlib.sha256).digest()
        wanted = "v1," + base64.b64encode(digest).decode()
        given = request.headers.get("webhook-signature", "").split()
        return "right" if any(hmac.compare_digest(wanted, one) for one in given) else "wrong"

    def _keep(self, place: str, entry: dict[str, Any]) -> None:
        self._store.write(
            "INSERT INTO arrivals (at, place, entry) VALUES (?, ?, ?)",
            self._clock.now(), place, json.dumps(entry, ensure_ascii=False),
        )  # fmt: skip

    def _arrivals(self) -> list[dict[str, Any]]:
        rows = self._store.rows(f"SELECT at, place, entry FROM arrivals ORDER BY n DESC LIMIT {SHOWN}")
        return [{"at": at, "place": place, **json.loads(entry)} for at, place, entry in rows]

    async def listing(self, _request: Request) -> Response:
        """Newest first."""
        return JSONResponse(self._arrivals())

    async def learn(self, request: Request) -> Response:
        """The secret that a receiver checks with from now on."""
        form = await request.form()
        name, secret = str(form.get("name", "")).strip(), str(form.get("secret", "")).strip()
        if NAME.fullmatch(name):
            self._store.set(f"hook-secret-{name}", secret)
        return RedirectResponse("/arrivals", 303)

    async def page(self, request: Request) -> Response:
        locale = pages.locale_of(request)
        words, base = WORDS[locale], str(request.base_url).rstrip("/")
        addresses = f"{base}/services/T000/B000/demo\n{base}/hooks/demo"
        form = (
            f'<form method="post"><label>{words["place"]}<input name="name" value="demo" size="12"></label>'
            f'<label>{words["secret"]}<input name="secret" size="34" autocomplete="off"></label>'
            f"<button>{words['save']}</button></form>"
        )
        found = "".join(_article(one, words) for one in self._arrivals()) or f"<p>{words['none']}</p>"
        top = f"<article><h2>{words['try']}</h2><pre>{escape(addresses)}</pre></article>"
        return pages.page(locale, words["title"], words["about"], top + form + found)


def _article(one: dict[str, Any], words: dict[str, str]) -> str:
    checked = f" · <b>{words[one['signature']]}</b>" if one.get("signature") else ""
    body = json.dumps(one["body"], ensure_ascii=False, indent=2)
    return (
        f"<article><header><h2>{escape(one['place'])}</h2><p>{words['answered']} {one['status']}{checked} · "
        f"{pages.moment(one['at'])}</p></header><pre>{escape(body)}</pre></article>"
    )


def _are_blocks(blocks: Any) -> bool:
    """Slack's limits on the blocks that messages of ours are made of."""
    if not isinstance(blocks, list) or len(blocks) > 50:
        return False
    for block in blocks:
        text = block.get("text") if isinstance(block, dict) else None
        if not isinstance(text, dict) or not isinstance(text.get("text"), str) or not text["text"]:
            return False
        header = block.get("type") == "header"
        if len(text["text"]) > (150 if header else 3000):
            return False
        if text.get("type") not in ({"plain_text"} if header else {"plain_text", "mrkdwn"}):
            return False
    return True


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
