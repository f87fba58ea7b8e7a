"""Telling what fired: once, in one notice however many objects fired together, over the chosen channels."""

from __future__ import annotations

from typing import Any

from sqlmodel import select

from tests.factories.alerts import AT, an_alert, read, spent
from tests.factories.meta import a_campaign
from vibekanban.domains.alerts import engine, telling
from vibekanban.domains.meta.models import MetaAccount
from vibekanban.domains.notifications import inbox
from vibekanban.domains.notifications.models import Email


def fire(database: Any, account: MetaAccount, campaigns: int, **values: Any) -> None:
    with database() as session:
        made = [a_campaign(session, account, name=f"Rebajas {number}") for number in range(campaigns)]
        an_alert(session, account, **values)
    spent(account.id, AT, *({"campaign": one.meta_id, "spend": "120.5"} for one in made))
    with database() as session:
        read(session, account.id, AT)
    engine.judge()


def lines(database: Any, account: MetaAccount, locale: str) -> list[tuple[str, str]]:
    with database() as session:
        return [(line.title, line.body) for line in inbox.lines(session, account.user_id, locale)]


def test_a_firing_is_told_in_the_readers_words_and_once(database: Any, account: MetaAccount) -> None:
    fire(database, account, 1)
    assert [telling.tell(), telling.tell()] == [1, 0]
    ((title, body),) = lines(database, account, "es")
    assert title == "Alerta: Gasto alto"
    assert body == "Rebajas 0 (Casa Verde): Gasto 120,50\xa0€ (hoy)."


def test_what_fires_together_is_one_notice(database: Any, account: MetaAccount) -> None:
    fire(database, account, 5)
    telling.tell()
    ((_title, body),) = lines(database, account, "en")
    assert body.startswith("5 at once in Casa Verde: ")


def test_the_chosen_channels_are_told_too(database: Any, account: MetaAccount) -> None:
    fire(database, account, 1, channels=["email"])
    telling.tell()
    with database() as session:
        assert session.exec(select(Email)).one().kind == "alert_fired"
