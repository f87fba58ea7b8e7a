"""Who gets a summary of yesterday, of which accounts and when: the alerts of type DAILY_SUMMARY, and an hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import func, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from vibekanban.core import i18n, security
from vibekanban.core.columns import now
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.accounts import queries as people
from vibekanban.domains.accounts.models import User
from vibekanban.domains.alerts import alerts
from vibekanban.domains.alerts.models import Alert, AlertType, SummarySchedule
from vibekanban.domains.meta.models import Level, MetaAccount
from vibekanban.domains.notifications.preferences import EMAIL

HOUR = 8
PATIENCE = timedelta(hours=3)  # how long a summary waits for yesterday's numbers
UNSUBSCRIBE = "unsubscribe:daily_summary"


@dataclass(frozen=True)
class Wish:
    """The accounts of the summary, and the hour in the user's timezone."""

    account_ids: list[UUID]
    hour: int


@dataclass(frozen=True)
class Due:
    """A summary whose hour has come; `last_call` when it waits no longer for numbers."""

    user_id: UUID
    day: date
    last_call: bool


def wish(session: Session, user_id: UUID) -> Wish:
    schedule = session.get(SummarySchedule, user_id)
    return Wish(
        [one.account_id for one in _subscribed(session, user_id)], schedule.hour if schedule else HOUR
    )


def subscribe(session: Session, user_id: UUID, *, account_ids: Sequence[UUID], hour: int) -> Wish:
    """Summaries of these accounts alone from now on, the first at the next such hour; none without accounts."""
    if not 0 <= hour <= 23:
        raise Invalid({"hour": "summary.fields.hour"})
    user = people.user_for_update(session, user_id)
    if user is None:
        raise NotFound()
    before = _subscribed(session, user_id)
    kept = {one.account_id: one for one in _of(session, user_id)}
    for account_id, alert in kept.items():
        alert.is_active = account_id in account_ids
        if alert.is_active and EMAIL not in alert.channels:
            alert.channels = [*alert.channels, EMAIL]
    for account_id in dict.fromkeys(account_ids):
        if account_id not in kept:
            alerts.create(
                session,
                user_id,
                name=i18n.say(user.locale, "summary.name"),
                type=AlertType.DAILY_SUMMARY,
                account_id=account_id,
                level=Level.ACCOUNT,
                condition={},
                window="yesterday",
                channels=[EMAIL],
            )
    schedule = session.get(SummarySchedule, user_id, populate_existing=True)
    if schedule is None:
        schedule = SummarySchedule(user_id=user_id, hour=hour)
        session.add(schedule)
    schedule.hour = hour
    local = now().astimezone(ZoneInfo(user.timezone))
    if not before and local.hour >= hour:
        schedule.sent_for = local.date()  # whoever begins in the afternoon reads the first one tomorrow
    session.flush()
    return wish(session, user_id)


def unsubscribe(session: Session, token: str) -> None:
    """End somebody's summaries by the link of one; NotFound when it is no such link."""
    user_id = security.read_link(UNSUBSCRIBE, token)
    if user_id is None or people.user(session, user_id) is None:
        raise NotFound()
    session.execute(
        update(Alert)
        .where(col(Alert.user_id) == user_id, col(Alert.type) == AlertType.DAILY_SUMMARY)
        .values(is_active=False, updated_at=now())
    )


def due(session: Session, moment: datetime | None = None) -> list[Due]:
    """Summaries whose hour has come and that were not settled for that day in their reader's timezone."""
    rows = session.execute(
        sa.select(
            col(User.id).label("user_id"),
            col(User.timezone),
            func.coalesce(SummarySchedule.hour, HOUR).label("hour"),
            col(SummarySchedule.sent_for),
            func.min(Alert.created_at).label("since"),
        )
        .select_from(User)
        .join(Alert, col(Alert.user_id) == col(User.id))
        .join(SummarySchedule, col(SummarySchedule.user_id) == col(User.id), isouter=True)
        .where(
            col(User.is_active),
            col(Alert.type) == AlertType.DAILY_SUMMARY,
            col(Alert.is_active),
            col(Alert.removed_at).is_(None),
            col(Alert.channels).contains([EMAIL]),
        )
        .group_by(col(User.id), col(SummarySchedule.user_id))
    ).all()
    found = []
    for row in rows:
        zone = ZoneInfo(row.timezone)
        local = (moment or now()).astimezone(zone)
        comes = datetime.combine(local.date(), time(row.hour), zone)
        settled = row.sent_for is not None and row.sent_for >= local.date()
        if not settled and row.since <= comes <= local:
            found.append(Due(row.user_id, local.date(), local >= comes + PATIENCE))
    return found


def settle(session: Session, user_id: UUID, day: date) -> bool:
    """Mark a day done; False when it was done before. Of two at once one waits and is told so."""
    done = session.execute(
        insert(SummarySchedule)
        .values(user_id=user_id, hour=HOUR, sent_for=day)
        .on_conflict_do_update(
            index_elements=["user_id"],
            set_={"sent_for": day},
            where=or_(col(SummarySchedule.sent_for).is_(None), col(SummarySchedule.sent_for) < day),
        )
        .returning(col(SummarySchedule.user_id))
    ).first()
    return done is not None


def subscribed_accounts(session: Session, user_id: UUID) -> list[MetaAccount]:
    """The accounts of somebody's summary, by name."""
    ids = [one.account_id for one in _subscribed(session, user_id)]
    query = select(MetaAccount).where(MetaAccount.user_id == user_id, col(MetaAccount.id).in_(ids))
    return list(session.exec(query.order_by(MetaAccount.name, col(MetaAccount.id))))


def _subscribed(session: Session, user_id: UUID) -> list[Alert]:
    return [one for one in _of(session, user_id) if one.is_active and EMAIL in one.channels]


def _of(session: Session, user_id: UUID) -> list[Alert]:
    """Somebody's alerts of that type; of an account with several, one that is on before one that is not."""
    query = select(Alert).where(
        Alert.user_id == user_id, Alert.type == AlertType.DAILY_SUMMARY, col(Alert.removed_at).is_(None)
    )
    found = session.exec(query.order_by(col(Alert.is_active).desc(), col(Alert.id))).all()
    return list({one.account_id: one for one in reversed(found)}.values())[::-1]
