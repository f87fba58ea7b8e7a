"""Reports by e-mail: at the hour of their reader's day, once, with the numbers in their language and all rows in a file."""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from tests.conftest import Sandbox
from tests.domains.meta.meta_sandbox import queued
from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.factories.metrics import a_fact, a_row, write
from tests.factories.reporting import a_report
from vibekanban.core import broker, columns, db, security
from vibekanban.core.errors import NotFound
from vibekanban.core.queue import Job
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta import insights, metrics
from vibekanban.domains.meta.models import Campaign, Level, MetaAccount, Sync
from vibekanban.domains.notifications.models import Email
from vibekanban.domains.reporting import letter, saved, sending
from vibekanban.domains.reporting.models import Cadence, DeliveryStatus, ReportDelivery, SavedReport
from vibekanban.domains.reporting.schedules import Schedule
from workers import notifications, reports

Database = Callable[[], AbstractContextManager[Session]]
DAILY = Schedule(Cadence.DAILY, hour=8)


@dataclass(frozen=True)
class Sent:
    user: User
    account: MetaAccount
    campaign: Campaign
    report: SavedReport


@pytest.fixture
def daily(database: Database) -> Sent:
    """A report of yesterday that is sent daily; 12.34 of 20.00 were spent by the one campaign."""
    return a_daily(database)


def a_daily(database: Database, *, locale: str = "es", **asked: Any) -> Sent:
    with database() as session:
        user = a_user(session, name="Ana", locale=locale)
        account = an_account(session, a_connection(session, user))
        campaign = a_campaign(session, account, name="Rebajas")
        values = {
            "preset": "yesterday",
            "metrics": ["spend", "conversions", "ctr"],
            "compare": "none",
            **asked,
        }
        report = a_report(session, account, name="El día, a día", schedule=DAILY, **values)
    day = metrics.local_today(account) - timedelta(days=1)
    whole = a_row(day=day, account_id=account.meta_account_id, spend="1234.50")
    with db.metrics_transaction() as store:
        write(store, account.id, [a_fact(campaign.meta_id, day, spend="1230.00")], since=day, until=day)
        facts = [insights.fact(whole, Level.ACCOUNT)]
        write(store, account.id, facts, since=day, until=day, level=Level.ACCOUNT)
    return Sent(user, account, campaign, report)


def come_due(database: Database, sent: Sent, *, ago: timedelta = timedelta(minutes=1)) -> datetime:
    """Its time has come."""
    with database() as session:
        report = session.get_one(SavedReport, sent.report.id)
        report.next_due_at = columns.now() - ago
        return report.next_due_at


def run_jobs(database: Database) -> None:
    """What a worker would do now."""
    for (delivery_id,) in queued(Job.SEND_REPORT):
        reports.send_report(delivery_id)
    with database() as session:
        waiting = [email.id for email in session.exec(select(Email))]
    for email_id in waiting:
        notifications.send_email(str(email_id))


def mailbox(sandbox: Sandbox, sent: Sent) -> list[dict[str, Any]]:
    return httpx.get(f"{sandbox.url}/mailbox.json", params={"to": sent.user.email}, timeout=10).json()


def deliveries(database: Database) -> list[ReportDelivery]:
    with database() as session:
        return list(session.exec(select(ReportDelivery)))


def test_a_report_that_is_due_is_sent_with_its_table_and_a_file(
    database: Database, sandbox: Sandbox, daily: Sent
) -> None:
    come_due(database, daily)
    reports.sweep_reports()
    run_jobs(database)
    (mail,) = mailbox(sandbox, daily)
    assert mail["subject"] == "El día, a día · Casa Verde"
    text = mail["content"]["text/plain"].replace("\xa0", " ")
    assert "Rebajas: 1.230,00 €; Conversiones: 2; CTR: 2,00 %" in text
    assert "Archivado o eliminado: 4,50 €" in text
    assert "Total de la cuenta: 1.234,50 €" in text
    assert "omni_purchase, con atribución 7d_click_1d_view" in text
    assert f"/app/reports?report={daily.report.id}" in text
    (file,) = mail["attachments"]
    assert (file["filename"][:15], file["type"]) == ("el-dia-a-dia-20", "text/csv")
    table = list(csv.reader(io.StringIO(base64.b64decode(file["content"]).decode("utf-8-sig"))))
    spend = table[0].index("Gasto")
    assert [row[spend] for row in table[1:]] == ["1230.00", "4.50", "1234.50"]


def test_it_speaks_its_readers_language(database: Database, sandbox: Sandbox) -> None:
    sent = a_daily(database, locale="en")
    come_due(database, sent)
    reports.sweep_reports()
    run_jobs(database)
    (mail,) = mailbox(sandbox, sent)
    assert "Rebajas: €1,230.00; Conversions: 2; CTR: 2.00%" in mail["content"]["text/plain"]
    assert f"/en/app/reports?report={sent.report.id}" in mail["content"]["text/plain"]


def test_two_schedulers_and_two_workers_send_it_once(
    database: Database, sandbox: Sandbox, daily: Sent
) -> None:
    come_due(database, daily)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: reports.sweep_reports(), range(4)))
    (delivery,) = deliveries(database)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: reports.send_report(str(delivery.id)), range(4)))
    run_jobs(database)
    run_jobs(database)
    assert len(mailbox(sandbox, daily)) == 1


def test_after_it_was_ordered_it_is_due_tomorrow(database: Database, daily: Sent) -> None:
    come_due(database, daily)
    reports.sweep_reports()
    with database() as session:
        due = session.get_one(SavedReport, daily.report.id).next_due_at
    assert due is not None
    assert timedelta() < due - columns.now() <= timedelta(days=1, hours=1)


def test_days_that_were_missed_bring_one_e_mail(database: Database, daily: Sent) -> None:
    come_due(database, daily, ago=timedelta(days=3))
    reports.sweep_reports()
    reports.sweep_reports()
    assert len(deliveries(database)) == 1


def test_a_report_is_of_the_day_it_was_due(database: Database, sandbox: Sandbox, daily: Sent) -> None:
    due = come_due(database, daily, ago=timedelta(days=3))
    reports.sweep_reports()
    run_jobs(database)
    (mail,) = mailbox(sandbox, daily)
    yesterday = due.astimezone(ZoneInfo(daily.account.timezone)).date() - timedelta(days=1)
    assert mail["attachments"][0]["filename"] == f"el-dia-a-dia-{yesterday}-{yesterday}.csv"


def test_what_lost_its_job_is_ordered_again(database: Database, sandbox: Sandbox, daily: Sent) -> None:
    come_due(database, daily)
    reports.sweep_reports()
    broker.connection().flushdb()
    with database() as session:
        session.exec(select(ReportDelivery)).one().created_at -= sending.LOST_AFTER * 2
    reports.sweep_reports()
    run_jobs(database)
    assert len(mailbox(sandbox, daily)) == 1


def test_what_could_not_be_made_for_hours_is_given_up(database: Database, daily: Sent) -> None:
    come_due(database, daily)
    reports.sweep_reports()
    with database() as session:
        session.exec(select(ReportDelivery)).one().created_at -= sending.GIVE_UP * 2
    reports.sweep_reports()
    (delivery,) = deliveries(database)
    assert (delivery.status, delivery.error_code) == (DeliveryStatus.FAILED, "report_stuck")
    with database() as session:
        assert saved.report(session, daily.user.id, daily.report.id).last_failed


def test_somebody_who_moved_reads_it_at_the_hour_of_the_new_place(database: Database, daily: Sent) -> None:
    with database() as session:
        session.get_one(User, daily.user.id).timezone = "America/Mexico_City"
    reports.sweep_reports()
    with database() as session:
        report = session.get_one(SavedReport, daily.report.id)
    assert report.next_due_at is not None
    assert (report.planned_zone, report.next_due_at.hour) == ("America/Mexico_City", 14)


def test_a_breakdown_is_waited_for_and_then_sent_as_it_is(database: Database, sandbox: Sandbox) -> None:
    sent = a_daily(database, breakdown="age")
    come_due(database, sent)
    reports.sweep_reports()
    (delivery,) = deliveries(database)
    assert sending.send(delivery.id) is DeliveryStatus.ORDERED
    with database() as session:
        assert session.exec(select(Sync)).one().breakdown == "age"
        session.get_one(ReportDelivery, delivery.id).tries = sending.MOST_WAITS
    assert sending.send(delivery.id) is DeliveryStatus.POSTED
    run_jobs(database)
    (mail,) = mailbox(sandbox, sent)
    assert "puede faltar algo" in mail["content"]["text/plain"]


@pytest.mark.parametrize("loss", [{"is_active": False}, {"is_verified": False}])
def test_nobody_who_left_or_never_confirmed_their_address_is_written_to(
    database: Database, daily: Sent, loss: dict[str, bool]
) -> None:
    come_due(database, daily)
    reports.sweep_reports()
    with database() as session:
        user = session.get_one(User, daily.user.id)
        for name, value in loss.items():
            setattr(user, name, value)
    run_jobs(database)
    with database() as session:
        assert session.exec(select(Email)).all() == []


def test_the_link_in_the_e_mail_pauses_the_report(
    client: TestClient, database: Database, sandbox: Sandbox, daily: Sent
) -> None:
    come_due(database, daily)
    reports.sweep_reports()
    run_jobs(database)
    (mail,) = mailbox(sandbox, daily)
    link = next(one for one in mail["links"] if "unsubscribe-report" in one)
    token = re.sub(r".*token=", "", link)
    where = "/api/meta/reports/unsubscribe"
    assert client.get(where, params={"token": token}, follow_redirects=False).status_code == 303
    with database() as session:
        assert not session.get_one(SavedReport, daily.report.id).is_paused
    assert client.post(where, params={"token": token}).status_code == 204
    with database() as session:
        report = session.get_one(SavedReport, daily.report.id)
    assert (report.is_paused, report.next_due_at) == (True, None)


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_a_link_that_is_none_of_ours_pauses_nothing(database: Database, daily: Sent, token: str) -> None:
    with database() as session, pytest.raises(NotFound):
        sending.unsubscribe(session, token)


def test_a_link_of_another_purpose_pauses_nothing(database: Database, daily: Sent) -> None:
    token = security.sign_link("unsubscribe:daily_summary", daily.report.id)
    with database() as session, pytest.raises(NotFound):
        sending.unsubscribe(session, token)


def test_a_report_can_be_sent_now_once_a_minute(database: Database, sandbox: Sandbox, daily: Sent) -> None:
    def now() -> UUID:
        with database() as session:
            return sending.send_now(session, daily.user.id, daily.report.id)

    first = now()
    with database() as session:
        session.get_one(ReportDelivery, first).due_at = columns.now().replace(second=0, microsecond=0)
    assert now() == first
    run_jobs(database)
    assert len(mailbox(sandbox, daily)) == 1
    with database() as session:
        assert saved.report(session, daily.user.id, daily.report.id).last_sent_at is not None


def test_a_file_that_is_too_large_has_the_rows_that_fit(
    database: Database, sandbox: Sandbox, daily: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = metrics.local_today(daily.account) - timedelta(days=1)
    with db.metrics_transaction() as store:
        facts = [a_fact(str(number), day) for number in range(1000, 1100)]
        write(store, daily.account.id, facts, since=day, until=day)
    monkeypatch.setattr(letter, "LARGEST", 4000)
    come_due(database, daily)
    reports.sweep_reports()
    run_jobs(database)
    (mail,) = mailbox(sandbox, daily)
    content = base64.b64decode(mail["attachments"][0]["content"])
    assert 2000 < len(content) <= 4000
    assert f"las primeras {len(content.splitlines()) - 1} filas de 100" in mail["content"]["text/plain"]
