"""Reports that people keep: listing, making, changing, duplicating and deleting them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import func
from sqlmodel import Session, col, select

from vibekanban.core import columns
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta import accounts
from vibekanban.domains.meta.models import MetaAccount
from vibekanban.domains.notifications.models import Email, EmailStatus
from vibekanban.domains.reporting import schedules
from vibekanban.domains.reporting.definitions import Definition
from vibekanban.domains.reporting.errors import TooManyReports
from vibekanban.domains.reporting.models import DeliveryStatus, ReportDelivery, SavedReport
from vibekanban.domains.reporting.schedules import Schedule

MOST = 200  # of one person
LONGEST_NAME = 120


@dataclass(frozen=True)
class Kept:
    """A saved report with its account, and when it went out last and whether the newest failed."""

    report: SavedReport
    account: MetaAccount
    last_sent_at: datetime | None
    last_failed: bool

    @property
    def definition(self) -> Definition:
        return definition_of(self.report)


def definition_of(report: SavedReport) -> Definition:
    """What a saved report asks for; Invalid when it was kept by a version that asked for something else."""
    try:
        return Definition.model_validate(report.definition)
    except ValidationError as error:
        raise Invalid({"definition": "field.invalid"}) from error


def reports(
    session: Session,
    user_id: UUID,
    *,
    account_id: UUID | None = None,
    account_ids: Collection[UUID] | None = None,
    before: UUID | None = None,
    limit: int = MOST,
) -> list[Kept]:
    """The person's reports, the newest first."""
    query = _owned(user_id).order_by(col(SavedReport.id).desc()).limit(limit)
    if account_id is not None:
        query = query.where(SavedReport.account_id == account_id)
    if account_ids is not None:
        query = query.where(col(SavedReport.account_id).in_(account_ids))
    if before is not None:
        query = query.where(SavedReport.id < before)
    found = list(session.exec(query))
    ends = _ends(session, [report.id for report, _ in found])
    return [Kept(report, account, *ends.get(report.id, (None, False))) for report, account in found]


def report(session: Session, user_id: UUID, report_id: UUID) -> Kept:
    found = session.exec(_owned(user_id).where(SavedReport.id == report_id)).first()
    if found is None:
        raise NotFound()
    kept, account = found
    return Kept(kept, account, *_ends(session, [report_id]).get(report_id, (None, False)))


def create(
    session: Session, user_id: UUID, name: str, definition: Definition, schedule: Schedule | None = None
) -> Kept:
    """Keep a report; its account must be the person's own."""
    accounts.account(session, user_id, definition.account_id)
    user = _locked(session, user_id)
    count = session.exec(select(func.count()).where(SavedReport.user_id == user_id)).one()
    if count >= MOST:
        raise TooManyReports()
    made = SavedReport(
        user_id=user_id,
        account_id=definition.account_id,
        name=_named(name),
        definition=_document(definition),
    )
    if schedule is not None:
        _set(made, schedule, user)
    session.add(made)
    session.flush()
    return report(session, user_id, made.id)


def change(
    session: Session,
    user_id: UUID,
    report_id: UUID,
    *,
    name: str | None = None,
    definition: Definition | None = None,
    schedule: Schedule | None = None,
) -> Kept:
    """Change what is given; a schedule without cadence ends the sending."""
    user = _locked(session, user_id)
    changed = report(session, user_id, report_id).report
    if name is not None:
        changed.name = _named(name)
    if definition is not None:
        accounts.account(session, user_id, definition.account_id)
        changed.account_id, changed.definition = definition.account_id, _document(definition)
    if schedule is not None:
        _set(changed, schedule, user)
    changed.updated_at = columns.now()
    session.flush()
    return report(session, user_id, report_id)


def duplicate(session: Session, user_id: UUID, report_id: UUID, name: str) -> Kept:
    """The same question under another name; it is not sent to anybody until somebody says so."""
    return create(session, user_id, name, report(session, user_id, report_id).definition)


def delete(session: Session, user_id: UUID, report_id: UUID) -> None:
    session.delete(report(session, user_id, report_id).report)
    session.flush()


def _owned(user_id: UUID) -> Any:
    return (
        select(SavedReport, MetaAccount)
        .join(MetaAccount, col(MetaAccount.id) == SavedReport.account_id)
        .where(SavedReport.user_id == user_id)
    )


def _locked(session: Session, user_id: UUID) -> User:
    """The person, so that two at once neither exceed the limit nor plan by an old timezone."""
    return session.exec(
        select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def _named(name: str) -> str:
    wanted = " ".join(name.split())
    if not wanted or not wanted.isprintable():
        raise Invalid({"name": "field.missing"})
    if len(wanted) > LONGEST_NAME:
        raise Invalid({"name": "reports.field.name_long"})
    return wanted


def _document(definition: Definition) -> dict[str, Any]:
    return Definition.model_validate(definition.model_dump(include=set(Definition.model_fields))).model_dump(
        mode="json", by_alias=True
    )


def _set(changed: SavedReport, schedule: Schedule, user: User) -> None:
    changed.cadence, changed.hour = schedule.cadence, schedule.hour
    changed.weekday, changed.month_day = schedule.weekday, schedule.month_day
    changed.is_paused = schedule.is_paused
    schedules.plan(changed, user.timezone)


def _ends(session: Session, report_ids: list[UUID]) -> dict[UUID, tuple[datetime | None, bool]]:
    """When each was sent last, and whether its newest delivery came to nothing."""
    lost = (col(ReportDelivery.status) == DeliveryStatus.FAILED) | (col(Email.status) == EmailStatus.FAILED)
    # what is in the outbox goes out, or is told as failed; after a month the outbox forgets it
    arrived = (col(ReportDelivery.status) == DeliveryStatus.POSTED) & (
        col(Email.status).is_(None) | (col(Email.status) != EmailStatus.FAILED)
    )
    sent_at = func.coalesce(col(Email.sent_at), col(ReportDelivery.posted_at))
    last_lost, last_arrived = (func.max(ReportDelivery.due_at).filter(ended) for ended in (lost, arrived))
    rows = session.exec(
        select(
            ReportDelivery.report_id,
            func.max(sent_at).filter(arrived),
            last_lost.is_not(None) & (last_arrived.is_(None) | (last_lost > last_arrived)),
        )
        .join(Email, col(Email.id) == ReportDelivery.email_id, isouter=True)
        .where(col(ReportDelivery.report_id).in_(report_ids))
        .group_by(col(ReportDelivery.report_id))
    )
    return {report_id: (sent, failed) for report_id, sent, failed in rows}
