"""The metric read of a program in one statement: token, reach, campaign and days, as finished JSON.

It is the twin of `numbers.get_metrics` for the days of a campaign, where the metrics store is the main database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from vibekanban.core.errors import NotFound
from vibekanban.core.pools import POOLS
from vibekanban.core.settings import settings
from vibekanban.domains.access import hot as access
from vibekanban.domains.access.errors import BadToken
from vibekanban.domains.access.models import Scope
from vibekanban.domains.meta import cursors, metrics, money
from vibekanban.domains.meta.insights import PURCHASES
from vibekanban.domains.meta.metrics_sql import SUMS, counted, moment
from vibekanban.domains.tools.numbers import GetMetrics
from vibekanban.domains.tools.tool import InvalidArguments

_WHOLE = ", ".join(f"'{currency}'" for currency in sorted(money.WHOLE))
_ITEM = """'{"date":"' || d.day || '","hour":null,"final":' || d.final || ',' || d.numbers || '}'"""
_OF = """f.account_id = a.account_id AND f.level = 'campaign' AND f.breakdown = ''
            AND f.day BETWEEN a.since AND a.until"""
# asked for mature days alone, which are few in a usual period: cheaper than joining every day with its reading
_FINAL = f"""s.day < a.today - {metrics.MATURE} AND coalesce((SELECT f.fetched_at::date > f.day + {metrics.MATURE}
            FROM metric_coverage f WHERE f.account_id = a.account_id AND f.level = 'campaign' AND f.breakdown = ''
                AND f.day = s.day), false)"""


# who was let in already, in place of the look at the token
_LET_IN = """
WITH found AS (
    SELECT %(token_id)s::uuid AS id, %(user_id)s::uuid AS user_id, %(name)s::text AS name,
        %(account_ids)s::uuid[] AS account_ids, %(scopes)s::text[] AS scopes, false AS stopped, false AS due
)
"""


@lru_cache
def _statement(found: str, by: str) -> str:
    """The days come with their total as the row without a day, so that all are written by one expression."""
    return f"""{found}
SELECT t.id AS token_id, t.user_id, t.name, t.account_ids, t.scopes, t.stopped, t.due, a.id AS campaign_id,
    a.account_id, a.today, m.days,
    '{{"accountId":"' || a.account_id || '","currency":"' || a.currency || '","timezone":' || to_json(a.timezone)
    || ',"conversionEvent":' || to_json(a.event) || ',"since":"' || a.since || '","until":"' || a.until
    || '","totals":{{' || m.totals || '}},"fetchedAt":' || {moment("m.fetched_at")}
    || ',"ageSeconds":' || coalesce(greatest(0, round(extract(epoch FROM now() - m.fetched_at)))::text, 'null')
    || ',"level":"campaign","id":"' || a.id || '","metaId":"' || a.meta_id || '","name":' || to_json(a.name)
    || ',"granularity":"day","final":' || m.final AS head, m.items
FROM found t LEFT JOIN LATERAL (
    SELECT c.id, c.meta_id, c.name, a.id AS account_id, a.currency, a.timezone, p.*,
        coalesce(a.conversion_event, '{PURCHASES[0]}') AS event,
        CASE WHEN a.currency IN ({_WHOLE}) THEN 0 ELSE 2 END AS decimals
    FROM campaigns c JOIN meta_accounts a ON a.id = c.account_id,
    LATERAL (SELECT (now() AT TIME ZONE a.timezone)::date AS today) n,
    LATERAL (SELECT least(coalesce(%(until)s::date, n.today), n.today) AS until) e,
    LATERAL (SELECT n.today, e.until, coalesce(%(since)s::date, e.until - 29) AS since) p
    WHERE c.user_id = t.user_id AND c.account_id = ANY (t.account_ids) AND c.{by} = %(reference)s LIMIT 1
) a ON true CROSS JOIN LATERAL (
    SELECT count(d.day) AS days, max(d.numbers) FILTER (WHERE d.day IS NULL) AS totals,
        (SELECT max(f.fetched_at) FROM metric_coverage f WHERE {_OF}) AS fetched_at,
        a.until < a.today - {metrics.MATURE}
            AND coalesce(bool_and(d.final) FILTER (WHERE d.day IS NOT NULL), true) AS final,
        string_agg({_ITEM}, E',\n' ORDER BY d.day) FILTER (WHERE d.day IS NOT NULL) AS items
    FROM (
        SELECT s.day, {_FINAL} AS final, {counted("s", "a.decimals")} AS numbers
        FROM (SELECT f.day, {SUMS} FROM metric_facts f WHERE {_OF} AND f.object_id = a.meta_id
            GROUP BY GROUPING SETS ((f.day), ())) s OFFSET 0
    ) d
) m
"""


@dataclass(frozen=True)
class _Row:
    token_id: UUID
    user_id: UUID
    name: str
    account_ids: list[UUID]
    scopes: list[str]
    stopped: bool
    due: bool
    campaign_id: UUID | None
    account_id: UUID | None
    today: date | None
    days: int
    head: str | None
    items: str | None


@dataclass(frozen=True)
class Read:
    """The result of `get_metrics` as JSON text, and what the audit keeps of it."""

    account_id: UUID
    campaign_id: UUID
    text: str


@dataclass(frozen=True)
class Found:
    """Who asks, and what there is to answer: not yet whether they may have it."""

    caller: access.Caller
    asked: GetMetrics
    row: _Row

    def read(self) -> Read:
        """The first page of the days; ScopeMissing, NotFound and what a wrong period raises, as the tool does."""
        self.caller.must(Scope.READ)
        row, asked = self.row, self.asked
        if row.campaign_id is None or row.account_id is None or row.today is None:
            raise NotFound()
        if asked.since and asked.until and asked.since > asked.until:
            raise InvalidArguments({"until": "mcp.fields.period"})
        metrics.chosen(row.today, asked.since, asked.until)
        items, more, following = row.items or "", "false", "null"
        if row.days > asked.limit:
            items = ",".join(
                items.split(",\n")[: asked.limit]
            )  # no text in them: the break is the statement's
            more, following = "true", f'"{cursors.encode(asked.limit, row.campaign_id)}"'
        text = f'{row.head},"items":[{items}],"hasMore":{more},"nextCursor":{following}}}'
        return Read(row.account_id, row.campaign_id, text)


def fits(arguments: dict[str, Any]) -> GetMetrics | None:
    """The arguments when this statement answers them; None for what the tool itself must answer or refuse."""
    if settings().metrics_apart:
        return None  # the tokens and the numbers are not in one database
    try:
        asked = GetMetrics.model_validate(arguments)
    except ValidationError:
        return None
    plain = asked.level == "campaign" and asked.granularity == "day" and asked.cursor is None
    return asked if plain else None


async def metric_read(authorization: str | None, asked: GetMetrics) -> Found:
    """The metric read behind an `Authorization` header; BadToken, always the same, when nobody is behind it."""
    row = await _one(access.FOUND, asked, {"token_hash": access.hashed(authorization)})
    if row is None:
        raise BadToken()
    if row.due:
        await access.touch(row.token_id)
    caller = access.Caller(
        row.token_id, row.user_id, row.name, row.account_ids, row.scopes, stopped=row.stopped
    )
    return Found(caller.admitted(), asked, row)


async def metric_read_for(caller: access.Caller, asked: GetMetrics) -> Found:
    """The metric read of a caller whose token was looked at."""
    row = await _one(_LET_IN, asked, vars(caller))
    if row is None:
        raise RuntimeError("a statement that always has a row had none")
    return Found(caller, asked, row)


async def _one(found: str, asked: GetMetrics, who: dict[str, Any]) -> _Row | None:
    by, reference = _reference(asked.id)
    values = {**who, "reference": reference, "since": asked.since, "until": asked.until}
    rows = await POOLS.reads.rows(_statement(found, by), values)
    return _Row(*rows[0]) if rows else None


def _reference(reference: str) -> tuple[str, UUID | str]:
    try:
        return "id", UUID(reference)
    except ValueError:
        return "meta_id", reference
