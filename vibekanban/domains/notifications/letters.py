"""What an e-mail looks like: subject, plain text and HTML in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from string import Template
from typing import Any

from vibekanban.core import i18n
from vibekanban.core.settings import settings


@dataclass(frozen=True)
class Letter:
    """A finished e-mail."""

    subject: str
    text: str
    html: str


def write(kind: str, locale: str, params: dict[str, Any]) -> Letter:
    """The e-mail of a kind; `href` among the parameters is the page its button opens."""
    given = {name: value for name, value in params.items() if name != "href"}
    # a name with a line break in it would otherwise write headers of its own
    own = f"emails.{kind}.subject" in i18n.catalogue(i18n.known(locale))
    texts = f"emails.{kind}" if own else f"notifications.{kind}"  # most notices need no other words
    subject = " ".join(i18n.say(locale, f"{texts}.{'subject' if own else 'title'}", **given).split())
    body = i18n.say(locale, f"{texts}.body", **given)
    action = i18n.say(locale, f"{texts}.action" if own else "notifications.open")
    link = link_to(locale, str(params.get("href") or ""))
    footer = i18n.say(locale, "emails.footer", origin=settings().origin)
    paragraphs = [part.strip() for part in body.split("\n\n") if part.strip()]
    html = _PAGE.substitute(
        locale=i18n.known(locale),
        subject=escape(subject),
        paragraphs="".join(f'<p style="{_PARAGRAPH}">{escape(part)}</p>' for part in paragraphs),
        link=escape(link, quote=True),
        action=escape(action),
        below=escape(i18n.say(locale, "emails.link_below")),
        footer=escape(footer),
    )
    return Letter(subject, f"{body}\n\n{action}: {link}\n\n-- \n{footer}\n", html)


def link_to(locale: str, href: str) -> str:
    """A page's full address in a language; the English tree lives under /en."""
    if href.startswith(("http://", "https://")):
        return href
    return settings().origin + ("/en" if i18n.known(locale) == "en" else "") + (href or "/app")


_FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_PARAGRAPH = f"margin:0 0 16px;{_FONT};font-size:16px;line-height:24px;color:#27272a"
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
<p style="margin:0;{_FONT};font-size:13px;line-height:20px;color:#52525b">$below<br>
<a href="$link" style="color:#4338ca;word-break:break-all">$link</a></p>
</td></tr><tr>
<td style="padding:16px 8px;{_FONT};font-size:13px;line-height:20px;color:#52525b">$footer</td></tr></table>
</td></tr></table></body></html>
"""
)
