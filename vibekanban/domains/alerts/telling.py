"""Telling what fired: one notice an alert and a pass, however many of its objects fired together."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from vibekanban.core import columns, db, events
from vibekanban.domains.accounts import queries as people
from vibekanban.domains.alerts import wording
from vibekanban.domains.alerts.models import Alert, AlertEvent, AlertType
from vibekanban.domains.meta.models import MetaAccount
from vibekanban.domains.notifications import channels

AT_ONCE = 500
# money that is being lost now may wake people up
URGENT = frozenset({AlertType.BUDGET_THRESHOLD, AlertType.CAMPAIGN_ERROR})
NAMED = 3  # objects a notice names


def tell() -> int:
    """Tell every firing that was not told; says how many. Opens its own transactions."""
    told = 0
    while True:
        with db.transaction() as session:
            found = _untold(session)
            for key, together in groupby(found, key=lambda one: (one.alert_id, one.fired_at)):
                _tell(session, key[0], list(together))
        told += len(found)
        if len(found) < AT_ONCE:
            return told


def _untold(session: Session) -> list[AlertEvent]:
    """Some firings for this job alone."""
    query = (
        select(AlertEvent)
        .where(col(AlertEvent.told_at).is_(None))
        .order_by(col(AlertEvent.alert_id), col(AlertEvent.fired_at), col(AlertEvent.id))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return list(session.exec(query))


def _tell(session: Session, alert_id: UUID, together: list[AlertEvent]) -> None:
    alert = session.get_one(Alert, alert_id)
    first = together[0]
    account = session.get_one(MetaAccount, first.account_id)
    user = people.user(session, alert.user_id)
    locale = user.locale if user is not None else "es"
    data: dict[str, Any] = {
        "alert": alert.name,
        "account": account.name,
        "object": first.object_name,
        "figures": wording.figures(first.numbers, account.currency, locale),
        "href": "/app",
        "alertId": str(alert.id),
        "accountId": str(account.id),
        "level": first.level,
        "objectIds": [str(one.object_id) for one in together],
        "firedAt": first.fired_at.isoformat(),
    }
    kind = "alert_fired"
    if len(together) > 1:
        kind = "alert_fired_many"
        data |= {"count": len(together), "object": ", ".join(one.object_name for one in together[:NAMED])}
    channels.deliver(
        session,
        alert.user_id,
        kind=kind,
        data=data,
        channels=alert.channels,
        dedupe_key=f"alert:{alert.id}:{first.fired_at:%Y%m%dT%H%M%S%f}:{first.id.hex[-6:]}",
        urgent=alert.type in URGENT,
    )
    alert.last_fired_at = first.fired_at
    for one in together:
        one.told_at = columns.now()
    session.flush()
    events.publish(
        session,
        alert.user_id,
        events.Topic.ALERTS,
        account_id=account.id,
        id=str(alert.id),
        fired=len(together),
    )
