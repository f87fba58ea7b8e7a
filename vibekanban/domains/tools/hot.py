"""The metric read of a program in one statement: token, reach, campaign and days, as finished JSON.

It is the twin of `get_metrics` for the days of a campaign, where the metrics store is the main database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from uuid import UUID

from psycopg.rows import class_row

from vibekanban.core.errors import NotFound
from vibekanban.core.pools import POOLS
from vibekanban.core.settings import settings
from vibekanban.domains.access import hot as access
from vibekanban.domains.access.errors import BadToken
from vibekanban.domains.access.models import Scope
from vibekanban.domains.meta import cursors, metrics, money
from vibekanban.domains.meta.insights import PURCHASES
from vibekanban.domains.meta.metrics_sql import SUMS, counted, moment, one
from vibekanban.domains.tools.tool import InvalidArguments

LIMIT = 31
_WHOLE = ", ".join(f"'{currency}'" for currency in sorted(money.WHOLE))
_DECIMALS = "(SELECT decimals FROM asked)"
_FINAL = f"""(d.day < (SELECT today FROM asked) - {metrics.MATURE}
    AND coalesce(r.fetched_at::date > d.day + {metrics.MATURE}, false))"""
_ITEM = f"""'{{"date":"' || d.day || '","hour":null,"final":' || d.final::text || ',' || {counted("d", _DECIMALS)} || '}}'"""
_OF = """f.account_id = (SELECT account_id FROM asked) AND f.level = 'campaign' AND f.breakdown = ''
    AND f.day BETWEEN (SELECT since FROM asked) AND (SELECT until FROM asked)"""


@lru_cache
def _statement(by: str) -> str:
    return f"""{access.FOUND}, target AS (
    SELECT c.id, c.meta_id, c.name, a.id AS account_id, a.currency, a.timezone, l.today,
        coalesce(a.conversion_event, '{PURCHASES[0]}') AS event,
        CASE WHEN a.currency IN ({_WHOLE}) THEN 0 ELSE 2 END AS decimals,
        least(coalesce(%(until)s::date, l.today), l.today) AS until
    FROM found t JOIN campaigns c ON c.user_id = t.user_id AND c.account_id = ANY (t.account_ids)
    JOIN meta_accounts a ON a.id = c.account_id,
    LATERAL (SELECT (now() AT TIME ZONE a.timezone)::date AS today) l
    WHERE c.{by} = %(reference)s LIMIT 1
), asked AS MATERIALIZED (SELECT *, coalesce(%(since)s::date, until - 29) AS since FROM target
), sums AS MATERIALIZED (
    SELECT f.day, {SUMS} FROM metric_facts f
    WHERE {_OF} AND f.object_id = (SELECT meta_id FROM asked) GROUP BY f.day
), read AS MATERIALIZED (SELECT f.day, f.fetched_at FROM metric_coverage f WHERE {_OF}
), days AS MATERIALIZED (
    SELECT d.*, {_FINAL} AS final, row_number() OVER (ORDER BY d.day) AS place
    FROM sums d LEFT JOIN read r USING (day)
), total AS (SELECT {SUMS} FROM days
), latest AS (SELECT max(fetched_at) AS fetched_at FROM read)
SELECT t.id AS token_id, t.user_id, t.name, t.account_ids, t.scopes, a.id AS campaign_id, a.account_id, a.today,
    (SELECT count(*) > {LIMIT} FROM days) AS more,
    '{{"accountId":"' || a.account_id || '","currency":"' || a.currency || '","timezone":' || to_json(a.timezone)
    || ',"conversionEvent":' || to_json(a.event) || ',"since":"' || a.since || '","until":"' || a.until
    || '","totals":' || {one(counted("t", _DECIMALS), "total t")} || ',"fetchedAt":' || {moment("l.fetched_at")}
    || ',"ageSeconds":' || coalesce(greatest(0, round(extract(epoch FROM now() - l.fetched_at)))::text, 'null')
    || ',"level":"campaign","id":"' || a.id || '","metaId":"' || a.meta_id || '","name":' || to_json(a.name)
    || ',"granularity":"day","final":' || (a.until < a.today - {metrics.MATURE}
        AND coalesce((SELECT bool_and(final) FROM days), true))::text
    || ',"items":[' || coalesce((SELECT string_agg({_ITEM}, ',' ORDER BY d.day) FROM days d WHERE d.place <= {LIMIT}), '')
    || ']' AS text
FROM found t LEFT JOIN asked a ON true, latest l
"""


@dataclass(frozen=True)
class _Row:
    token_id: UUID
    user_id: UUID
    name: str
    account_ids: list[UUID]
    scopes: list[str]
    campaign_id: UUID | None
    account_id: UUID | None
    today: date | None
    more: bool
    text: str | None


@dataclass(frozen=True)
class MetricRead:
    """Who asked, and the result of `get_metrics` as JSON text."""

    caller: access.Caller
    account_id: UUID
    campaign_id: UUID
    text: str


def possible() -> bool:
    """Whether one database has both the tokens and the numbers."""
    return not settings().metrics_apart


async def metric_read(
    authorization: str | None, reference: str, *, since: date | None = None, until: date | None = None
) -> MetricRead:
    """The first page of a campaign's days; BadToken, ScopeMissing, NotFound and what a wrong period raises."""
    token_hash = access.hashed(authorization)
    by, value = _reference(reference)
    values = {"token_hash": token_hash, "reference": value, "since": since, "until": until}
    async with (
        POOLS.main.connection() as connection,
        connection.cursor(row_factory=class_row(_Row)) as cursor,
    ):
        await cursor.execute(_statement(by), values, prepare=True)  # pyright: ignore[reportArgumentType]
        row = await cursor.fetchone()
    if row is None:
        raise BadToken()
    caller = access.Caller(row.token_id, row.user_id, row.name, row.account_ids, row.scopes)
    caller.must(Scope.READ)
    if row.campaign_id is None or row.account_id is None or row.today is None:
        raise NotFound()
    if since and until and since > until:
        raise InvalidArguments({"until": "mcp.fields.period"})
    metrics.chosen(row.today, since, until)
    following = f'"{cursors.encode(LIMIT, row.campaign_id)}"' if row.more else "null"
    more = "true" if row.more else "false"
    text = f'{row.text},"hasMore":{more},"nextCursor":{following}}}'
    return MetricRead(caller, row.account_id, row.campaign_id, text)


def _reference(reference: str) -> tuple[str, UUID | str]:
    try:
        return "id", UUID(reference)
    except ValueError:
        return "meta_id", reference
