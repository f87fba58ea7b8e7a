"""What a notification says outside the inbox: to Slack as words and a link, to a webhook as a document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from vibekanban.core import i18n
from vibekanban.domains.notifications import letters


@dataclass(frozen=True)
class Notice:
    """A notification in its reader's language."""

    title: str
    body: str
    link: str
    action: str


def write(kind: str, locale: str, params: dict[str, Any], href: str) -> Notice:
    return Notice(
        title=i18n.say(locale, f"notifications.{kind}.title", **params),
        body=i18n.say(locale, f"notifications.{kind}.body", **params),
        link=letters.link_to(locale, href),
        action=i18n.say(locale, "notifications.open"),
    )


def document(kind: str, notice: Notice, params: dict[str, Any], at: datetime) -> bytes:
    """The body of a webhook: `type`, `timestamp` and `data`, as Standard Webhooks asks."""
    return orjson.dumps(
        {
            "type": kind,
            "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "data": {**params, "title": notice.title, "body": notice.body, "url": notice.link},
        }
    )


def reason(locale: str, stored: str) -> str:
    """Why a delivery failed, in the reader's language; empty when it did not."""
    code, _, detail = stored.partition(" ")
    return i18n.say(locale, f"channels.reasons.{code}", detail=detail) if code else ""
