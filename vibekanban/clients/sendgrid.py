"""SendGrid, over its official library: one e-mail, one try."""

from __future__ import annotations

from typing import Any
from urllib.error import URLError

from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Content, Email, Mail, To

from vibekanban.core.settings import settings

TIMEOUT = 15  # seconds without a byte
SENDER = "Vibe Kanban"


class MailRefused(Exception):
    """SendGrid will never take this e-mail: the address or the content is wrong."""


class MailUnavailable(Exception):
    """SendGrid can not be reached, is busy, or does not know our key: worth another try."""


def send(*, to: str, subject: str, text: str, html: str, reference: str) -> None:
    """Hand one e-mail to SendGrid; raises MailRefused or MailUnavailable.

    `reference` comes back in SendGrid's events and tells a repeated e-mail from a new one.
    """
    message = Mail(from_email=Email(settings().from_email, SENDER), to_emails=To(to), subject=subject)
    message.add_content(Content("text/plain", text))
    message.add_content(Content("text/html", html))
    body = message.get()
    body["custom_args"] = {"reference": reference}
    # links with one-time tokens must arrive as they are, and not pass through a third party's redirect
    body["tracking_settings"] = {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
    }
    api = SendGridAPIClient(settings().sendgrid_api_key or "sandbox", host=settings().mail_api)
    client: Any = api.client  # builds its paths from attribute names
    client.timeout = TIMEOUT
    try:
        client.mail.send.post(request_body=body)
    except HTTPError as error:
        status = int(error.status_code)
        kind = MailUnavailable if status in {401, 403, 429} or status >= 500 else MailRefused
        raise kind(f"answered {status}") from error
    except (URLError, OSError) as error:
        raise MailUnavailable(f"not reached: {type(error).__name__}") from error
