"""The metric read of a program: a look at token, reach and what has changed, and where the answer is not kept, the days.

It is the twin of `numbers.get_metrics` for the days of a campaign, where the metrics store is the main database.
"""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from vibekanban.core import kept
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
# `xmin` tells the versions of a row apart, `version` those of all numbers of an account
_LOOK = """{found}
SELECT t.id, t.user_id, t.name, t.account_ids, t.scopes, t.stopped, t.due, c.*
FROM found t LEFT JOIN LATERAL (
    SELECT c.id, c.account_id, (now() AT TIME ZONE a.timezone)::date, c.xmin, a.xmin, w.version::text
    FROM campaigns c JOIN meta_accounts a ON a.id = c.account_id LEFT JOIN metric_written w ON w.account_id = a.id
    WHERE c.user_id = t.user_id AND c.account_id = ANY (t.account_ids) AND c.{by} = %(reference)s LIMIT 1
) c ON true
"""
_LOOKS = {
    (found, by): _LOOK.format(found=found, by=by)
    for found in (access.FOUND, _LET_IN)
    for by in ("id", "meta_id")
}
# the days come with their total as the row without a day, so that all are written by one expression
_READ = f"""
SELECT m.days,
    '{{"accountId":"' || a.account_id || '","currency":"' || a.currency || '","timezone":' || to_json(a.timezone)
    || ',"conversionEvent":' || to_json(a.event) || ',"since":"' || a.since || '","until":"' || a.until
    || '","totals":{{' || m.totals || '}},"fetchedAt":' || {moment("m.fetched_at")} || ',"ageSeconds":',
    extract(epoch FROM m.fetched_at)::float8,
    ',"level":"campaign","id":"' || a.id || '","metaId":"' || a.meta_id || '","name":' || to_json(a.name)
    || ',"granularity":"day","final":' || m.final || ',"items":[', coalesce(m.items, '')
FROM (
    SELECT c.id, c.meta_id, c.name, a.id AS account_id, a.currency, a.timezone, p.*,
        coalesce(a.conversion_event, '{PURCHASES[0]}') AS event,
        CASE WHEN a.currency IN ({_WHOLE}) THEN 0 ELSE 2 END AS decimals
    FROM campaigns c JOIN meta_accounts a ON a.id = c.account_id,
    LATERAL (SELECT (now() AT TIME ZONE a.timezone)::date AS today) n,
    LATERAL (SELECT least(coalesce(%(until)s::date, n.today), n.today) AS until) e,
    LATERAL (SELECT n.today, e.until, coalesce(%(since)s::date, e.until - 29) AS since) p
    WHERE c.id = %(campaign_id)s AND c.user_id = %(user_id)s
) a CROSS JOIN LATERAL (
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
class _Look:
    """Who asks, whether the campaign is within reach, and the state of all that an answer is made of."""

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
    campaign_version: str | None
    account_version: str | None
    numbers_version: str | None

    @property
    def state(self) -> Hashable:
        return (
            self.campaign_id,
            self.today,
            self.campaign_version,
            self.account_version,
            self.numbers_version,
        )


@dataclass(frozen=True)
class _Answer:
    """An answer as JSON in two pieces: its age stands between them."""

    before: bytes
    fetched_at: float | None
    after: bytes

    def text(self) -> bytes:
        age = None if self.fetched_at is None else max(0, round(time.time() - self.fetched_at))
        return b"%b%b%b" % (self.before, b"null" if age is None else b"%d" % age, self.after)


@dataclass(frozen=True)
class Read:
    """The result of `get_metrics` as JSON text, and what the audit keeps of it."""

    account_id: UUID
    campaign_id: UUID
    text: bytes


@dataclass(frozen=True)
class Found:
    """Who asks, and what there is to answer: not yet whether they may have it."""

    caller: access.Caller
    asked: GetMetrics
    look: _Look
    answer: _Answer | None

    def read(self) -> Read:
        """The first page of the days; ScopeMissing, NotFound and what a wrong period raises, as the tool does."""
        self.caller.must(Scope.READ)
        look, asked = self.look, self.asked
        if self.answer is None or look.campaign_id is None or look.account_id is None or look.today is None:
            raise NotFound()
        if asked.since and asked.until and asked.since > asked.until:
            raise InvalidArguments({"until": "mcp.fields.period"})
        metrics.chosen(look.today, asked.since, asked.until)
        return Read(look.account_id, look.campaign_id, self.answer.text())


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
    token_hash = access.hashed(authorization)
    look = await _look(access.FOUND, asked, {"token_hash": token_hash})
    if look is None:
        raise BadToken()
    if look.due:
        await access.touch(look.token_id)
    caller = access.Caller(
        look.token_id, look.user_id, look.name, look.account_ids, look.scopes, stopped=look.stopped
    )
    return Found(caller.admitted(), asked, look, await _answer(look, asked))


async def metric_read_for(caller: access.Caller, asked: GetMetrics) -> Found:
    """The metric read of a caller whose token was looked at."""
    look = await _look(_LET_IN, asked, vars(caller))
    if look is None:
        raise RuntimeError("a statement that always has a row had none")
    return Found(caller, asked, look, await _answer(look, asked))


async def _look(found: str, asked: GetMetrics, who: dict[str, Any]) -> _Look | None:
    by, reference = _reference(asked.id)
    rows = await POOLS.reads.rows(_LOOKS[found, by], {**who, "reference": reference})
    return _Look(*rows[0]) if rows else None


async def _answer(look: _Look, asked: GetMetrics) -> _Answer | None:
    """What was answered before, when it is of the state that was just seen; else what the store says now.

    The state was seen before the numbers are read: when they change in between, nobody sees that state again.
    """
    if look.campaign_id is None:
        return None
    key, answers = ("metrics", look.token_id, *vars(asked).values()), kept.answers()
    found = answers.get(key, look.state)
    if found is not None:
        return found
    values = {
        "campaign_id": look.campaign_id,
        "user_id": look.user_id,
        "since": asked.since,
        "until": asked.until,
    }
    rows = await POOLS.reads.rows(_READ, values)
    if not rows:
        return None
    found = _page(look.campaign_id, asked.limit, *rows[0])
    if look.numbers_version is not None:  # those that nobody has written since versions are noted have none
        answers.keep(key, look.state, found, len(found.before) + len(found.after))
    return found


def _page(
    campaign_id: UUID, limit: int, days: int, before: str, fetched_at: float | None, after: str, items: str
) -> _Answer:
    more, following = "false", "null"
    if days > limit:
        items = ",".join(items.split(",\n")[:limit])  # no text in them: the break is the statement's
        more, following = "true", f'"{cursors.encode(limit, campaign_id)}"'
    text = f'{after}{items}],"hasMore":{more},"nextCursor":{following}}}'
    return _Answer(before.encode(), fetched_at, text.encode())


@lru_cache(maxsize=1000)
def _reference(reference: str) -> tuple[str, UUID | str]:
    try:
        return "id", UUID(reference)
    except ValueError:
        return "meta_id", reference
