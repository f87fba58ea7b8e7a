"""Reading numbers: totals, days, hours, cuts and summaries, each one statement whose answer is finished JSON.

Every statement runs over the hypertable and over native partitions alike, in a session here and on the
asynchronous pool in `hot.py`. Ratios are derived after summing. Money is a decimal string in major units,
`ctr` is in percent, `roas` a plain ratio; a ratio without a denominator is null.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import Session

from vibekanban.core import columns
from vibekanban.core.errors import Invalid
from vibekanban.domains.meta import money
from vibekanban.domains.meta.models import Level, MetaAccount

MATURE = 28
LONGEST = 1150  # days: Meta's 37 months
SUMS = """
    coalesce(sum(impressions), 0) AS impressions, coalesce(sum(clicks), 0) AS clicks,
    coalesce(sum(link_clicks), 0) AS link_clicks, coalesce(sum(spend_micros), 0) AS spend_micros,
    coalesce(sum(conversions_micros), 0) AS conversions_micros,
    coalesce(sum(revenue_micros), 0) AS revenue_micros
"""


def shown(row: str) -> str:
    """SQL that renders a row of sums as the object every answer uses."""
    return f"""json_build_object(
        'spend', round({row}.spend_micros / 1000000.0, %(decimals)s)::text,
        'impressions', {row}.impressions, 'clicks', {row}.clicks, 'linkClicks', {row}.link_clicks,
        'conversions', ({row}.conversions_micros / 1000000.0)::float8,
        'revenue', round({row}.revenue_micros / 1000000.0, %(decimals)s)::text,
        'ctr', round({row}.clicks * 100.0 / nullif({row}.impressions, 0), 4)::float8,
        'cpc', round({row}.spend_micros / 1000000.0 / nullif({row}.clicks, 0), 4)::text,
        'cpm', round({row}.spend_micros / 1000.0 / nullif({row}.impressions, 0), 4)::text,
        'cpa', round({row}.spend_micros / nullif({row}.conversions_micros, 0), 4)::text,
        'roas', round({row}.revenue_micros * 1.0 / nullif({row}.spend_micros, 0), 4)::float8)"""


SERIES = f"""
WITH days AS (
    SELECT f.day, {SUMS} FROM metric_facts f
    WHERE f.account_id = %(account)s AND f.level = %(level)s AND f.object_id = %(object)s
      AND f.breakdown = '' AND f.day BETWEEN %(since)s AND %(until)s
    GROUP BY f.day
), read AS (
    SELECT day, fetched_at FROM metric_coverage
    WHERE account_id = %(account)s AND level = %(level)s AND breakdown = ''
      AND day BETWEEN %(since)s AND %(until)s
), total AS (SELECT {SUMS} FROM days)
SELECT json_build_object(
    'rows', coalesce((SELECT json_agg((json_build_object('date', d.day,
        'final', d.day < %(mature)s AND coalesce(r.fetched_at::date > d.day + 28, false))::jsonb
        || {shown("d")}::jsonb) ORDER BY d.day) FROM days d LEFT JOIN read r USING (day)), '[]'::json),
    'totals', (SELECT {shown("t")} FROM total t),
    'fetchedAt', (SELECT to_char(max(fetched_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') FROM read)
)::text
"""
CUTS = f"""
WITH cuts AS (
    SELECT f.day, f.breakdown_value AS value, {SUMS} FROM metric_facts f
    WHERE f.account_id = %(account)s AND f.level = %(level)s AND f.object_id = %(object)s
      AND f.breakdown = %(breakdown)s AND f.day BETWEEN %(since)s AND %(until)s
    GROUP BY f.day, f.breakdown_value
), total AS (SELECT {SUMS} FROM cuts)
SELECT json_build_object(
    'rows', coalesce((SELECT json_agg((json_build_object('date', c.day, 'value', c.value, 'final', c.day < %(mature)s)::jsonb
        || {shown("c")}::jsonb) ORDER BY c.day, c.value) FROM cuts c), '[]'::json),
    'totals', (SELECT {shown("t")} FROM total t),
    'fetchedAt', (SELECT to_char(max(fetched_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        FROM metric_coverage WHERE account_id = %(account)s AND level = %(level)s AND breakdown = %(breakdown)s
        AND day BETWEEN %(since)s AND %(until)s)
)::text
"""
CATEGORIES = f"""
WITH categories AS (
    SELECT f.breakdown_value AS value, {SUMS} FROM metric_facts f
    WHERE f.account_id = %(account)s AND f.level = %(level)s AND f.object_id = %(object)s
      AND f.breakdown = %(breakdown)s AND f.day BETWEEN %(since)s AND %(until)s
    GROUP BY f.breakdown_value
), total AS (SELECT {SUMS} FROM categories)
SELECT json_build_object(
    'rows', coalesce((SELECT json_agg((json_build_object('value', c.value)::jsonb || {shown("c")}::jsonb)
        ORDER BY c.spend_micros DESC) FROM categories c), '[]'::json),
    'totals', (SELECT {shown("t")} FROM total t)
)::text
"""
# whole weeks come from the rollup, the ends of the range from the days
SUMMARY = f"""
WITH account_days AS (
    SELECT f.day, {SUMS} FROM metric_facts f
    WHERE f.account_id = %(account)s AND f.level = 'account' AND f.breakdown = ''
      AND f.day BETWEEN %(before_since)s AND %(until)s
    GROUP BY f.day
), pieces AS (
    SELECT object_id, impressions, clicks, link_clicks, spend_micros, conversions_micros, revenue_micros
    FROM metric_weeks
    WHERE account_id = %(account)s AND level = 'campaign' AND breakdown = ''
      AND week >= %(first_week)s AND week < %(end_week)s
    UNION ALL
    SELECT object_id, impressions, clicks, link_clicks, spend_micros, conversions_micros, revenue_micros
    FROM metric_facts
    WHERE account_id = %(account)s AND level = 'campaign' AND breakdown = ''
      AND day BETWEEN %(since)s AND %(head_until)s
    UNION ALL
    SELECT object_id, impressions, clicks, link_clicks, spend_micros, conversions_micros, revenue_micros
    FROM metric_facts
    WHERE account_id = %(account)s AND level = 'campaign' AND breakdown = ''
      AND day BETWEEN %(tail_since)s AND %(until)s
), campaigns AS (
    SELECT object_id, {SUMS} FROM pieces GROUP BY object_id
), total AS (SELECT {SUMS} FROM account_days WHERE day >= %(since)s
), before AS (SELECT {SUMS} FROM account_days WHERE day < %(since)s
), seen AS (SELECT {SUMS} FROM campaigns
), rest AS (
    SELECT t.impressions - s.impressions AS impressions, t.clicks - s.clicks AS clicks,
        t.link_clicks - s.link_clicks AS link_clicks, t.spend_micros - s.spend_micros AS spend_micros,
        t.conversions_micros - s.conversions_micros AS conversions_micros,
        t.revenue_micros - s.revenue_micros AS revenue_micros
    FROM total t, seen s
)
SELECT json_build_object(
    'totals', (SELECT {shown("t")} FROM total t),
    'previous', (SELECT {shown("b")} FROM before b),
    'previousComplete', (SELECT count(*) FROM metric_coverage WHERE account_id = %(account)s
        AND level = 'account' AND breakdown = '' AND day >= %(before_since)s AND day < %(since)s) = %(length)s,
    'days', coalesce((SELECT json_agg((json_build_object('date', d.day)::jsonb || {shown("d")}::jsonb) ORDER BY d.day)
        FROM account_days d WHERE d.day >= %(since)s), '[]'::json),
    'campaigns', coalesce((SELECT json_agg((json_build_object('metaCampaignId', c.object_id)::jsonb
        || {shown("c")}::jsonb) ORDER BY c.spend_micros DESC) FROM campaigns c), '[]'::json),
    'unlisted', (SELECT {shown("r")} FROM rest r),
    'fetchedAt', (SELECT to_char(max(fetched_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        FROM metric_coverage WHERE account_id = %(account)s AND level = 'account' AND breakdown = ''
        AND day BETWEEN %(since)s AND %(until)s)
)::text
"""


@dataclass(frozen=True)
class Scope:
    """Whose numbers: an ad account, as far as a read needs it."""

    id: UUID
    currency: str
    timezone: str


@dataclass(frozen=True)
class Range:
    """Days in the account's timezone, both ends included."""

    since: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1


def local_today(account: MetaAccount | Scope) -> date:
    return datetime.now(ZoneInfo(account.timezone)).date()


def chosen(today: date, since: date | None, until: date | None, *, default: int = 30) -> Range:
    """The range asked for, or the last so many days with today; Invalid names what is wrong."""
    end = min(until or today, today)
    start = since or end - timedelta(days=default - 1)
    if start > end:
        raise Invalid({"since": "syncs.field.range"})
    if (end - start).days >= LONGEST:
        raise Invalid({"since": "syncs.field.range_long"})
    return Range(start, end)


def series_values(
    account: MetaAccount | Scope, level: Level, object_id: str, asked: Range, *, breakdown: str = ""
) -> dict[str, Any]:
    """The parameters of SERIES and CUTS."""
    return {
        "account": account.id,
        "level": level.value,
        "object": object_id,
        "since": asked.since,
        "until": asked.until,
        "breakdown": breakdown,
        "decimals": money.decimals(account.currency),
        "mature": local_today(account) - timedelta(days=MATURE),
    }


def summary_values(account_id: UUID, currency: str, asked: Range) -> dict[str, Any]:
    """The parameters of SUMMARY: whole weeks in the middle, days at both ends, the same length before."""
    monday = asked.since + timedelta(days=(7 - asked.since.weekday()) % 7)
    end = asked.until + timedelta(days=1)
    end_week = end - timedelta(days=end.weekday())
    if end_week <= monday:  # no whole week inside: one stretch of days
        monday = end_week = asked.since
        head_until, tail_since = asked.since - timedelta(days=1), asked.since
    else:
        head_until, tail_since = monday - timedelta(days=1), end_week
    return {
        "account": account_id,
        "since": asked.since,
        "until": asked.until,
        "before_since": asked.since - timedelta(days=asked.days),
        "first_week": monday,
        "end_week": end_week,
        "head_until": head_until,
        "tail_since": tail_since,
        "length": asked.days,
        "decimals": money.decimals(currency),
    }


def _run(session: Session, statement: str, values: dict[str, Any]) -> str:
    driver: Any = session.connection().connection.driver_connection
    return driver.execute(statement, values).fetchone()[0]


def series(session: Session, account: MetaAccount, level: Level, object_id: str, asked: Range) -> str:
    """Days and totals of an object as JSON text; `session` is on the metrics store."""
    return _run(session, SERIES, series_values(account, level, object_id, asked))


def cuts(
    session: Session, account: MetaAccount, level: Level, object_id: str, asked: Range, breakdown: str
) -> str:
    """Rows of a breakdown (`hour` is one) and their totals as JSON text."""
    return _run(session, CUTS, series_values(account, level, object_id, asked, breakdown=breakdown))


def categories(
    session: Session, account: MetaAccount, level: Level, object_id: str, asked: Range, breakdown: str
) -> str:
    """The range by category of a breakdown, with its totals, as JSON text."""
    return _run(session, CATEGORIES, series_values(account, level, object_id, asked, breakdown=breakdown))


def summary(session: Session, account: MetaAccount, asked: Range) -> str:
    """Totals, the period before, days, campaigns, and what no listed campaign explains, as JSON text."""
    return _run(session, SUMMARY, summary_values(account.id, account.currency, asked))


def changed_since(session: Session, account_id: UUID, moment: datetime) -> list[dict[str, Any]]:
    """Restated campaign days since a moment: what the day said first, and what it says now."""
    rows = session.execute(
        text(
            "SELECT DISTINCT ON (c.object_id, c.day) c.object_id, c.day, c.spend_micros AS spend_before,"
            " f.spend_micros AS spend_now, c.conversions_micros AS conversions_before,"
            " f.conversions_micros AS conversions_now FROM metric_changes c JOIN metric_facts f USING (account_id,"
            " level, object_id, day, breakdown, breakdown_value, attribution) WHERE c.account_id = :account"
            " AND c.level = 'campaign' AND c.breakdown = '' AND c.replaced_at >= :moment"
            " ORDER BY c.object_id, c.day, c.replaced_at"
        ),
        {"account": account_id, "moment": moment},
    )
    return [dict(row._mapping) for row in rows]


def recount(session: Session, account_id: UUID, event: str | None) -> None:
    """Another event counts as the conversion from now on: every fact is counted anew from its actions."""
    picked = (
        ":event"
        if event
        else "CASE WHEN actions ? 'omni_purchase' THEN 'omni_purchase' WHEN actions ? 'purchase' THEN 'purchase'"
        " WHEN actions ? 'offsite_conversion.fb_pixel_purchase' THEN 'offsite_conversion.fb_pixel_purchase'"
        " ELSE 'omni_purchase' END"
    )
    session.execute(
        text(
            f"UPDATE metric_facts f SET conversion_event = n.event,"
            f" conversions_micros = coalesce((f.actions ->> n.event)::numeric * 1000000, 0)::bigint,"
            f" revenue_micros = coalesce((f.action_values ->> n.event)::numeric * 1000000, 0)::bigint,"
            f" fetched_at = :now FROM (SELECT account_id, level, object_id, day, breakdown, breakdown_value,"
            f" attribution, {picked} AS event FROM metric_facts WHERE account_id = :account) n"
            f" WHERE f.account_id = n.account_id AND f.level = n.level AND f.object_id = n.object_id"
            f" AND f.day = n.day AND f.breakdown = n.breakdown AND f.breakdown_value = n.breakdown_value"
            f" AND f.attribution = n.attribution AND f.conversion_event <> n.event"
        ),
        {"account": account_id, "event": event, "now": columns.now()},
    )
