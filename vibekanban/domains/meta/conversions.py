"""Which event counts as an account's conversion: choosing it, and counting what is stored anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, select

from vibekanban.core import columns, db, queue
from vibekanban.core import events as live
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.meta import accounts, metrics, metrics_store, today
from vibekanban.domains.meta.insights import PURCHASES
from vibekanban.domains.meta.models import Level, MetaAccount

DAYS = 30  # over which what is offered is counted
LOOKED_AT = (Level.ACCOUNT, Level.CAMPAIGN)
LONGEST = "10min"  # for a level of a large account with all its months

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
    FROM (SELECT *, {event} AS event FROM metric_facts WHERE account_id = :account AND level = ANY(:levels)) f
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


@dataclass(frozen=True)
class Seen:
    """An action type that happened in the account, and how often in the last 30 days."""

    action_type: str
    count: float


@dataclass(frozen=True)
class Offer:
    """What an account may count as its conversion."""

    account: MetaAccount
    events: list[Seen]


def offered(session: Session, user_id: UUID, account_id: UUID) -> Offer:
    """The action types of an account, the most frequent first."""
    account = accounts.account(session, user_id, account_id)
    with db.metrics_transaction() as store:
        return Offer(account, seen(store, account))


def declare(user_id: UUID, account_id: UUID, event: str | None) -> None:
    """Count this event from now on, in what is stored too; None goes back to the first purchase type present.

    Opens its own transactions: first the choice, so that no sync writes by the old one afterwards. What people
    look at is counted anew before this returns, ad sets and ads by a job.
    """
    with db.transaction() as session:
        account = session.exec(
            select(MetaAccount)
            .where(MetaAccount.id == account_id, MetaAccount.user_id == user_id)
            .with_for_update()
        ).first()
        if account is None:
            raise NotFound()
        if event is not None:
            with db.metrics_transaction() as store:
                if event not in {one.action_type for one in seen(store, account)}:
                    raise Invalid({"conversionEvent": "syncs.field.event"})
        account.conversion_event = event
        # no name for the job: one that runs already may have read the choice before this one
        queue.enqueue(session, Job.RECOUNT_CONVERSIONS, str(account_id), lane=Lane.HUMAN, timeout=1800)
    count_anew(account_id, LOOKED_AT)


def count_anew(account_id: UUID, levels: Sequence[Level] = tuple(Level)) -> None:
    """Count what is stored of these levels by the account's choice, and tell open pages; safe to repeat."""
    for level in levels:
        with db.metrics_transaction() as store:
            _one_at_a_time(store, account_id)
            account = _account(account_id)  # under the lock: who comes last counts by the last choice
            if account is None:
                return  # disconnected meanwhile
            store.execute(text(f"SET LOCAL statement_timeout = '{LONGEST}'"))
            recount(store, account_id, account.conversion_event, levels=(level,))
    with db.metrics_transaction() as store:
        oldest = store.execute(
            text("SELECT min(day) FROM metric_facts WHERE account_id = :account"), {"account": account_id}
        ).scalar()
    if oldest is not None:
        metrics_store.refresh_weeks(oldest, columns.now().date())
    account = _account(account_id)
    if account is None:
        return
    with db.transaction() as session, db.metrics_transaction() as store:
        today.recounted(session, store, account)
        for topic in (live.Topic.METRICS, live.Topic.CONNECTIONS):
            live.publish(session, account.user_id, topic, account_id=account_id)


def catch_up(written: MetaAccount) -> None:
    """After facts were written by an account as it was when reading began: by another choice since, anew."""
    account = _account(written.id)
    if account is not None and account.conversion_event != written.conversion_event:
        count_anew(written.id)


def _account(account_id: UUID) -> MetaAccount | None:
    with db.transaction() as session:
        return session.get(MetaAccount, account_id)


def seen(session: Session, account: MetaAccount | metrics.Scope) -> list[Seen]:
    """The action types that happened in the account; `session` is on the metrics store.

    Counted by the account's own rows, and by its campaigns' only while there are none: they hold the same.
    """
    found = session.execute(
        text(
            "SELECT a.key, coalesce(sum(a.value::numeric) FILTER (WHERE f.day > :since), 0) AS number"
            " FROM metric_facts f, jsonb_each_text(f.actions) a"
            " WHERE f.account_id = :account AND f.breakdown = '' AND length(a.key) <= 120 AND f.level = ("
            " SELECT CASE WHEN EXISTS (SELECT FROM metric_facts WHERE account_id = :account AND level = 'account')"
            " THEN 'account' ELSE 'campaign' END) GROUP BY 1 ORDER BY 2 DESC, 1"
        ),
        {"account": account.id, "since": metrics.local_today(account) - timedelta(days=DAYS)},
    )
    return [Seen(row.key, float(row.number)) for row in found]


def recount(
    session: Session, account_id: UUID, event: str | None, *, levels: Sequence[Level] = tuple(Level)
) -> int:
    """Count stored facts anew from their actions; says how many changed. No restatement: Meta said nothing."""
    _one_at_a_time(session, account_id)
    metrics_store.change(session, account_id)
    statement = _RECOUNT.format(event="CAST(:event AS varchar)" if event else _FIRST_PURCHASE)
    if metrics_store.has_timescale(session):
        metrics_store.unpack_without_limit(session)
    else:
        statement += _WEEKS
    # `counted` is read to its end first: TimescaleDB unpacks for `changed`, and hides from it what it unpacked
    counted = session.execute(
        text(f"{statement} SELECT (SELECT count(*) FROM counted), (SELECT count(*) FROM changed)"),
        {"account": account_id, "event": event, "levels": [level.value for level in levels]},
    )
    return counted.one()[1]


def _one_at_a_time(session: Session, account_id: UUID) -> None:
    """The lock that an ingest of the account takes too."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:account AS text), 7))"),
        {"account": account_id},
    )
