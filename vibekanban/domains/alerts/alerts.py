"""Writing and listing alerts; what an alert watches is turned into leaves with every write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from vibekanban.core import columns, queue
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.alerts import actions, leaves
from vibekanban.domains.alerts.errors import TooManyAlerts
from vibekanban.domains.alerts.models import Alert, AlertEvent, AlertLeaf, AlertState
from vibekanban.domains.meta import objects
from vibekanban.domains.meta.models import Campaign, Level
from vibekanban.domains.notifications import channels as notices
from vibekanban.domains.notifications import preferences
from vibekanban.domains.notifications import queries as notified
from vibekanban.domains.notifications.kinds import Subject

MOST = 1000  # alerts of one person
KEPT = timedelta(days=1)  # of a removed one, so that it can be undone and a pause of today still ends
_THERE = col(Alert.removed_at).is_(None)
# what decides when an alert fires: after a change of it every object starts as one that never fired
DECIDING = {"condition", "window", "maturity_hours", "minimum", "hysteresis", "name_filter", "level"}


def create(session: Session, user_id: UUID, **values: Any) -> Alert:
    """A new alert, judged at once; Invalid names what is wrong with it."""
    _room(session, user_id)
    alert, rows = drafted(session, user_id, **values)
    session.add(alert)
    session.flush()
    _keep(session, alert, rows)
    return alert


def _room(session: Session, user_id: UUID) -> None:
    """One more alert fits."""
    if session.exec(select(func.count()).where(Alert.user_id == user_id, _THERE)).one() >= MOST:
        raise TooManyAlerts(limit=MOST)


def drafted(
    session: Session,
    user_id: UUID,
    *,
    account_id: UUID | None = None,
    campaign_id: UUID | None = None,
    level: Level | None = None,
    **values: Any,
) -> tuple[Alert, list[AlertLeaf]]:
    """An alert of the user's and its leaves, in no table yet; Invalid names what is wrong with it.

    Without channels it is told where its owner wants alerts told.
    """
    if values.get("channels") is None:
        values["channels"] = list(preferences.preferences(session, user_id).routes[Subject.ALERTS])
    if campaign_id is not None:
        campaign = session.exec(
            select(Campaign).where(Campaign.id == campaign_id, Campaign.user_id == user_id)
        ).first()
        if campaign is None or account_id not in {None, campaign.account_id}:
            raise NotFound()
        account_id = campaign.account_id
    if account_id is None:
        raise Invalid({"accountId": "alerts.field.place"})
    if not objects.owns_accounts(session, user_id, [account_id]):
        raise NotFound()
    alert = Alert(
        user_id=user_id,
        account_id=account_id,
        campaign_id=campaign_id,
        level=level or Level.CAMPAIGN,
        **_clean(values),
    )
    rows = _checked(session, alert)
    return alert, rows


def change(session: Session, user_id: UUID, alert_id: UUID, **values: Any) -> Alert:
    """Write some of an alert's fields; what is decided anew starts as if it had never fired."""
    found = session.exec(
        select(Alert).where(Alert.id == alert_id, Alert.user_id == user_id, _THERE).with_for_update()
    ).first()
    if found is None:
        raise NotFound()
    values = _clean(values)
    anew = any(name in DECIDING and getattr(found, name) != value for name, value in values.items())
    with session.no_autoflush:
        for name, value in values.items():
            setattr(found, name, value)
        rows = _checked(session, found)
    found.updated_at = columns.now()
    session.flush()
    if anew:
        session.execute(delete(AlertState).where(col(AlertState.alert_id) == found.id))
    _keep(session, found, rows)
    return found


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    """Names without what UTF-8 and PostgreSQL can not hold, and without stray spaces."""
    written = {
        name: " ".join(values[name].replace("\x00", "").encode("utf-8", "replace").decode().split())
        for name in ("name", "name_filter")
        if name in values
    }
    return values | written


def _checked(session: Session, alert: Alert) -> list[AlertLeaf]:
    """The leaves of an alert that is as it should be; before a row of it is written."""
    if not alert.name:
        raise Invalid({"name": "field.missing"})
    if alert.level is Level.CREATIVE or (alert.level is Level.ACCOUNT and alert.campaign_id is not None):
        raise Invalid({"level": "alerts.field.level"})
    for chosen in alert.channels:
        if chosen != notices.EMAIL and notified.channel(session, alert.user_id, UUID(chosen)) is None:
            raise Invalid({"channels": "alerts.field.channels"})
    actions.read(alert.action, alert.level)
    return leaves.compiled(alert)


def _keep(session: Session, alert: Alert, rows: list[AlertLeaf]) -> None:
    """Replace its leaves, and have it judged by the numbers that are there."""
    session.execute(delete(AlertLeaf).where(col(AlertLeaf.alert_id) == alert.id))
    if alert.is_active:
        session.add_all(rows)
        session.flush()
        queue.enqueue(
            session,
            queue.Job.JUDGE_ALERTS,
            str(alert.account_id),
            True,
            lane=queue.Lane.ALERT,
            job_id=f"judge-{alert.account_id}-{alert.id}",
        )


def remove(session: Session, user_id: UUID, alert_id: UUID) -> None:
    """Take an alert away with its firings; for a day it can be restored."""
    found = alert(session, user_id, alert_id)
    found.removed_at = columns.now()
    session.execute(delete(AlertLeaf).where(col(AlertLeaf.alert_id) == found.id))
    session.flush()


def restore(session: Session, user_id: UUID, alert_id: UUID) -> Alert:
    """Bring a removed alert back, as it was; one that is there stays. NotFound when it is gone for good."""
    found = session.exec(
        select(Alert).where(Alert.id == alert_id, Alert.user_id == user_id).with_for_update()
    ).first()
    if found is None:
        raise NotFound()
    if found.removed_at is not None:
        _room(session, user_id)
        found.removed_at = None
        _keep(session, found, leaves.compiled(found))
    return found


def forget_removed(session: Session) -> None:
    """Delete what was removed long enough ago, with its firings."""
    session.execute(delete(Alert).where(col(Alert.removed_at) < columns.now() - KEPT))


def alert(session: Session, user_id: UUID, alert_id: UUID, *, or_removed: bool = False) -> Alert:
    """One of the user's alerts; with `or_removed` also one that can still be restored."""
    found = session.exec(select(Alert).where(Alert.id == alert_id, Alert.user_id == user_id)).first()
    if found is None or (found.removed_at is not None and not or_removed):
        raise NotFound()
    return found


def alerts(
    session: Session,
    user_id: UUID,
    *,
    account_id: UUID | None = None,
    account_ids: Sequence[UUID] | None = None,
    campaign_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = 25,
) -> Sequence[Alert]:
    """Somebody's alerts, newest first."""
    query = select(Alert).where(Alert.user_id == user_id, _THERE)
    if account_ids is not None:
        query = query.where(col(Alert.account_id).in_(account_ids))
    if account_id is not None:
        query = query.where(Alert.account_id == account_id)
    if campaign_id is not None:
        query = query.where(Alert.campaign_id == campaign_id)
    if before is not None:
        query = query.where(Alert.id < before)
    return session.exec(query.order_by(col(Alert.id).desc()).limit(limit)).all()


def firings(
    session: Session, user_id: UUID, alert_id: UUID, *, before: UUID | None = None, limit: int = 25
) -> Sequence[AlertEvent]:
    """An alert's firings, newest first."""
    alert(session, user_id, alert_id)
    query = select(AlertEvent).where(AlertEvent.alert_id == alert_id)
    if before is not None:
        query = query.where(AlertEvent.id < before)
    return session.exec(query.order_by(col(AlertEvent.id).desc()).limit(limit)).all()


def latest(session: Session, user_id: UUID, *, limit: int = 50) -> Sequence[AlertEvent]:
    """The user's last firings over all alerts, newest first."""
    query = (
        select(AlertEvent)
        .join(Alert, col(Alert.id) == AlertEvent.alert_id)
        .where(AlertEvent.user_id == user_id, _THERE)
    )
    return session.exec(query.order_by(col(AlertEvent.id).desc()).limit(limit)).all()
