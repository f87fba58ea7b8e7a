"""The daily summary's way to the mailbox: its numbers, once, and not at all when there is nothing to tell."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from rq import Queue
from sqlmodel import Session, select

from tests.conftest import Sandbox
from tests.factories.accounts import a_user
from tests.factories.alerts import an_alert
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.factories.metrics import a_fact, write
from vibekanban.core import broker, db, queue
from vibekanban.core.columns import now
from vibekanban.domains.accounts.models import User
from vibekanban.domains.alerts import summary
from vibekanban.domains.alerts.models import AlertEvent, SummarySchedule
from vibekanban.domains.meta import metrics
from vibekanban.domains.meta.models import ConnectionStatus, Level, MetaAccount
from vibekanban.domains.notifications.models import Email
from workers import notifications, summaries

Database = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Reader:
    user: User
    account: MetaAccount

    @property
    def yesterday(self) -> date:
        return metrics.local_today(self.account) - timedelta(days=1)


def a_reader(database: Database, *, locale: str = "es", currency: str = "EUR", **values: Any) -> Reader:
    """Somebody who asked for a summary of an account called Casa Verde, with one campaign."""
    with database() as session:
        user = a_user(session, name="Ana", locale=locale)
        connection = a_connection(session, user, **values)
        account = an_account(session, connection, name="Casa Verde", currency=currency)
        a_campaign(session, account, name="Otoño", meta_id="1201")
        summary.subscribe(session, user.id, account_ids=[account.id], hour=8)
        session.exec(select(SummarySchedule)).one().sent_for = None
    return Reader(user, account)


def spent(reader: Reader, *spend: str, complete: bool = True) -> None:
    """What was spent yesterday, the day before, and so on, of eight days that were read."""
    end = reader.yesterday
    days = [end - timedelta(days=n) for n in range(len(spend))]
    read_at = now() if complete else now() - timedelta(days=2)
    for level in (Level.CAMPAIGN, Level.ACCOUNT):
        facts = [
            a_fact("1201", day, spend=one, event="omni_purchase")
            if level is Level.CAMPAIGN
            else a_fact(f"act_{reader.account.meta_account_id}", day, spend=one, event="omni_purchase")
            for day, one in zip(days, spend, strict=True)
        ]
        with db.metrics_transaction() as store:
            write(
                store,
                reader.account.id,
                facts,
                level=level,
                since=end - timedelta(days=7),
                until=end,
                read_at=read_at,
            )


def send(reader: Reader, *, last_call: bool = False) -> None:
    summaries.send_summary(str(reader.user.id), reader.yesterday.isoformat(), last_call)


def emails(database: Database) -> list[UUID]:
    with database() as session:
        return list(session.exec(select(Email.id)))


def arrived(database: Database, sandbox: Sandbox, reader: Reader) -> dict[str, Any]:
    (email_id,) = emails(database)
    notifications.send_email(str(email_id))
    (mail,) = httpx.get(f"{sandbox.url}/mailbox.json", params={"to": reader.user.email}, timeout=10).json()
    return mail


def test_a_summary_tells_yesterday_against_the_days_before(database: Database, sandbox: Sandbox) -> None:
    reader = a_reader(database)
    spent(reader, "1234.50", "1000.00", *["500.00"] * 6)
    send(reader)
    mail = arrived(database, sandbox, reader)
    text = mail["content"]["text/plain"]
    assert mail["subject"].startswith("Resumen del ")
    assert "== Casa Verde ==" in text
    assert "Gasto: 1.234,50\xa0€; Día anterior: ▲ 23\xa0%; Media de 7 días: ▲ 116\xa0%" in text
    assert "Otoño: 1.234,50\xa0€; Día anterior: ▲ 23\xa0%" in text


def test_english_readers_get_english_numbers_in_the_accounts_currency(
    database: Database, sandbox: Sandbox
) -> None:
    reader = a_reader(database, locale="en", currency="MXN")
    spent(reader, "1234.50", "2000.00")
    send(reader)
    text = arrived(database, sandbox, reader)["content"]["text/plain"]
    assert "Spend: MX$1,234.50; Day before: ▼ 38%" in text


def test_a_summary_can_be_ended_with_one_click(database: Database, sandbox: Sandbox) -> None:
    reader = a_reader(database)
    spent(reader, "10.00")
    send(reader)
    mail = arrived(database, sandbox, reader)
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["headers"]["List-Unsubscribe"].strip("<>")
    assert link.startswith("http://localhost:8000/api/notifications/unsubscribe?token=")
    with database() as session:
        summary.unsubscribe(session, link.partition("token=")[2])
        assert summary.wish(session, reader.user.id).account_ids == []


def test_alerts_and_connections_in_trouble_are_named(database: Database, sandbox: Sandbox) -> None:
    reader = a_reader(database)
    spent(reader, "10.00")
    with database() as session:
        a_connection(session, reader.user, meta_user_name="Luis", status=ConnectionStatus.NEEDS_REAUTH)
        lost = a_connection(
            session, reader.user, meta_user_name="Marta", status=ConnectionStatus.NEEDS_REAUTH
        )
        an_account(session, lost)
        alert = an_alert(session, reader.account, name="Gasto alto")
        session.add(
            AlertEvent(
                alert_id=alert.id,
                user_id=reader.user.id,
                account_id=reader.account.id,
                level=Level.ACCOUNT,
                object_id=reader.account.id,
                fired_at=now() - timedelta(hours=2),
            )
        )
    send(reader)
    text = arrived(database, sandbox, reader)["content"]["text/plain"]
    assert "Gasto alto: 1 ×" in text
    assert "Marta: Hay que volver a conectar" in text


def test_a_summary_is_sent_once_though_two_workers_run_it_at_once(database: Database) -> None:
    reader = a_reader(database)
    spent(reader, "10.00")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _n: send(reader), range(8)))
    assert len(emails(database)) == 1


def test_two_schedulers_order_a_summary_once(database: Database) -> None:
    reader = a_reader(database)
    with database() as session:  # its hour is always over
        session.exec(select(SummarySchedule)).one().hour = 0
        session.exec(select(summary.Alert)).one().created_at = now() - timedelta(days=9)
    for _ in range(2):
        summaries.sweep_summaries()
    lane = Queue(queue.Lane.TODAY.value, connection=broker.connection(), serializer=queue.SERIALIZER)
    assert [one for one in lane.job_ids if one.startswith("summary-")] == [
        f"summary-{reader.user.id}-{metrics.local_today(reader.account)}"
    ]


def test_nothing_is_sent_where_there_is_nothing_to_tell(database: Database) -> None:
    reader = a_reader(database)
    spent(reader)
    send(reader)
    assert emails(database) == []


def test_numbers_that_are_still_to_come_are_waited_for(database: Database) -> None:
    reader = a_reader(database)
    spent(reader, "10.00", "9.00", "8.00", complete=False)
    send(reader)
    assert emails(database) == []
    send(reader, last_call=True)
    assert len(emails(database)) == 1


def test_what_was_read_too_early_says_so(database: Database, sandbox: Sandbox) -> None:
    reader = a_reader(database)
    spent(reader, "10.00", "9.00", complete=False)
    send(reader, last_call=True)
    assert "Cifras incompletas" in arrived(database, sandbox, reader)["content"]["text/plain"]


def test_a_connection_that_is_dead_is_not_waited_for(database: Database) -> None:
    reader = a_reader(database, status=ConnectionStatus.NEEDS_REAUTH)
    spent(reader, "10.00", "9.00", complete=False)
    send(reader)
    assert len(emails(database)) == 1


@pytest.mark.parametrize("day", ["2026-01-01", "2026-01-02"])
def test_a_day_that_was_settled_is_not_told_again(database: Database, day: str) -> None:
    reader = a_reader(database)
    spent(reader, "10.00")
    with database() as session:
        assert summary.settle(session, reader.user.id, date(2026, 1, 2))
    summaries.send_summary(str(reader.user.id), day, True)
    assert emails(database) == []
