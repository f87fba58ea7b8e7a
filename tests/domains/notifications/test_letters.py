"""What an e-mail looks like."""

from __future__ import annotations

import re

import pytest

from vibekanban.core import i18n
from vibekanban.domains.notifications import letters

PARAMS = {"name": "Ana", "href": "/reset-password?token=vkl_1&x=2"}


def test_each_language_has_its_own_text_and_its_own_link() -> None:
    spanish = letters.write("reset_password", "es", PARAMS)
    english = letters.write("reset_password", "en", PARAMS)
    assert spanish.subject != english.subject
    assert "http://localhost:8000/reset-password?token=vkl_1&x=2" in spanish.text
    assert "http://localhost:8000/en/reset-password?token=vkl_1&x=2" in english.text


def test_what_people_wrote_is_escaped() -> None:
    letter = letters.write("reset_password", "es", {**PARAMS, "name": "<b>Ana</b>"})
    assert "<b>Ana" not in letter.html
    assert "&lt;b&gt;Ana" in letter.html
    assert 'href="http://localhost:8000/reset-password?token=vkl_1&amp;x=2"' in letter.html


def test_a_name_writes_no_headers() -> None:
    letter = letters.write("connection_expires", "es", {"name": "x", "days": "3\r\nBcc: all@example.com"})
    assert re.search(r"[\r\n]", letter.subject) is None


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_every_kind_of_e_mail_has_all_its_texts(locale: i18n.Locale) -> None:
    keys = i18n.catalogue(locale)
    kinds = {key.split(".")[1] for key in keys if key.startswith("emails.") and key.count(".") == 2}
    assert kinds
    missing = [
        f"emails.{kind}.{part}"
        for kind in kinds
        for part in ("subject", "body", "action")
        if f"emails.{kind}.{part}" not in keys
    ]
    assert missing == []


def _with_blocks(*shown: dict[str, object], **params: object) -> letters.Letter:
    given = {"name": "Ana", "day": "24 de noviembre", "blocks": list(shown), **params}
    return letters.write("daily_summary", "es", given)


def test_blocks_are_shown_below_the_words() -> None:
    letter = _with_blocks(
        {"heading": "Casa <Verde>"},
        {"text": "Leído hoy."},
        {"head": ["", "Ayer", "Media"], "rows": [["Gasto", "12 €", ["▲ 5 %", "bad"]]]},
    )
    assert "== Casa <Verde> ==\n\nLeído hoy.\n\nGasto: 12 €; Media: ▲ 5 %\n\n" in letter.text
    assert "Casa &lt;Verde&gt;</h2>" in letter.html
    assert "color:#b91c1c" in letter.html


def test_only_a_letter_with_a_token_can_be_ended() -> None:
    assert _with_blocks().headers == {}
    letter = _with_blocks(unsubscribe="abc")
    assert letter.headers["List-Unsubscribe"].endswith("/api/notifications/unsubscribe?token=abc>")
    assert "/unsubscribe?token=abc" in letter.text
    assert "/unsubscribe?token=abc" in letter.html


def test_a_notice_without_words_for_an_e_mail_uses_those_of_the_inbox() -> None:
    letter = letters.write("channel_switched_off", "es", {"label": "n8n", "href": "/app/channels"})
    assert letter.subject == "El canal «n8n» está desactivado"
    assert "Abrir en Vibe Kanban: http://localhost:8000/app/channels" in letter.text
