"""W4: 100,000 rows through the product's ingest, against one raw upsert statement a chunk, in the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tests.bench.seed import facts
from vibekanban.core import columns, db
from vibekanban.core.columns import new_id
from vibekanban.domains.meta import ingest
from vibekanban.domains.meta.insights import Fact
from vibekanban.domains.meta.models import Level

OBJECTS, DAYS, CHUNK, ROUNDS = 1000, 100, 5_000, 3
TYPES = {
    "object_id": "text", "day": "date", "attribution": "text", "impressions": "bigint", "clicks": "bigint",
    "link_clicks": "bigint", "spend_micros": "bigint", "conversions_micros": "bigint", "revenue_micros": "bigint",
    "actions": "jsonb", "action_values": "jsonb", "conversion_event": "text",
}  # fmt: skip
NUMBERS = [name for name in TYPES if name not in {"object_id", "day", "attribution"}]
UPSERT = f"""
INSERT INTO metric_facts (account_id, level, breakdown, breakdown_value, fetched_at, {", ".join(TYPES)})
SELECT %(account)s, 'campaign', '', '', now(), * FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in TYPES.items())})
ON CONFLICT (account_id, level, object_id, day, breakdown, breakdown_value, attribution) DO UPDATE SET
    fetched_at = excluded.fetched_at, {", ".join(f"{name} = excluded.{name}" for name in NUMBERS)}
WHERE ({", ".join(f"metric_facts.{name}" for name in NUMBERS)})
    IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in NUMBERS)})
"""


def lines() -> list[dict[str, Any]]:
    """Rows a second of both, and their ratio, for rows that are new, changed and the same; medians of the rounds."""
    until = columns.now().date()
    names = [str(180_000_000_000_000_000 + number) for number in range(OBJECTS)]
    first, changed = list(facts(names, until, DAYS)), list(facts(names, until, DAYS, more=1))
    rates: dict[str, list[tuple[float, float]]] = {"insert": [], "update": [], "unchanged": []}
    for turn in range(ROUNDS):
        ours, raw = new_id(), new_id()
        for kind, rows in (("insert", first), ("update", changed), ("unchanged", changed)):
            runs = [
                lambda rows=rows, ours=ours: _product(ours, rows, until),
                lambda rows=rows, raw=raw: _raw(raw, rows),
            ]
            took = {place: _seconds(runs[place]) for place in ((0, 1) if turn % 2 == 0 else (1, 0))}
            rates[kind].append((len(rows) / took[0], len(rows) / took[1]))
    return [
        {
            "workload": f"w4-{kind}",
            "connections": 1,
            "rowsPerSecond": round(statistics.median(ours for ours, _ in pairs)),
            "rawRowsPerSecond": round(statistics.median(raw for _, raw in pairs)),
            "ratio": round(statistics.median(ours / raw for ours, raw in pairs), 2),
        }
        for kind, pairs in rates.items()
    ]


def _seconds(run: Any) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _product(account_id: UUID, rows: Sequence[Fact], until: date) -> None:
    spool = ingest.Spool(rows)
    with db.metrics_transaction() as session:
        since = until - timedelta(days=DAYS - 1)
        ingest.ingest(session, account_id, Level.CAMPAIGN, spool, since=since, until=until)


def _raw(account_id: UUID, rows: Sequence[Fact]) -> None:
    """What an engineer with plain SQL writes: every chunk a statement and a transaction, nothing kept of before."""
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        values = {name: [getattr(row, name) for row in chunk] for name in TYPES}
        with db.metrics_transaction() as session:
            driver: Any = session.connection().connection.driver_connection
            driver.execute(UPSERT, {"account": account_id, **values})
