"""Telling what fired: one notice an alert and a pass, however many of its objects fired together."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from vibekanban.core import columns, db, events, i18n, queue
from vibekanban.domains.accounts import queries as people
from vibekanban.domains.alerts import wording
from vibekanban.domains.alerts.models import ActionOutcome, Alert, AlertEvent, AlertType
from vibekanban.domains.meta.models import Ad, AdSet, Level, MetaAccount
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
    kind, data = "alert_fired", _data(session, alert, first)
    if len(together) > 1:
        kind = "alert_fired_many"
        data |= {"count": len(together), "object": ", ".join(one.object_name for one in together[:NAMED])}
    channels.deliver(
        session,
        alert.user_id,
        kind=kind,
        data=data | {"objectIds": [str(one.object_id) for one in together]},
        channels=alert.channels,
        dedupe_key=f"alert:{first.id}",
        urgent=alert.type in URGENT,
    )
    alert.last_fired_at = first.fired_at
    for one in together:
        one.told_at = columns.now()
        if one.action is not None:
            queue.enqueue(
                session, queue.Job.ACT_ON_ALERT, str(one.id), lane=queue.Lane.ALERT, job_id=f"act-{one.id}"
            )
    session.flush()
    events.publish(
        session,
        alert.user_id,
        events.Topic.ALERTS,
        account_id=first.account_id,
        id=str(alert.id),
        fired=len(together),
    )


def _data(session: Session, alert: Alert, event: AlertEvent) -> dict[str, Any]:
    account = session.get_one(MetaAccount, event.account_id)
    user = people.user(session, alert.user_id)
    locale = user.locale if user is not None else i18n.DEFAULT
    return {
        "alert": alert.name,
        "account": account.name,
        "object": event.object_name,
        "figures": wording.figures(event.numbers, account.currency, locale),
        "href": _page(session, event),
        "alertId": str(alert.id),
        "accountId": str(account.id),
        "level": event.level,
        "firedAt": event.fired_at.isoformat(),
    }


def _page(session: Session, event: AlertEvent) -> str:
    """Where one sees what it is about: the object's campaign, or the account."""
    match event.level:
        case Level.CAMPAIGN:
            return f"/app/campaign?id={event.object_id}"
        case Level.AD_SET | Level.AD:
            kind = AdSet if event.level == Level.AD_SET else Ad
            thing = session.get(kind, event.object_id)
            return f"/app/campaign?id={thing.campaign_id}" if thing else "/app"
        case _:
            return "/app"


def tell_outcome(session: Session, event: AlertEvent) -> None:
    """What became of a firing's action; one that had nothing left to do is not worth a notice."""
    outcome = event.outcome
    if outcome not in {
        ActionOutcome.DONE,
        ActionOutcome.REFUSED,
        ActionOutcome.LIMITED,
        ActionOutcome.NO_BUDGET,
        ActionOutcome.STOPPED,
    }:
        return
    alert = session.get_one(Alert, event.alert_id)
    kind = (event.action or {}).get("kind", "")
    channels.deliver(
        session,
        alert.user_id,
        kind=f"alert_{kind}_done" if outcome == ActionOutcome.DONE else f"alert_action_{outcome}",
        data=_data(session, alert, event),
        channels=alert.channels,
        dedupe_key=f"alert:{event.id}:action",
        urgent=alert.type in URGENT,
    )
