"""SendGrid, over its official library: one e-mail, one try, and whether it has one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import (
    Attachment,
    Content,
    Disposition,
    Email,
    FileContent,
    FileName,
    FileType,
    Mail,
    To,
)

from vibekanban.core.settings import settings

TIMEOUT = 15  # seconds without a byte
SENDER = "Vibe Kanban"
REFERENCE = "reference"  # the argument of a message that holds our own id of it


class MailRefused(Exception):
    """SendGrid will never take this e-mail: the address or the content is wrong."""


class MailUnavailable(Exception):
    """SendGrid can not be reached, is busy, or does not know our key: it has not taken it, worth another try."""


class MailUnanswered(Exception):
    """SendGrid was told, and its answer did not come: it may have taken the e-mail."""


def send(
    *,
    to: str,
    subject: str,
    text: str,
    html: str,
    reference: str,
    headers: Mapping[str, str] | None = None,
    attachments: Sequence[Mapping[str, str]] = (),
) -> None:
    """Hand one e-mail to SendGrid; raises MailRefused, MailUnavailable or MailUnanswered.

    An attachment is `{name, type, content}` with its content in base64; SendGrid takes 30 MB in all.

    `reference` comes back in SendGrid's events and list, and tells a repeated e-mail from a new one.
    """
    message = Mail(from_email=Email(settings().from_email, SENDER), to_emails=To(to), subject=subject)
    message.add_content(Content("text/plain", text))
    message.add_content(Content("text/html", html))
    for one in attachments:
        message.add_attachment(
            Attachment(
                FileContent(one["content"]),
                FileName(one["name"]),
                FileType(one["type"]),
                Disposition("attachment"),
            )
        )
    body = message.get()
    body["custom_args"] = {REFERENCE: reference}
    if headers:
        body["headers"] = dict(headers)
    # links with one-time tokens must arrive as they are, and not pass through a third party's redirect
    body["tracking_settings"] = {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
    }
    try:
        _client().mail.send.post(request_body=body)
    except HTTPError as error:
        status = int(error.status_code)
        kind = MailUnavailable if status in {401, 403, 429} or status >= 500 else MailRefused
        raise kind(f"answered {status}") from error
    except URLError as error:  # before the whole of it was sent
        raise MailUnavailable(f"not reached: {type(error).__name__}") from error
    except (OSError, HTTPException) as error:
        raise MailUnanswered(f"no answer: {type(error).__name__}") from error


def taken(reference: str) -> bool | None:
    """Whether SendGrid's list of messages has it; None when the list can not be read (it is an add-on).

    The list shows a message some minutes after it was taken. Raises MailUnavailable.
    """
    query = {"limit": 1, "query": f"(unique_args['{REFERENCE}']=\"{reference}\")"}
    try:
        answer = _client().messages.get(query_params=query)
        return bool(json.loads(answer.body).get("messages"))
    except HTTPError as error:
        status = int(error.status_code)
        if status == 429 or status >= 500:
            raise MailUnavailable(f"answered {status}") from error
        return None
    except (OSError, HTTPException) as error:
        raise MailUnavailable(f"not reached: {type(error).__name__}") from error
    except (ValueError, AttributeError):
        return None  # not the list we know


def _client() -> Any:
    """The library's client, which builds its paths from attribute names."""
    api = SendGridAPIClient(settings().sendgrid_api_key or "sandbox", host=settings().mail_api)
    client: Any = api.client
    client.timeout = TIMEOUT
    return client
