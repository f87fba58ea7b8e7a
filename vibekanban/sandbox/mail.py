"""A mail service with SendGrid's API, and a mailbox to read what it would have delivered."""

from __future__ import annotations

import base64
import json
import re
import secrets
from datetime import UTC, datetime
from html import escape, unescape
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vibekanban.sandbox import pages
from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.store import Store

LINK = re.compile(r"https?://[^\s\"'<>)]*[^\s\"'<>).,;:!?\]]")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@localhost")
ARGUMENT = re.compile(r"""\(unique_args\['(\w+)'\]=["']([^"']*)["']\)""")
SHOWN = 200
WORDS = {
    "es": {
        "title": "Buzón de pruebas", "none": "Todavía no hay correos.", "to": "Para", "only": "Solo los de",
        "show": "Ver",
        "about": "Aquí llegan los correos que el producto envía mientras no hay un servicio de correo real.",
    },
    "en": {
        "title": "Sandbox mailbox", "none": "No e-mails yet.", "to": "To", "only": "Only those of", "show": "Show",
        "about": "E-mails the product sends arrive here while no real mail service is set up.",
    },
}  # fmt: skip
Problem = tuple[str, str | None]


class Mail:
    """One mailbox for every recipient."""

    def __init__(self, store: Store, clock: Clock, api_key: str) -> None:
        self._store = store
        self._clock = clock
        self._api_key = api_key

    def routes(self) -> list[Route]:
        return [
            Route("/v3/mail/send", self.send, methods=["POST"]),
            Route("/v3/messages", self.messages),
            Route("/v3/scopes", self.scopes),
            Route("/mailbox", self.page),
            Route("/mailbox.json", self.listing),
        ]

    def _refused(self, request: Request) -> Response | None:
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        if (
            kind.lower() == "bearer"
            and key
            and (not self._api_key or secrets.compare_digest(key, self._api_key))
        ):
            return None
        return _errors(401, ("The provided authorization grant is invalid, expired, or revoked", None))

    async def scopes(self, request: Request) -> Response:
        return self._refused(request) or JSONResponse({"scopes": ["mail.send"]})

    async def send(self, request: Request) -> Response:
        """202 with a message id, or SendGrid's list of errors."""
        refused = self._refused(request)
        if refused is not None:
            return refused
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

    async def messages(self, request: Request) -> Response:
        """The list of what was taken; of one message by an argument of its own, the only query known here."""
        refused = self._refused(request)
        if refused is not None:
            return refused
        asked = ARGUMENT.fullmatch(request.query_params.get("query", ""))
        if asked is None:
            return _errors(400, ("invalid query", "query"))
        name, value = asked.groups()
        found = [mail for mail in self._mails("") if mail["custom_args"].get(name) == value]
        listed = [
            {
                "msg_id": mail["id"], "from_email": mail["from"], "to_email": mail["to"], "subject": mail["subject"],
                "status": "delivered", "last_event_time": _zulu(mail["at"]), "opens_count": 0, "clicks_count": 0,
            }
            for mail in found
        ]  # fmt: skip
        return JSONResponse({"messages": listed[: int(request.query_params.get("limit") or 10)]})

    def _keep(self, asked: dict[str, Any], person: dict[str, Any], reference: str) -> None:
        entry = {
            "id": reference,
            "from": asked["from"]["email"],
            "subject": person.get("subject") or asked.get("subject", ""),
            "content": {part["type"]: part["value"] for part in asked["content"]},
            "headers": asked.get("headers", {}),
            "attachments": asked.get("attachments") or [],
            "custom_args": {**asked.get("custom_args", {}), **person.get("custom_args", {})},
        }
        for role in ("to", "cc", "bcc"):
            for recipient in person.get(role) or []:
                self._store.write(
                    "INSERT INTO mails (at, recipient, entry) VALUES (?, ?, ?)",
                    self._clock.now(), recipient["email"].lower(), json.dumps({"to": recipient["email"], **entry}),
                )  # fmt: skip

    def _mails(self, recipient: str) -> list[dict[str, Any]]:
        where, values = ("WHERE recipient = ? ", [recipient.lower()]) if recipient else ("", [])
        rows = self._store.rows(f"SELECT at, entry FROM mails {where}ORDER BY n DESC LIMIT {SHOWN}", *values)
        return [{"at": at, **json.loads(entry)} for at, entry in rows]

    async def listing(self, request: Request) -> Response:
        """Newest first; ?to= narrows to a recipient. `links` are those of the e-mail."""
        found = self._mails(request.query_params.get("to", ""))
        return JSONResponse([{**mail, "links": _links(mail)} for mail in found])

    async def page(self, request: Request) -> Response:
        locale = pages.locale_of(request)
        words, recipient = WORDS[locale], request.query_params.get("to", "")
        mails = "".join(_article(mail, words) for mail in self._mails(recipient)) or f"<p>{words['none']}</p>"
        form = (
            f"<form><label>{words['only']}"
            f'<input name="to" type="email" size="30" value="{escape(recipient)}"></label>'
            f"<button>{words['show']}</button></form>"
        )
        return pages.page(locale, words["title"], words["about"], form + mails)


def _zulu(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _article(mail: dict[str, Any], words: dict[str, str]) -> str:
    """One e-mail: its text, or the words and links of its HTML."""
    content = mail["content"]
    body = content.get("text/plain") or "\n".join([_bare(content.get("text/html", "")), *_links(mail)])
    return (
        f"<article><header><h2>{escape(mail['subject'])}</h2>"
        f"<p>{words['to']} {escape(mail['to'])} · {escape(mail['from'])} · "
        f"{pages.moment(mail['at'])}</p></header>"
        f"<pre>{_linked(body)}</pre>{''.join(_file(one) for one in mail.get('attachments', []))}</article>"
    )


def _file(attachment: dict[str, Any]) -> str:
    """A link that downloads an attached file."""
    name, kind = escape(attachment["filename"]), escape(attachment.get("type") or "application/octet-stream")
    return f'<p><a download="{name}" href="data:{kind};base64,{escape(attachment["content"])}">{name}</a></p>'


def _links(mail: dict[str, Any]) -> list[str]:
    content = mail["content"]
    found = LINK.findall(content.get("text/plain", "")) or LINK.findall(
        unescape(content.get("text/html", ""))
    )
    return list(dict.fromkeys(found))


def _bare(markup: str) -> str:
    """The readable words of an HTML body."""
    text = re.sub(r"<(style|script|head)\b.*?</\1>", "", markup, flags=re.S | re.I)
    text = re.sub(r"</(p|div|h\d|tr|li)>|<br\s*/?>", "\n", text, flags=re.I)
    return unescape(re.sub(r"\n\s*\n+", "\n\n", re.sub(r"<[^>]+>", "", text))).strip()


def _linked(text: str) -> str:
    parts, at = [], 0
    for found in LINK.finditer(text):
        link = escape(found.group())
        parts += [escape(text[at : found.start()]), f'<a href="{link}">{link}</a>']
        at = found.end()
    return "".join([*parts, escape(text[at:])])


def _problems(asked: dict[str, Any]) -> list[Problem]:
    """What SendGrid refuses, and the field it blames."""
    people = asked.get("personalizations")
    if not isinstance(people, list) or not people:
        return [
            (
                "The personalizations field is required and must have at least one personalization.",
                "personalizations",
            )
        ]
    found: list[Problem] = []
    for n, person in enumerate(people):
        recipients = person.get("to") if isinstance(person, dict) else None
        if not isinstance(recipients, list) or not recipients:
            found.append(
                ("The to array is required for all personalization objects.", f"personalizations.{n}.to")
            )
            continue
        found += [
            ("Does not contain a valid address.", f"personalizations.{n}.{role}.{m}.email")
            for role in ("to", "cc", "bcc")
            for m, recipient in enumerate(person.get(role) or [])
            if not _is_address(recipient)
        ]
    if not _is_address(asked.get("from")):
        found.append(("The from object must be provided for every email send.", "from.email"))
    if not asked.get("subject") and not all(isinstance(one, dict) and one.get("subject") for one in people):
        found.append(("The subject is required.", "subject"))
    found += _attachment_problems(asked.get("attachments"))
    return found + _content_problems(asked.get("content"))


def _attachment_problems(attachments: Any) -> list[Problem]:
    """A file is a name and its content in base64."""
    found: list[Problem] = []
    for n, one in enumerate(attachments if isinstance(attachments, list) else []):
        if not isinstance(one, dict) or not one.get("filename"):
            found.append(("The attachment filename is required.", f"attachments.{n}.filename"))
            continue
        try:
            base64.b64decode(one.get("content") or "-", validate=True)
        except (ValueError, TypeError):
            found.append(("The attachment content must be base64 encoded.", f"attachments.{n}.content"))
    return found


def _content_problems(content: Any) -> list[Problem]:
    if not isinstance(content, list) or not content:
        return [
            (
                "The content parameter is required. There must be at least one defined content block.",
                "content",
            )
        ]
    found: list[Problem] = []
    for n, part in enumerate(content):
        if not isinstance(part, dict) or not part.get("type"):
            found.append(("The content type must be provided.", f"content.{n}.type"))
        elif not isinstance(part.get("value"), str) or not part["value"]:
            found.append(
                ("The content value must be a string at least one character in length.", f"content.{n}.value")
            )
    kinds = [part.get("type") for part in content if isinstance(part, dict)]
    if "text/plain" in kinds and kinds[0] != "text/plain":
        found.append(("If present, text/plain must be first, followed by text/html.", "content"))
    return found


def _is_address(given: Any) -> bool:
    return isinstance(given, dict) and bool(ADDRESS.fullmatch(str(given.get("email") or "")))


def _errors(status: int, *problems: Problem) -> Response:
    listed = [{"message": message, "field": field, "help": None} for message, field in problems]
    return JSONResponse({"errors": listed}, status)
