"""Slack's incoming webhooks: one message as Block Kit, one try."""

from __future__ import annotations

from urllib.parse import urlsplit

import orjson

from vibekanban.clients import posting
from vibekanban.clients.posting import Gone, Refused, Unavailable
from vibekanban.core.settings import settings

GONE = frozenset({404, 410})  # no_service, channel_is_archived: the webhook was removed
HEADER_LENGTH, SECTION_LENGTH = 150, 2900
LONGEST = 2000


def accepts(url: str) -> bool:
    """Whether an address is an incoming webhook of the Slack we are set up with (or of the sandbox's)."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        return False
    given = urlsplit(url)
    return (
        any(
            (given.scheme, given.netloc) == (base.scheme, base.netloc)
            for base in map(urlsplit, settings().slack_bases)
        )
        and given.path.startswith("/services/")
        and not given.query
        and not given.fragment
    )


def send(url: str, *, title: str, body: str, link: str, action: str) -> None:
    """Post one message with a link; raises Gone, Refused or Unavailable."""
    if not accepts(url):
        raise Refused("not_slack")
    status, said = posting.post(url, orjson.dumps(message(title, body, link, action)), {})
    if status == 200:
        return
    reason = ("answered", f"{status} {said}" if said.isidentifier() else f"{status}")
    if status in GONE:
        raise Gone(*reason)
    if status == 429 or status >= 500:
        raise Unavailable(*reason)
    raise Refused(*reason)


def message(title: str, body: str, link: str, action: str) -> dict[str, object]:
    """Block Kit; `text` is what a phone's notification shows."""
    return {
        "text": _plain(f"{title}: {body}"[:SECTION_LENGTH]),
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": title[:HEADER_LENGTH], "emoji": False}},
            {"type": "section", "text": {"type": "mrkdwn", "text": _plain(body[:SECTION_LENGTH]) or " "}},
            {"type": "section", "text": {"type": "mrkdwn", "text": f"<{link}|{_plain(action)}>"}},
        ],
    }


def _plain(text: str) -> str:
    """Slack's three control characters, so that a campaign's name can not mention a channel or fake a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


__all__ = ["Gone", "Refused", "Unavailable", "accepts", "message", "send"]
