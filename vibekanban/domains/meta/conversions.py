"""Which event counts as an account's conversion: choosing it, and counting what is stored anew."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, select

from vibekanban.core import columns, db
from vibekanban.core import events as live
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.meta import metrics_store, today
from vibekanban.domains.meta.insights import PURCHASES
from vibekanban.domains.meta.models import MetaAccount

_FIRST_PURCHASE = (
    "CASE "
    + " ".join(f"WHEN actions ? '{kind}' THEN '{kind}'" for kind in PURCHASES)
    + f" ELSE '{PURCHASES[0]}' END"
)
_RECOUNT = """
WITH counted AS MATERIALIZED (
    SELECT level, object_id, day, breakdown, breakdown_value, attribution, conversions_micros, revenue_micros,
        event, coalesce((actions ->> event)::numeric * 1000000, 0)::bigint AS conversions,
        coalesce((action_values ->> event)::numeric * 1000000, 0)::bigint AS revenue
    FROM (SELECT *, {event} AS event FROM metric_facts WHERE account_id = :account) f
    WHERE conversion_event <> event
), changed AS (
    UPDATE metric_facts f SET conversion_event = c.event, conversions_micros = c.conversions,
        revenue_micros = c.revenue
    FROM counted c
    WHERE f.account_id = :account AND f.level = c.level AND f.object_id = c.object_id AND f.day = c.day
      AND f.breakdown = c.breakdown AND f.breakdown_value = c.breakdown_value AND f.attribution = c.attribution
    RETURNING c.*
)
"""
_WEEKS = """, weeks AS (
    UPDATE metric_weeks w SET conversions_micros = w.conversions_micros + m.conversions,
        revenue_micros = w.revenue_micros + m.revenue
    FROM (
        SELECT level, object_id, breakdown, date_trunc('week', day)::date AS week,
            sum(conversions - conversions_micros) AS conversions, sum(revenue - revenue_micros) AS revenue
        FROM changed GROUP BY 1, 2, 3, 4
    ) m
    WHERE w.account_id = :account AND w.level = m.level AND w.object_id = m.object_id
      AND w.breakdown = m.breakdown AND w.week = m.week
)
"""


def declare(user_id: UUID, account_id: UUID, event: str | None) -> None:
    """Count this event from now on, in what is stored too; None goes back to the first purchase type present.

    Opens its own transactions: first the choice, so that no sync writes by the old one afterwards.
    """
    with db.transaction() as session:
        account = session.exec(
            select(MetaAccount)
            .where(MetaAccount.id == account_id, MetaAccount.user_id == user_id)
            .with_for_update()
        ).first()
        if account is None:
            raise NotFound()
        with db.metrics_transaction() as store:
            if event is not None and event not in events(store, account_id):
                raise Invalid({"conversionEvent": "syncs.field.event"})
        account.conversion_event = event
    with db.metrics_transaction() as store:
        recount(store, account_id, event)
        oldest = store.execute(
            text("SELECT min(day) FROM metric_facts WHERE account_id = :account"), {"account": account_id}
        ).scalar()
    if oldest is not None:
        metrics_store.refresh_weeks(oldest, columns.now().date())
    with db.transaction() as session, db.metrics_transaction() as store:
        today.recounted(session, store, account)
        live.publish(session, user_id, live.Topic.METRICS, account_id=account_id)


def events(session: Session, account_id: UUID) -> list[str]:
    """The action types that happened in the account; `session` is on the metrics store."""
    found = session.execute(
        text(
            "SELECT DISTINCT jsonb_object_keys(actions) FROM metric_facts"
            " WHERE account_id = :account AND level IN ('account', 'campaign') AND breakdown = '' ORDER BY 1"
        ),
        {"account": account_id},
    )
    return list(found.scalars())


def recount(session: Session, account_id: UUID, event: str | None) -> int:
    """Count every stored fact anew from its actions; says how many changed. No restatement: Meta said nothing."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:account AS text), 7))"),
        {"account": account_id},
    )
    statement = _RECOUNT.format(event="CAST(:event AS varchar)" if event else _FIRST_PURCHASE)
    if metrics_store.has_timescale(session):
        metrics_store.unpack_without_limit(session)
    else:
        statement += _WEEKS
    # `counted` is read to its end first: TimescaleDB unpacks for `changed`, and hides from it what it unpacked
    counted = session.execute(
        text(f"{statement} SELECT (SELECT count(*) FROM counted), (SELECT count(*) FROM changed)"),
        {"account": account_id, "event": event},
    )
    return counted.one()[1]
