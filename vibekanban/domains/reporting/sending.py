"""Sending saved reports: each due time once, whoever looks for it and however often its job runs.

A due time is a row of its own (one for each report and moment); the row's job puts one e-mail into the outbox under a
key of the same; the outbox sends it once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from vibekanban.core import columns, db, events, logging, queue, security
from vibekanban.core.errors import AppError, NotFound
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.accounts.models import User
from vibekanban.domains.notifications import outbox
from vibekanban.domains.reporting import cuts, explorer, letter, saved, schedules
from vibekanban.domains.reporting.explorer import Answer
from vibekanban.domains.reporting.models import Cadence, DeliveryStatus, ReportDelivery, SavedReport

KIND = "report"
UNSUBSCRIBE = "unsubscribe:report"
AT_ONCE = 500
WAIT = timedelta(minutes=1)  # for a breakdown that is being read
MOST_WAITS = 20
LOST_AFTER = timedelta(minutes=3)
GIVE_UP = timedelta(hours=6)  # a report that nobody could make for so long is none of this morning's
KEPT = timedelta(days=120)

log = logging.logger(__name__)


def order_due(session: Session, moment: datetime | None = None) -> int:
    """Order every report whose time has come, and take up what lost its job; says how many."""
    now = moment or columns.now()
    _follow_owners(session)
    due = session.exec(
        select(SavedReport, User)
        .join(User, col(User.id) == SavedReport.user_id)
        .where(col(SavedReport.next_due_at) <= now, User.is_active)
        .order_by(col(SavedReport.next_due_at))
        .limit(AT_ONCE)
        .with_for_update(of=SavedReport, skip_locked=True)  # pyright: ignore[reportArgumentType]
    ).all()
    ordered = [
        delivery_id
        for report, user in due
        if report.next_due_at and (delivery_id := _ordered(session, report, report.next_due_at))
    ]
    for report, user in due:
        schedules.plan(report, user.timezone, after=now)  # of several missed ones the last is sent
    return len(ordered) + _take_up(session, now)


def send_now(session: Session, user_id: UUID, report_id: UUID) -> UUID:
    """Order a report outside its schedule; asked for again within the minute it is the same one."""
    report = saved.report(session, user_id, report_id).report
    minute = columns.now().replace(second=0, microsecond=0)
    made = _ordered(session, report, minute)
    return (
        made
        or session.exec(
            select(ReportDelivery.id).where(
                ReportDelivery.report_id == report_id, ReportDelivery.due_at == minute
            )
        ).one()
    )


def send(delivery_id: UUID) -> DeliveryStatus | None:
    """Put the e-mail of a due time into the outbox; None when there is nothing to do.

    Opens its own transactions, none while Meta is asked. ORDERED: a breakdown is waited for, another job was ordered.
    """
    with db.transaction() as session:
        delivery = session.get(ReportDelivery, delivery_id)
        report = session.get(SavedReport, delivery.report_id) if delivery else None
        user = session.get(User, report.user_id) if report else None
    if delivery is None or report is None or user is None or delivery.status is not DeliveryStatus.ORDERED:
        return None
    try:
        answer, fetching = _answered(report, user, delivery)
        if fetching is not None and fetching.under_way and delivery.tries < MOST_WAITS:
            return _wait(delivery_id)
        if explorer.ask_people(answer):
            answer, fetching = _answered(report, user, delivery)
        written = letter.params(report, answer, user, unread=fetching is not None)
    except AppError as error:
        log.warning("report.not_sent", report=str(report.id), code=error.code)
        return _settle(delivery_id, DeliveryStatus.FAILED, error.code)
    with db.transaction() as session:
        row = session.get(ReportDelivery, delivery_id, with_for_update=True, populate_existing=True)
        if row is None or row.status is not DeliveryStatus.ORDERED:
            return None
        if not (user.is_active and user.is_verified):
            row.status, row.error_code = DeliveryStatus.FAILED, "recipient_unverified"
            return row.status
        row.email_id = outbox.put(
            session,
            user,
            KIND,
            {**written, "unsubscribe": security.sign_link(UNSUBSCRIBE, report.id)},
            dedupe_key=outbox.key_for(user.id, f"report:{report.id}:{row.due_at.isoformat()}"),
            href=f"/app/reports?report={report.id}",
        )
        row.status, row.posted_at = DeliveryStatus.POSTED, columns.now()
        events.publish(session, user.id, events.Topic.REPORTS, account_id=report.account_id)
        return row.status


def unsubscribe(session: Session, token: str) -> str:
    """Pause a report by the link of its e-mail; says its name. NotFound when it is no such link."""
    report_id = security.read_link(UNSUBSCRIBE, token)
    report = session.get(SavedReport, report_id, with_for_update=True) if report_id else None
    if report is None:
        raise NotFound()
    report.is_paused, report.next_due_at = True, None
    return report.name


def forget_old(session: Session) -> None:
    """Delete due times that are long over."""
    session.execute(delete(ReportDelivery).where(col(ReportDelivery.created_at) < columns.now() - KEPT))


def _answered(
    report: SavedReport, user: User, delivery: ReportDelivery
) -> tuple[Answer, cuts.Fetching | None]:
    with db.transaction() as session:
        answer = explorer.explore(session, user.id, saved.definition_of(report), at=delivery.due_at)
        return answer, cuts.fetch(session, user.id, answer)


def _follow_owners(session: Session) -> None:
    """Plan anew what its owner, who has moved, wants at the hours of the new place."""
    moved = session.exec(
        select(SavedReport, User.timezone)
        .join(User, col(User.id) == SavedReport.user_id)
        .where(
            SavedReport.cadence != Cadence.NONE,
            col(SavedReport.next_due_at).is_not(None),
            col(SavedReport.planned_zone) != col(User.timezone),
        )
        .limit(AT_ONCE)
        .with_for_update(of=SavedReport, skip_locked=True)  # pyright: ignore[reportArgumentType]
    ).all()
    for report, zone in moved:
        schedules.plan(report, zone)
    session.flush()


def _ordered(session: Session, report: SavedReport, due_at: datetime) -> UUID | None:
    """The row of a due time and its job; None when there is one already."""
    made = session.execute(
        insert(ReportDelivery)
        .values(
            id=columns.new_id(),
            user_id=report.user_id,
            report_id=report.id,
            due_at=due_at,
            status=DeliveryStatus.ORDERED,
            tries=0,
            created_at=columns.now(),
        )
        .on_conflict_do_nothing(index_elements=["report_id", "due_at"])
        .returning(col(ReportDelivery.id))
    ).scalar()
    if made is not None:
        _enqueue(session, made, 0)
    return made


def _take_up(session: Session, now: datetime) -> int:
    """Order again what was ordered a while ago and is still not in the outbox; a job that waits is left alone."""
    lost = session.exec(
        select(ReportDelivery)
        .where(
            ReportDelivery.status == DeliveryStatus.ORDERED,
            ReportDelivery.created_at < now - LOST_AFTER,
        )
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for delivery in lost:
        if now - delivery.created_at > GIVE_UP:
            delivery.status, delivery.error_code = DeliveryStatus.FAILED, "report_stuck"
        else:
            _enqueue(session, delivery.id, delivery.tries)
    return len(lost)


def _wait(delivery_id: UUID) -> DeliveryStatus | None:
    with db.transaction() as session:
        row = session.get(ReportDelivery, delivery_id, with_for_update=True, populate_existing=True)
        if row is None or row.status is not DeliveryStatus.ORDERED:
            return None
        row.tries += 1
        _enqueue(session, delivery_id, row.tries, delay=WAIT)
        return row.status


def _settle(delivery_id: UUID, status: DeliveryStatus, code: str) -> DeliveryStatus | None:
    with db.transaction() as session:
        row = session.get(ReportDelivery, delivery_id, with_for_update=True, populate_existing=True)
        if row is None or row.status is not DeliveryStatus.ORDERED:
            return None
        row.status, row.error_code = status, code
        events.publish(session, row.user_id, events.Topic.REPORTS)
        return row.status


def _enqueue(session: Session, delivery_id: UUID, tries: int, *, delay: timedelta | None = None) -> None:
    queue.enqueue(
        session,
        Job.SEND_REPORT,
        str(delivery_id),
        lane=Lane.TODAY,
        job_id=f"report-{delivery_id}-{tries}",
        delay=delay,
    )
