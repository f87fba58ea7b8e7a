"""Writing facts: COPY into a temporary table, then one statement that keeps what changed and what was before."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
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
SIGNATURE, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
FIELDS = struct.pack("!h", len(COLUMNS))
LENGTH, DAY, COUNTS = struct.Struct("!i").pack, struct.Struct("!ii").pack, struct.Struct("!" + "iq" * 6).pack
EPOCH = date(2000, 1, 1).toordinal()
MEMORY = "64MB"  # joins of a large account stay in memory
INCOMING = """
CREATE TEMPORARY TABLE incoming (
    object_id text, day date, breakdown_value text, attribution text, impressions bigint, clicks bigint,
    link_clicks bigint, spend_micros bigint, conversions_micros bigint, revenue_micros bigint, actions jsonb,
    action_values jsonb, conversion_event text
) ON COMMIT DROP
"""
# `scope` is what was read again: rows of it that did not come back have become zero; rows that a later
# read has written stay as they are
STATEMENT = """
WITH scope AS (
    SELECT object_id, day, breakdown_value, attribution, impressions, clicks, link_clicks, spend_micros,
        conversions_micros, revenue_micros, actions, action_values, conversion_event, version, fetched_at
    FROM metric_facts
    WHERE account_id = :account AND level = :level AND breakdown = :breakdown AND day BETWEEN :since AND :until
), changed AS MATERIALIZED (
    SELECT object_id, day, breakdown_value, attribution, coalesce(i.impressions, 0) AS impressions,
        coalesce(i.clicks, 0) AS clicks, coalesce(i.link_clicks, 0) AS link_clicks,
        coalesce(i.spend_micros, 0) AS spend_micros, coalesce(i.conversions_micros, 0) AS conversions_micros,
        coalesce(i.revenue_micros, 0) AS revenue_micros, coalesce(i.actions, '{}') AS actions,
        coalesce(i.action_values, '{}') AS action_values,
        coalesce(i.conversion_event, s.conversion_event) AS conversion_event, s.version,
        s.conversion_event AS was_event,
        s.impressions AS was_impressions, s.clicks AS was_clicks, s.link_clicks AS was_link_clicks,
        s.spend_micros AS was_spend_micros, s.conversions_micros AS was_conversions_micros,
        s.revenue_micros AS was_revenue_micros
    FROM incoming i FULL JOIN scope s USING (object_id, day, breakdown_value, attribution)
    WHERE s.version IS NULL OR s.fetched_at <= :fetched AND (
        i.impressions IS NOT NULL AND (
            (i.impressions, i.clicks, i.link_clicks, i.spend_micros, i.conversions_micros, i.revenue_micros,
             i.conversion_event) IS DISTINCT FROM
            (s.impressions, s.clicks, s.link_clicks, s.spend_micros, s.conversions_micros, s.revenue_micros,
             s.conversion_event)
            OR i.actions <> s.actions OR i.action_values <> s.action_values
        ) OR :whole AND i.impressions IS NULL AND (s.impressions, s.clicks, s.spend_micros,
            s.conversions_micros, s.revenue_micros) <> (0, 0, 0, 0, 0)
    )
), restated AS (
    UPDATE metric_facts f SET
        impressions = c.impressions, clicks = c.clicks, link_clicks = c.link_clicks,
        spend_micros = c.spend_micros, conversions_micros = c.conversions_micros,
        revenue_micros = c.revenue_micros, actions = c.actions, action_values = c.action_values,
        conversion_event = c.conversion_event, fetched_at = :fetched, version = f.version + 1
    FROM changed c
    WHERE c.version IS NOT NULL AND f.account_id = :account AND f.level = :level AND f.breakdown = :breakdown
      AND f.day BETWEEN :since AND :until AND f.object_id = c.object_id AND f.day = c.day
      AND f.breakdown_value = c.breakdown_value AND f.attribution = c.attribution
    RETURNING f.object_id, f.day, f.breakdown_value, f.attribution, f.impressions, f.clicks, f.link_clicks,
        f.spend_micros, f.conversions_micros, f.revenue_micros, c.version, c.was_impressions, c.was_clicks,
        c.was_link_clicks, c.was_spend_micros, c.was_conversions_micros, c.was_revenue_micros, c.was_event
), added AS (
    INSERT INTO metric_facts (account_id, level, object_id, day, breakdown, breakdown_value, attribution,
        impressions, clicks, link_clicks, spend_micros, conversions_micros, revenue_micros, actions,
        action_values, conversion_event, fetched_at)
    SELECT :account, :level, object_id, day, :breakdown, breakdown_value, attribution, impressions, clicks,
        link_clicks, spend_micros, conversions_micros, revenue_micros, actions, action_values,
        conversion_event, :fetched
    FROM changed WHERE version IS NULL
    ON CONFLICT DO NOTHING -- a list that moved while it was paged shows a row twice
    RETURNING object_id, day, impressions, clicks, link_clicks, spend_micros, conversions_micros, revenue_micros
), before AS (
    INSERT INTO metric_changes (account_id, level, object_id, day, breakdown, breakdown_value, attribution,
        impressions, clicks, link_clicks, spend_micros, conversions_micros, revenue_micros, conversion_event,
        version, replaced_at)
    SELECT :account, :level, object_id, day, :breakdown, breakdown_value, attribution, was_impressions,
        was_clicks, was_link_clicks, was_spend_micros, was_conversions_micros, was_revenue_micros, was_event,
        version, :fetched
    FROM restated
), covered AS (
    INSERT INTO metric_coverage AS c (account_id, level, breakdown, day, fetched_at)
    SELECT :account, :level, :breakdown, days::date, :fetched
    FROM generate_series(CAST(:since AS timestamp), CAST(:until AS timestamp), interval '1 day') days
    WHERE :whole
    ON CONFLICT (account_id, level, breakdown, day) DO UPDATE SET fetched_at = excluded.fetched_at
    WHERE c.fetched_at < excluded.fetched_at
)
"""
# the rollup of a store without continuous aggregates moves by the difference
MONDAY = f"day - (day - DATE '{metrics_store.EPOCH}') % 7"  # date_trunc would convert every day to a moment and back
WEEKS = f""", moved AS (
    SELECT object_id, {MONDAY} AS week, impressions, clicks, link_clicks, spend_micros, conversions_micros,
        revenue_micros
    FROM added
    UNION ALL
    SELECT object_id, {MONDAY}, impressions - was_impressions, clicks - was_clicks,
        link_clicks - was_link_clicks, spend_micros - was_spend_micros,
        conversions_micros - was_conversions_micros, revenue_micros - was_revenue_micros
    FROM restated
), weeks AS (
    INSERT INTO metric_weeks AS w (account_id, level, object_id, breakdown, week, impressions, clicks,
        link_clicks, spend_micros, conversions_micros, revenue_micros)
    SELECT :account, :level, object_id, :breakdown, week, sum(impressions),
        sum(clicks), sum(link_clicks), sum(spend_micros), sum(conversions_micros), sum(revenue_micros)
    FROM moved GROUP BY object_id, week
    ON CONFLICT (account_id, level, object_id, breakdown, week) DO UPDATE SET
        impressions = w.impressions + excluded.impressions, clicks = w.clicks + excluded.clicks,
        link_clicks = w.link_clicks + excluded.link_clicks,
        spend_micros = w.spend_micros + excluded.spend_micros,
        conversions_micros = w.conversions_micros + excluded.conversions_micros,
        revenue_micros = w.revenue_micros + excluded.revenue_micros
)
"""
# `added` comes first and reads `scope` to its end: TimescaleDB unpacks for `restated`, and hides what it unpacked
COUNTED = "SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM restated)"


@dataclass(frozen=True)
class Written:
    """How many rows were new and how many were restated."""

    new: int
    restated: int


class Spool:
    """Facts on their way from Meta to the store: read without a transaction, written without Meta.

    They wait as COPY wants them in memory up to 8 MB and beyond that on disk, so a large account costs no more.
    `read_at` is when reading began: what a later read has written is not overwritten by this one.
    """

    def __init__(self, facts: Iterable[Fact], *, read_at: datetime | None = None) -> None:
        self.read_at = read_at or columns.now()
        self._file = tempfile.SpooledTemporaryFile(max_size=8 << 20)  # noqa: SIM115 - lives as long as the spool
        for chunk in _chunks(facts):
            self._file.write(chunk)

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
        "fetched": facts.read_at,
    }
    # one ingest of an account at a time: what was before is read and replaced together
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:account AS text), 7))"),
        {"account": account_id},
    )
    metrics_store.change(session, account_id)
    timescale = metrics_store.has_timescale(session)
    if timescale:
        metrics_store.unpack_without_limit(session)
    else:
        metrics_store.ensure_partitions(session, since, until)
    session.execute(text(f"SET LOCAL work_mem = '{MEMORY}'"))
    session.execute(text("DROP TABLE IF EXISTS incoming"))
    session.execute(text(INCOMING))
    _load(session, facts)
    new, restated = session.execute(text(STATEMENT + ("" if timescale else WEEKS) + COUNTED), values).one()
    metrics.sync_rows.labels(kind="facts").inc(new + restated)
    return Written(new, restated)


def _load(session: Session, facts: Spool) -> None:
    driver: Any = session.connection().connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY incoming ({', '.join(COLUMNS)}) FROM STDIN (FORMAT binary)") as copy,
    ):
        for chunk in facts:
            copy.write(chunk)


def _chunks(facts: Iterable[Fact]) -> Iterator[bytes]:
    """Facts in COPY's binary format, in pieces of some 64 KB: half of what text costs here and in the server."""
    pieces: list[bytes] = [SIGNATURE]
    size = 0
    for one in facts:
        row = b"".join(
            (
                FIELDS, _text(one.object_id), DAY(4, one.day.toordinal() - EPOCH), _text(one.breakdown_value),
                _text(one.attribution),
                COUNTS(8, one.impressions, 8, one.clicks, 8, one.link_clicks, 8, one.spend_micros,
                       8, one.conversions_micros, 8, one.revenue_micros),
                _json(one.actions), _json(one.action_values), _text(one.conversion_event),
            )
        )  # fmt: skip
        pieces.append(row)
        size += len(row)
        if size >= CHUNK:
            yield b"".join(pieces)
            pieces, size = [], 0
    yield b"".join((*pieces, TRAILER))


@lru_cache(maxsize=4096)  # the same few words and ids come again and again
def _text(value: str) -> bytes:
    content = value.replace("\x00", "").encode()
    return LENGTH(len(content)) + content


def _json(value: str) -> bytes:
    """JSONB: its version, then its text."""
    content = value.encode()
    return LENGTH(len(content) + 1) + b"\x01" + content
