"""SendGrid's mail door and the mailbox where what was sent can be read."""

from __future__ import annotations

import html
import json
import re
import secrets
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.store import Store

LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@localhost")
SHOWN = 200

WORDS = {
    "es": {
        "title": "Buzón del entorno de pruebas",
        "about": "Aquí llegan los correos que el producto envía mientras no hay un servicio de correo real.",
        "none": "Todavía no hay correos.",
        "to": "Para",
        "only": "Solo los de",
        "show": "Ver",
    },
    "en": {
        "title": "Sandbox mailbox",
        "about": "E-mails the product sends arrive here while no real mail service is set up.",
        "none": "No e-mails yet.",
        "to": "To",
        "only": "Only those of",
        "show": "Show",
    },
}
STYLE = """
:root{color-scheme:light dark;--ink:#16181d;--soft:#5c6370;--line:#e3e6eb;--paper:#fff;--ground:#f5f6f8;--link:#1257d6}
@media(prefers-color-scheme:dark){:root{--ink:#eceef2;--soft:#a0a7b4;--line:#2c313a;--paper:#1a1d23;--ground:#111318;--link:#7fb0ff}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:46rem;margin:0 auto;padding:2.5rem 1.25rem}h1{font-size:1.6rem;margin:0 0 .25rem}
p.about{color:var(--soft);margin:0 0 1.5rem}form{display:flex;gap:.5rem;align-items:end;margin:0 0 1.5rem;flex-wrap:wrap}
label{display:grid;gap:.25rem;color:var(--soft);font-size:.875rem}
input{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);
border-radius:.5rem;padding:.45rem .7rem;min-width:16rem}
button{font:inherit;font-weight:600;border:0;border-radius:.5rem;padding:.5rem 1rem;
background:var(--link);color:var(--paper);cursor:pointer}
article{background:var(--paper);border:1px solid var(--line);border-radius:.75rem;padding:1.1rem 1.25rem;margin:0 0 1rem}
article h2{font-size:1.05rem;margin:0}article header p{margin:.1rem 0 .8rem;color:var(--soft);font-size:.875rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;margin:0}a{color:var(--link)}
"""


class Mailbox:
    """Takes e-mails as SendGrid does, and shows them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/v3/mail/send", self.send, methods=["POST"]),
            Route("/mailbox.json", self.listed, methods=["GET"]),
            Route("/mailbox", self.page, methods=["GET"]),
            Route("/mailbox", self.empty, methods=["DELETE"]),
        ]

    async def send(self, request: Request) -> Response:
        """202 without a body, or SendGrid's list of errors."""
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not key.strip():
            return _errors(401, ("The provided authorization grant is invalid, expired, or revoked", None))
        try:
            asked = json.loads(await request.body())
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            return _errors(400, ("Bad Request", None))
        problems = _problems(asked)
        if problems:
            return _errors(400, *problems)
        reference = secrets.token_urlsafe(16)
        with self._store.together():
            for person in asked["personalizations"]:
                self._keep(asked, person, reference)
        return Response(status_code=202, headers={"X-Message-Id": reference})

    def _keep(self, asked: dict[str, Any], person: dict[str, Any], reference: str) -> None:
        content = {part["type"]: part["value"] for part in asked.get("content", [])}
        text, markup = content.get("text/plain", ""), content.get("text/html", "")
        links = [html.unescape(link) for link in LINK.findall(text) or LINK.findall(markup)]
        now = self._clock.now()
        entry = {
            "id": reference,
            "at": datetime.fromtimestamp(now, UTC).isoformat(),
            "from": asked["from"]["email"],
            "subject": person.get("subject") or asked.get("subject", ""),
            "text": text,
            "html": markup,
            "links": list(dict.fromkeys(links)),
            "custom_args": {**asked.get("custom_args", {}), **person.get("custom_args", {})},
        }
        for role in ("to", "cc", "bcc"):
            for recipient in person.get(role, []):
                address = recipient["email"]
                self._store.write(
                    "INSERT INTO mails (at, recipient, entry) VALUES (?, ?, ?)",
                    now, address.lower(), json.dumps({**entry, "to": address}, ensure_ascii=False),
                )  # fmt: skip

    async def listed(self, request: Request) -> Response:
        """E-mails newest first as JSON, of one recipient when `to` names one."""
        return JSONResponse({"mails": self._mails(request.query_params.get("to", ""))})

    async def page(self, request: Request) -> Response:
        """The inbox."""
        asked = request.query_params.get("locale") or request.headers.get("accept-language", "es")
        language = "en" if asked.lower().startswith("en") else "es"
        words, recipient = WORDS[language], request.query_params.get("to", "")
        mails = "".join(_article(mail, words) for mail in self._mails(recipient)) or f"<p>{words['none']}</p>"
        return HTMLResponse(
            f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{words['title']}</title><style>{STYLE}</style><main><h1>{words['title']}</h1>"
            f'<p class="about">{words["about"]}</p><form><label>{words["only"]}'
            f'<input name="to" type="email" value="{html.escape(recipient)}"></label>'
            f"<button>{words['show']}</button></form>{mails}</main></html>"
        )

    async def empty(self, request: Request) -> Response:  # noqa: ARG002 - the shape of an endpoint
        self._store.write("DELETE FROM mails")
        return Response(status_code=204)

    def _mails(self, recipient: str) -> list[dict[str, Any]]:
        where, values = ("WHERE recipient = ? ", [recipient.lower()]) if recipient else ("", [])
        found = self._store.rows(f"SELECT entry FROM mails {where}ORDER BY n DESC LIMIT {SHOWN}", *values)
        return [json.loads(row[0]) for row in found]


def _article(mail: dict[str, Any], words: dict[str, str]) -> str:
    """One e-mail; the text part, or the HTML part without its markup and with its links."""
    body = mail["text"] or "\n".join([_words(mail["html"]), *mail["links"]])
    at = mail["at"][:19].replace("T", " ")
    return (
        f"<article><header><h2>{html.escape(mail['subject'])}</h2>"
        f"<p>{words['to']} {html.escape(mail['to'])} · {html.escape(mail['from'])} · "
        f'<time datetime="{mail["at"]}">{at} UTC</time></p></header><pre>{_linked(body)}</pre></article>'
    )


def _words(markup: str) -> str:
    """The readable words of an HTML body."""
    bare = re.sub(r"<(style|script|head)\b.*?</\1>", "", markup, flags=re.S | re.I)
    bare = re.sub(r"</(p|div|h\d|tr|li)>|<br\s*/?>", "\n", bare, flags=re.I)
    return html.unescape(re.sub(r"\n\s*\n+", "\n\n", re.sub(r"<[^>]+>", "", bare))).strip()


def _linked(text: str) -> str:
    parts, at = [], 0
    for found in LINK.finditer(text):
        link = html.escape(found.group())
        parts += [html.escape(text[at : found.start()]), f'<a href="{link}">{link}</a>']
        at = found.end()
    return "".join([*parts, html.escape(text[at:])])


def _problems(asked: dict[str, Any]) -> list[tuple[str, str | None]]:
    """What SendGrid refuses, in its words."""
    found: list[tuple[str, str | None]] = []
    people = asked.get("personalizations")
    if not isinstance(people, list) or not people:
        return [
            (
                "The personalizations field is required and must have at least one personalization.",
                "personalizations",
            )
        ]
    for n, person in enumerate(people):
        where = f"personalizations.{n}.to"
        recipients = person.get("to") if isinstance(person, dict) else None
        if not isinstance(recipients, list) or not recipients:
            found.append(("The to array is required, with an email object with a valid address.", where))
            continue
        for role in ("to", "cc", "bcc"):
            found += [
                ("Does not contain a valid address.", f"personalizations.{n}.{role}.{m}.email")
                for m, recipient in enumerate(person.get(role) or [])
                if not _is_address(recipient)
            ]
    if not _is_address(asked.get("from")):
        found.append(("The from object must be provided for every email send.", "from.email"))
    if not asked.get("subject") and not all(isinstance(one, dict) and one.get("subject") for one in people):
        found.append(("The subject is required.", "subject"))
    return found + _content_problems(asked.get("content"))


def _content_problems(content: Any) -> list[tuple[str, str | None]]:
    if not isinstance(content, list) or not content:
        return [
            (
                "The content parameter is required. There must be at least one defined content block.",
                "content",
            )
        ]
    found: list[tuple[str, str | None]] = []
    for n, part in enumerate(content):
        if not isinstance(part, dict) or not part.get("type"):
            found.append(("The content type must be provided.", f"content.{n}.type"))
        elif not isinstance(part.get("value"), str) or not part["value"]:
            found.append(
                ("The content value must be a string at least one character in length.", f"content.{n}.value")
            )
    kinds = [part.get("type") for part in content if isinstance(part, dict)]
    if "text/plain" in kinds and kinds[0] != "text/plain":
        found.append(
            (
                "If present, text/plain must be first, followed by text/html.",
                "content",
            )
        )
    return found


def _is_address(given: Any) -> bool:
    return isinstance(given, dict) and bool(ADDRESS.fullmatch(str(given.get("email") or "")))


def _errors(status: int, *problems: tuple[str, str | None]) -> Response:
    listed = [{"message": message, "field": field, "help": None} for message, field in problems]
    return JSONResponse({"errors": listed}, status)
