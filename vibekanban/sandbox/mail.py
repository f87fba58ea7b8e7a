"""A mail service with SendGrid's API, and a mailbox to read what it would have delivered."""

from __future__ import annotations

import json
import re
import secrets
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.store import Store

LINK = re.compile(r"https?://[^\s\"'<>)]+")
PAGE = """<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Buzón de pruebas</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:760px;margin:0 auto;padding:24px}
article{border:1px solid #8886;border-radius:12px;padding:16px 20px;margin:16px 0}
h1{font-size:22px}h2{font-size:17px;margin:0}pre{white-space:pre-wrap;font:inherit;overflow-wrap:anywhere}
small{opacity:.75}</style></head><body><h1>Buzón de pruebas · Sandbox mailbox</h1>"""


class Mail:
    """One mailbox for every recipient."""

    def __init__(self, store: Store, clock: Clock, api_key: str) -> None:
        self._store = store
        self._clock = clock
        self._api_key = api_key

    def routes(self) -> list[Route]:
        return [
            Route("/v3/mail/send", self.send, methods=["POST"]),
            Route("/v3/scopes", self.scopes),
            Route("/mailbox", self.page),
            Route("/mailbox.json", self.listing),
        ]

    def _refused(self, request: Request) -> Response | None:
        if request.headers.get("authorization") == f"Bearer {self._api_key}":
            return None
        message = "The provided authorization grant is invalid, expired, or revoked"
        return JSONResponse({"errors": [{"message": message, "field": None, "help": None}]}, 401)

    async def scopes(self, request: Request) -> Response:
        return self._refused(request) or JSONResponse({"scopes": ["mail.send"]})

    async def send(self, request: Request) -> Response:
        """202 with a message id, or 400 naming the field."""
        refused = self._refused(request)
        if refused is not None:
            return refused
        try:
            body = json.loads(await request.body())
            recipients = [str(to["email"]) for one in body["personalizations"] for to in one["to"]]
            subject = str(body.get("subject") or body["personalizations"][0]["subject"])
            contents = {part["type"]: str(part["value"]) for part in body["content"]}
            sender = str(body["from"]["email"])
        except (ValueError, KeyError, TypeError, IndexError) as wrong:
            return JSONResponse(
                {"errors": [{"message": "Bad Request", "field": str(wrong), "help": None}]}, 400
            )
        for recipient in recipients:
            entry = {"to": recipient, "from": sender, "subject": subject, "content": contents}
            self._store.write(
                "INSERT INTO mails (at, recipient, entry) VALUES (?, ?, ?)",
                self._clock.now(), recipient.lower(), json.dumps(entry),
            )  # fmt: skip
        return Response(status_code=202, headers={"X-Message-Id": secrets.token_urlsafe(16)})

    def _mails(self, recipient: str) -> list[dict[str, Any]]:
        query = "SELECT at, entry FROM mails"
        rows = (
            self._store.rows(query + " WHERE recipient = ? ORDER BY n DESC LIMIT 200", recipient.lower())
            if recipient
            else self._store.rows(query + " ORDER BY n DESC LIMIT 200")
        )
        return [{"at": at, **json.loads(entry)} for at, entry in rows]

    async def listing(self, request: Request) -> Response:
        """Newest first; ?to= narrows to a recipient. `links` are those of the text."""
        found = self._mails(request.query_params.get("to", ""))
        return JSONResponse([{**mail, "links": LINK.findall(_text(mail))} for mail in found])

    async def page(self, request: Request) -> Response:
        mails = "".join(
            f"<article><h2>{escape(mail['subject'])}</h2><small>{escape(mail['to'])}</small>"
            f"<pre>{_linked(_text(mail))}</pre></article>"
            for mail in self._mails(request.query_params.get("to", ""))
        )
        return HTMLResponse(
            PAGE + (mails or "<p>Todavía no hay correos. · No mail yet.</p>") + "</body></html>"
        )


def _text(mail: dict[str, Any]) -> str:
    return mail["content"].get("text/plain") or mail["content"].get("text/html", "")


def _linked(text: str) -> str:
    return LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escape(text, quote=False))
