"""Writing facts: COPY into a temporary table, then one statement that keeps what changed and what was before."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from vibekanban.core import columns, metrics
from vibekanban.domains.meta import metrics_store
from vibekanban.domains.meta.insights import Fact
from vibekanban.domains.meta.models import Level

COLUMNS = (
    "object_id", "day", "breakdown_value", "attribution", "impressions", "clicks", "link_clicks",
    "spend_micros", "conversions_micros", "revenue_micros", "actions", "action_values", "conversion_event",
)  # fmt: skip
CHUNK = 1 << 16
INCOMING = """
CREATE TEMPORARY TABLE incoming (
    object_id text, day date, breakdown_value text, attribution text, impressions bigint, clicks bigint,
    link_clicks bigint, spend_micros bigint, conversions_micros bigint, revenue_micros bigint, actions jsonb,
    action_values jsonb, conversion_event text
) ON COMMIT DROP
"""
# `scope` is what was read again: rows of it that did not come back have become zero
STATEMENT = """
WITH scope AS MATERIALIZED (
    SELECT * FROM metric_facts f
    WHERE f.account_id = :account AND f.level = :level AND f.breakdown = :breakdown
      AND f.day BETWEEN :since AND :until
), changed AS MATERIALIZED (
    SELECT i.* FROM incoming i
    LEFT JOIN scope f USING (object_id, day, breakdown_value, attribution)
    WHERE f.object_id IS NULL
       OR (f.impressions, f.clicks, f.link_clicks, f.spend_micros, f.conversions_micros, f.revenue_micros,
           f.conversion_event) IS DISTINCT FROM
          (i.impressions, i.clicks, i.link_clicks, i.spend_micros, i.conversions_micros, i.revenue_micros,
           i.conversion_event)
       OR f.actions <> i.actions OR f.action_values <> i.action_values
    UNION ALL
    SELECT f.object_id, f.day, f.breakdown_value, f.attribution, 0, 0, 0, 0, 0, 0, '{}', '{}', f.conversion_event
    FROM scope f LEFT JOIN incoming i USING (object_id, day, breakdown_value, attribution)
    WHERE :whole AND i.object_id IS NULL AND (f.impressions, f.clicks, f.spend_micros) <> (0, 0, 0)
), before AS (
    INSERT INTO metric_changes (account_id, level, object_id, day, breakdown, breakdown_value, attribution,
        impressions, clicks, link_clicks, spend_micros, conversions_micros, revenue_micros, version, replaced_at)
    SELECT f.account_id, f.level, f.object_id, f.day, f.breakdown, f.breakdown_value, f.attribution,
        f.impressions, f.clicks, f.link_clicks, f.spend_micros, f.conversions_micros, f.revenue_micros,
        f.version, :fetched
    FROM scope f JOIN changed c USING (object_id, day, breakdown_value, attribution)
), written AS (
    INSERT INTO metric_facts AS f (account_id, level, object_id, day, breakdown, breakdown_value, attribution,
        impressions, clicks, link_clicks, spend_micros, conversions_micros, revenue_micros, actions,
        action_values, conversion_event, fetched_at)
    SELECT :account, :level, object_id, day, :breakdown, breakdown_value, attribution, impressions, clicks,
        link_clicks, spend_micros, conversions_micros, revenue_micros, actions, action_values,
        conversion_event, :fetched
    FROM changed
    ON CONFLICT (account_id, level, object_id, day, breakdown, breakdown_value, attribution) DO UPDATE SET
        impressions = excluded.impressions, clicks = excluded.clicks, link_clicks = excluded.link_clicks,
        spend_micros = excluded.spend_micros, conversions_micros = excluded.conversions_micros,
        revenue_micros = excluded.revenue_micros, actions = excluded.actions,
        action_values = excluded.action_values, conversion_event = excluded.conversion_event,
        fetched_at = excluded.fetched_at, version = f.version + 1
    RETURNING f.version
), covered AS (
    INSERT INTO metric_coverage (account_id, level, breakdown, day, fetched_at)
    SELECT :account, :level, :breakdown, days::date, :fetched
    FROM generate_series(CAST(:since AS timestamp), CAST(:until AS timestamp), interval '1 day') days
    WHERE :whole
    ON CONFLICT (account_id, level, breakdown, day) DO UPDATE SET fetched_at = excluded.fetched_at
)
SELECT count(*) FILTER (WHERE version = 1), count(*) FILTER (WHERE version > 1) FROM written
"""
WEEKS = """
INSERT INTO metric_weeks (account_id, level, object_id, breakdown, week, impressions, clicks, link_clicks,
    spend_micros, conversions_micros, revenue_micros)
SELECT account_id, level, object_id, breakdown, date_trunc('week', day)::date, sum(impressions), sum(clicks),
    sum(link_clicks), sum(spend_micros), sum(conversions_micros), sum(revenue_micros)
FROM metric_facts
WHERE account_id = :account AND level = :level AND breakdown = :breakdown
  AND day BETWEEN :monday AND :sunday
GROUP BY 1, 2, 3, 4, 5
ON CONFLICT (account_id, level, object_id, breakdown, week) DO UPDATE SET
    impressions = excluded.impressions, clicks = excluded.clicks, link_clicks = excluded.link_clicks,
    spend_micros = excluded.spend_micros, conversions_micros = excluded.conversions_micros,
    revenue_micros = excluded.revenue_micros
WHERE (metric_weeks.impressions, metric_weeks.clicks, metric_weeks.spend_micros,
       metric_weeks.conversions_micros, metric_weeks.revenue_micros) IS DISTINCT FROM
      (excluded.impressions, excluded.clicks, excluded.spend_micros, excluded.conversions_micros,
       excluded.revenue_micros)
"""


@dataclass(frozen=True)
class Written:
    """How many rows were new and how many were restated."""

    new: int
    restated: int


class Spool:
    """Facts on their way from Meta to the store: read without a transaction, written without Meta.

    They wait as COPY lines in memory up to 8 MB and beyond that on disk, so a large account costs no more.
    """

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=8 << 20)  # noqa: SIM115 - lives as long as the spool
        for chunk in _chunks(facts):
            self._file.write(chunk.encode())

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        while chunk := self._file.read(CHUNK):
            yield chunk


def ingest(
    session: Session,
    account_id: UUID,
    level: Level,
    facts: Spool,
    *,
    since: date,
    until: date,
    breakdown: str = "",
    whole: bool = True,
) -> Written:
    """Write what was read of an account, a level and a range of days; safe to repeat.

    `session` is on the metrics store. `whole` says that `facts` are all there is in the range, so that
    rows which did not come back become zero and the range counts as covered; without it they only add.
    """
    values: dict[str, Any] = {
        "account": account_id,
        "level": level.value,
        "breakdown": breakdown,
        "since": since,
        "until": until,
        "whole": whole,
        "fetched": columns.now(),
    }
    # one ingest of an account at a time: what was before is read and replaced together
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:account AS text), 7))"),
        {"account": account_id},
    )
    metrics_store.ensure_partitions(session, since, until)
    session.execute(text("DROP TABLE IF EXISTS incoming"))
    session.execute(text(INCOMING))
    _load(session, facts)
    new, restated = session.execute(text(STATEMENT), values).one()
    if (new or restated) and not metrics_store.has_timescale():
        monday = metrics_store.week_of(since)
        sunday = metrics_store.week_of(until).fromordinal(metrics_store.week_of(until).toordinal() + 6)
        session.execute(text(WEEKS), {**values, "monday": monday, "sunday": sunday})
    metrics.sync_rows.labels(kind="facts").inc(new + restated)
    return Written(new, restated)


def _load(session: Session, facts: Spool) -> None:
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY incoming ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for chunk in facts:
            copy.write(chunk)


def _chunks(facts: Iterable[Fact]) -> Iterator[str]:
    """Facts as COPY's text format, in pieces of some 64 KB."""
    lines: list[str] = []
    size = 0
    for one in facts:
        line = (
            f"{_safe(one.object_id)}\t{one.day.isoformat()}\t{_safe(one.breakdown_value)}\t{_safe(one.attribution)}\t"
            f"{one.impressions}\t{one.clicks}\t{one.link_clicks}\t{one.spend_micros}\t{one.conversions_micros}\t"
            f"{one.revenue_micros}\t{_safe(one.actions)}\t{_safe(one.action_values)}\t{_safe(one.conversion_event)}\n"
        )
        lines.append(line)
        size += len(line)
        if size >= CHUNK:
            yield "".join(lines)
            lines, size = [], 0
    if lines:
        yield "".join(lines)


def _safe(value: str) -> str:
    if "\\" in value or "\t" in value or "\n" in value or "\r" in value:
        value = value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return value.replace("\x00", "")
