"""The sandbox's mail service takes what SendGrid takes, and shows it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.conftest import Sandbox
from vibekanban.clients import sendgrid
from vibekanban.core.settings import settings

LINK = "http://localhost:8000/verify?token=a&b=c"


def a_mail(**changed: Any) -> dict[str, Any]:
    whole = {
        "personalizations": [{"to": [{"email": "Ana@Example.com"}]}],
        "from": {"email": "noreply@vibekanban.com"},
        "subject": "Hola <b>Ana</b>",
        "content": [{"type": "text/plain", "value": f"Entra: {LINK}."}],
        **changed,
    }
    return {name: value for name, value in whole.items() if value is not None}


def sent(sandbox: Sandbox, body: Any, key: str | None = None) -> httpx.Response:
    headers = {"authorization": f"Bearer {key or settings().sendgrid_api_key}"}
    return httpx.post(f"{sandbox.url}/v3/mail/send", json=body, headers=headers)


def inbox(sandbox: Sandbox, to: str) -> list[dict[str, Any]]:
    return sandbox.admin.get("/mailbox.json", params={"to": to}).json()


def test_a_mail_arrives_with_its_links(sandbox: Sandbox) -> None:
    answer = sent(sandbox, a_mail())
    assert (answer.status_code, answer.content) == (202, b"")
    assert answer.headers["x-message-id"]
    [mail] = inbox(sandbox, "ana@example.com")
    assert (mail["subject"], mail["links"]) == ("Hola <b>Ana</b>", [LINK])


def test_the_newest_comes_first_and_only_to_its_reader(sandbox: Sandbox) -> None:
    for subject in ("Uno", "Dos"):
        sent(sandbox, a_mail(subject=subject))
    assert [mail["subject"] for mail in inbox(sandbox, "ANA@example.com")] == ["Dos", "Uno"]
    assert inbox(sandbox, "eva@example.com") == []


def test_the_page_has_links_and_no_foreign_markup(sandbox: Sandbox) -> None:
    sent(sandbox, a_mail())
    page = sandbox.admin.get("/mailbox").text
    assert 'href="http://localhost:8000/verify?token=a&amp;b=c"' in page
    assert "Hola &lt;b&gt;Ana" in page


def test_the_official_library_is_understood(sandbox: Sandbox) -> None:
    sendgrid.send(to="eva@example.com", subject="Hola", text="Texto", html="<p>Texto</p>", reference="r1")
    [mail] = inbox(sandbox, "eva@example.com")
    assert (mail["content"]["text/html"], mail["custom_args"]["reference"]) == ("<p>Texto</p>", "r1")


def test_a_wrong_key_sends_nothing(sandbox: Sandbox) -> None:
    assert sent(sandbox, a_mail(), key="SG.wrong").status_code == 401
    assert inbox(sandbox, "ana@example.com") == []


@pytest.mark.parametrize(
    ("changed", "blamed"),
    [
        ({"personalizations": []}, "personalizations"), ({"personalizations": [{}]}, "personalizations.0.to"),
        ({"personalizations": [{"to": [{"email": "nadie"}]}]}, "personalizations.0.to.0.email"),
        ({"from": None}, "from.email"), ({"subject": None}, "subject"), ({"content": None}, "content"),
        ({"content": [{"type": "text/plain", "value": ""}]}, "content.0.value"),
    ],
)  # fmt: skip
def test_a_faulty_mail_is_refused(sandbox: Sandbox, changed: dict[str, Any], blamed: str) -> None:
    answer = sent(sandbox, a_mail(**changed))
    assert answer.status_code == 400
    assert blamed in {one["field"] for one in answer.json()["errors"]}
