"""What an e-mail looks like: subject, plain text and HTML in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from string import Template
from typing import Any

from vibekanban.core import i18n
from vibekanban.core.settings import settings
from vibekanban.domains.notifications import blocks
from vibekanban.domains.notifications.blocks import FONT as _FONT
from vibekanban.domains.notifications.blocks import PARAGRAPH as _PARAGRAPH

APART = frozenset(
    {"href", "blocks", "attachments", "unsubscribe"}
)  # parameters that are no words of the text
# the page and the route that end e-mails of a kind
USUAL_LEAVING = ("/unsubscribe", "/api/notifications/unsubscribe")
LEAVING = {"report": ("/unsubscribe-report", "/api/meta/reports/unsubscribe")}


@dataclass(frozen=True)
class Letter:
    """A finished e-mail."""

    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)
    attachments: list[dict[str, str]] = field(default_factory=list)


def write(kind: str, locale: str, params: dict[str, Any]) -> Letter:
    """The e-mail of a kind.

    Among the parameters `href` is the page its button opens, `blocks` are shown below the body (see `blocks.py`),
    `attachments` are files as `{name, type, content in base64}`, and `unsubscribe` is the token of a link that ends
    such e-mails.
    """
    given = {name: value for name, value in params.items() if name not in APART}
    below = params.get("blocks") or []
    token = str(params.get("unsubscribe") or "")
    own = f"emails.{kind}.subject" in i18n.catalogue(i18n.known(locale))
    texts = f"emails.{kind}" if own else f"notifications.{kind}"  # most notices need no other words
    # a name with a line break in it would otherwise write headers of its own
    subject = " ".join(i18n.say(locale, f"{texts}.{'subject' if own else 'title'}", **given).split())
    body = i18n.say(locale, f"{texts}.body", **given)
    action = i18n.say(locale, f"{texts}.action" if own else "notifications.open")
    link = link_to(locale, str(params.get("href") or ""))
    footer = i18n.say(locale, "emails.footer", origin=settings().origin)
    leave = _Leave(locale, token, *LEAVING.get(kind, USUAL_LEAVING))
    paragraphs = [part.strip() for part in body.split("\n\n") if part.strip()]
    html = _PAGE.substitute(
        locale=i18n.known(locale),
        subject=escape(subject),
        paragraphs="".join(f'<p style="{_PARAGRAPH}">{escape(part)}</p>' for part in paragraphs)
        + blocks.html(below),
        link=escape(link, quote=True),
        action=escape(action),
        copy=escape(i18n.say(locale, "emails.link_below")),
        footer=escape(footer) + leave.html,
    )
    text = "\n\n".join([body, *blocks.text(below), f"{action}: {link}"])
    return Letter(
        subject,
        f"{text}\n\n-- \n{footer}{leave.text}\n",
        html,
        leave.headers,
        list(params.get("attachments") or []),
    )


@dataclass(frozen=True)
class _Leave:
    """How to end such e-mails; nothing without a token."""

    locale: str
    token: str
    page: str
    route: str

    @property
    def _page(self) -> str:
        return link_to(self.locale, f"{self.page}?token={self.token}")

    @property
    def text(self) -> str:
        return f"\n{i18n.say(self.locale, 'emails.unsubscribe')}: {self._page}" if self.token else ""

    @property
    def html(self) -> str:
        if not self.token:
            return ""
        words = escape(i18n.say(self.locale, "emails.unsubscribe"))
        return f'<br><a href="{escape(self._page, quote=True)}" style="color:#52525b">{words}</a>'

    @property
    def headers(self) -> dict[str, str]:
        """What lets a mail program offer a button of its own (RFC 8058)."""
        if not self.token:
            return {}
        where = f"{settings().api_origin}{self.route}?token={self.token}"
        return {"List-Unsubscribe": f"<{where}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def link_to(locale: str, href: str) -> str:
    """A page's full address in a language; the English tree lives under /en."""
    if href.startswith(("http://", "https://")):
        return href
    return settings().origin + ("/en" if i18n.known(locale) == "en" else "") + (href or "/app")


# tables and inline styles: what mail programs understand
_PAGE = Template(
    f"""<!doctype html>
<html lang="$locale"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light"><title>$subject</title></head>
<body style="margin:0;padding:0;background:#f4f4f5">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#f4f4f5"><tr>
<td align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px"><tr>
<td style="padding:0 8px 16px;{_FONT};font-size:18px;font-weight:700;color:#18181b">Vibe Kanban</td></tr><tr>
<td style="background:#ffffff;border:1px solid #e4e4e7;border-radius:12px;padding:32px">
<h1 style="margin:0 0 16px;{_FONT};font-size:20px;line-height:28px;color:#18181b">$subject</h1>
$paragraphs
<table role="presentation" cellpadding="0" cellspacing="0" style="margin:24px 0"><tr>
<td style="border-radius:8px;background:#4f46e5">
<a href="$link" style="display:inline-block;padding:12px 24px;{_FONT};
font-size:16px;font-weight:600;color:#ffffff;text-decoration:none">$action</a></td></tr></table>
<p style="margin:0;{_FONT};font-size:13px;line-height:20px;color:#52525b">$copy<br>
<a href="$link" style="color:#4338ca;word-break:break-all">$link</a></p>
</td></tr><tr>
<td style="padding:16px 8px;{_FONT};font-size:13px;line-height:20px;color:#52525b">$footer</td></tr></table>
</td></tr></table></body></html>
"""
)
