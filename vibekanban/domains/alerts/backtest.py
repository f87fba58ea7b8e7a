"""What an alert would have done: the same leaves judged at every moment of stored history, then walked through.

A day whose hours were read has a moment at the end of each hour, another one at its end; conversions of today are
known at the end of days alone. Budgets and states are those of now; what was in trouble when is remembered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import text
from sqlmodel import Session

from vibekanban.core import db
from vibekanban.core.errors import Invalid
from vibekanban.domains.alerts import alerts, engine, judging, leaves, statements
from vibekanban.domains.alerts.measures import PEOPLE
from vibekanban.domains.alerts.models import Alert, AlertLeaf
from vibekanban.domains.meta import metrics
from vibekanban.domains.meta.models import MetaAccount

DAYS, MOST_DAYS = 28, 90
MOST = 250_000  # objects times moments; above it days are judged instead of hours
MOST_FIRINGS = 1000
PIECE = 20_000  # objects times moments that are judged before somebody may say that it is enough
SHORTEST = 24  # moments of a piece
Step = Callable[[int, int], None]
_SOURCES = {
    "alerts": "jsonb_populate_recordset(NULL::alerts, %(alerts)s::jsonb)",
    "leaves": "jsonb_populate_recordset(NULL::alert_leaves, %(leaves)s::jsonb)",
}
_MEASURED = (
    "object_id uuid, moment int, leaf int, now float8, before float8, value float8, met boolean, held boolean"
)
_JUDGED = judging.JUDGED.format(**_SOURCES)
_MEASURE = f"""
INSERT INTO tried WITH {_JUDGED}
SELECT object_id, moment, leaf, now, before, value, met, held FROM measured
"""
_VERDICTS = f"""
SELECT v.object_id, m.as_of, m.day, v.moment, {judging.enough("v.met")}, {judging.enough("v.held")}
FROM (
    SELECT object_id, moment, bit_or(CASE WHEN met THEN 1 << leaf ELSE 0 END) AS met,
        bit_or(CASE WHEN coalesce(held, true) THEN 1 << leaf ELSE 0 END) AS held
    FROM tried GROUP BY object_id, moment
) v JOIN moments m USING (moment), {_SOURCES["alerts"]} a
ORDER BY v.object_id, m.as_of
"""
_NUMBERS = f"""
SELECT v.object_id, v.moment, jsonb_agg({judging.SHOWN}),
    coalesce((SELECT name FROM campaigns WHERE id = v.object_id), (SELECT name FROM ad_sets WHERE id = v.object_id),
        (SELECT name FROM ads WHERE id = v.object_id), (SELECT name FROM meta_accounts WHERE id = v.object_id))
FROM tried v JOIN {_SOURCES["leaves"]} l USING (leaf)
WHERE (v.object_id, v.moment) IN (SELECT * FROM unnest(%(objects)s::uuid[], %(moments)s::int[]))
GROUP BY v.object_id, v.moment
"""
_WATCHED = f"WITH {_JUDGED} SELECT count(DISTINCT object_id), array_agg(DISTINCT meta_id) FROM watched"


@dataclass(frozen=True)
class Firing:
    """When it would have fired for an object and with which numbers, and when that would have been over."""

    object_id: UUID
    object_name: str
    fired_at: datetime
    ended_at: datetime | None
    numbers: list[dict[str, Any]]


@dataclass(frozen=True)
class Replay:
    """`days_by_hour` are the days that were judged hour by hour; `firings` are cut off after a thousand."""

    since: date
    until: date
    days_by_hour: int
    objects: int
    firings: list[Firing]
    cut: bool


@dataclass(frozen=True)
class _Walked:
    object_id: UUID
    moment: int
    fired_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True)
class _Moment:
    as_of: datetime
    day: date
    minute: int
    hourly: bool


def _unheard(_done: int, _total: int) -> None:
    """Nobody asked how far it is."""


def backtest(
    user_id: UUID,
    *,
    since: date | None = None,
    until: date | None = None,
    step: Step = _unheard,
    **values: Any,
) -> Replay:
    """Judge an alert that is not kept over a range of days, the last 28 unless it is named.

    Opens its own transaction, and leaves nothing behind. `step` hears before each piece how many moments of how many
    are judged; what it raises ends the backtest there.
    """
    with db.transaction() as session:
        alert, rows = alerts.drafted(session, user_id, **values)
        alert.is_active = True
        account = session.get_one(MetaAccount, alert.account_id)
        asked = metrics.chosen(metrics.local_today(account), since, until, default=DAYS)
        if asked.days > MOST_DAYS:
            raise Invalid({"since": "alerts.field.backtest_long"})
        sources: dict[str, Any] = {"alerts": _json([alert]), "leaves": _json(rows)}
        engine.empty(session, "moments", statements.MOMENTS)
        engine.empty(
            session, "summed", statements.SUMMED
        )  # named by what is judged, also before it is filled
        session.execute(text("INSERT INTO moments (account_id, moment) VALUES (:id, 0)"), {"id": account.id})
        count, metas = engine.rows(session, _WATCHED, sources)[0]
        hours = leaves.by_the_hour(rows, alert) and count * asked.days * 24 <= MOST
        moments = _moments(account, asked, hours=hours)
        if count and moments:
            pieces = _pieces(moments, count)
            _measure(session, sources, account.id, pieces, None if "" in metas else metas, step)
            walked = _walked(engine.rows(session, _VERDICTS, sources), alert, account.timezone)
        else:
            walked = []
        kept = walked[:MOST_FIRINGS]
        firings = _told(session, sources, kept) if kept else []
    return Replay(
        asked.since,
        asked.until,
        len({one.day for one in moments if one.hourly}),
        count,
        firings,
        len(walked) > len(kept),
    )


def _moments(account: MetaAccount, asked: metrics.Range, *, hours: bool) -> list[_Moment]:
    """The moments to judge at, up to the last read of the account."""
    now = account.today_synced_at
    if now is None:
        return []
    zone, by_hour = ZoneInfo(account.timezone), _read_by_hour(account.id, asked) if hours else set()
    moments = [
        moment
        for day in asked.all()
        for hour in (range(24) if day in by_hour else (23,))
        if (moment := _at(day, hour, zone, hourly=day in by_hour)) is not None and moment.as_of < now
    ]
    local = now.astimezone(zone)
    if asked.since <= local.date() <= asked.until:
        moments.append(_moment(local, hourly=local.date() in by_hour))
    return moments


def _pieces(moments: list[_Moment], count: int) -> list[list[_Moment]]:
    size = max(SHORTEST, PIECE // count)
    return [moments[start : start + size] for start in range(0, len(moments), size)]


def _write(session: Session, account_id: UUID, moments: Sequence[_Moment], judged: int) -> None:
    """The moments that are judged next, numbered on from those before."""
    session.execute(text("DELETE FROM moments"))
    session.execute(
        text(
            "INSERT INTO moments SELECT :account, :judged + n, as_of, as_of, day, minute, past"
            " FROM unnest(CAST(:as_of AS timestamptz[]), CAST(:day AS date[]), CAST(:minute AS int[]),"
            " CAST(:past AS boolean[])) WITH ORDINALITY u (as_of, day, minute, past, n)"
        ),
        {
            "account": account_id,
            "judged": judged,
            "as_of": [one.as_of for one in moments],
            "day": [one.day for one in moments],
            "minute": [one.minute for one in moments],
            "past": [one.hourly for one in moments],
        },
    )


def _at(day: date, hour: int, zone: ZoneInfo, *, hourly: bool) -> _Moment | None:
    """The last second of an hour; None for one that the clocks leap over."""
    local = datetime.combine(day, time(hour, 59, 59), tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        return None
    return _moment(local, hourly=hourly)


def _moment(local: datetime, *, hourly: bool) -> _Moment:
    minute = (local.date() - date(1970, 1, 1)).days * 1440 + local.hour * 60 + local.minute
    return _Moment(local.astimezone(UTC), local.date(), minute, hourly)


def _read_by_hour(account_id: UUID, asked: metrics.Range) -> set[date]:
    with db.metrics_transaction() as store:
        found = store.execute(
            text(
                "SELECT day FROM metric_coverage WHERE account_id = :account AND level = 'campaign'"
                " AND breakdown = 'hour' AND day BETWEEN :since AND :until"
            ),
            {"account": account_id, "since": asked.since, "until": asked.until},
        )
        return set(found.scalars())


def _measure(
    session: Session,
    sources: dict[str, Any],
    account_id: UUID,
    pieces: Sequence[Sequence[_Moment]],
    objects: Sequence[str] | None,
    step: Step,
) -> None:
    """Judge piece by piece; afterwards all moments stand beside what was judged at them."""
    engine.empty(session, "tried", _MEASURED)
    session.execute(text("SET LOCAL enable_mergejoin = off"))
    probes, judged, total = statements.PROBES.format(people=PEOPLE, **_SOURCES), 0, sum(map(len, pieces))
    for piece in pieces:
        step(judged, total)
        _write(session, account_id, piece, judged)
        engine.add_up(session, probes, sources, objects)
        engine.run(session, _MEASURE, sources)
        judged += len(piece)
    step(total, total)
    _write(session, account_id, [one for piece in pieces for one in piece], 0)


def _walked(rows: Sequence[Any], alert: Alert, timezone: str) -> list[_Walked]:
    """The states of each object from moment to moment, exactly as passes keep them."""
    zone, cooldown = ZoneInfo(timezone), timedelta(minutes=alert.cooldown_minutes)
    found: list[_Walked] = []
    for object_id, moments in groupby(rows, key=itemgetter(0)):
        firing, last = False, None
        for _, as_of, day, moment, fires, holds in moments:
            renewed = alert.daily and last is not None and last.astimezone(zone).date() < day
            if fires and (not firing or renewed) and (last is None or as_of >= last + cooldown):
                firing, last = True, as_of
                found.append(_Walked(object_id, moment, as_of))
            elif firing and not holds:
                firing = False
                found[-1] = replace(found[-1], ended_at=as_of)
    return sorted(found, key=lambda one: (one.fired_at, one.object_id))


def _told(session: Session, sources: dict[str, Any], kept: Sequence[_Walked]) -> list[Firing]:
    """The firings with their numbers."""
    places = {"objects": [one.object_id for one in kept], "moments": [one.moment for one in kept]}
    told = {
        (object_id, moment): (numbers, name)
        for object_id, moment, numbers, name in engine.rows(session, _NUMBERS, sources | places)
    }
    return [
        Firing(
            one.object_id,
            told[one.object_id, one.moment][1],
            one.fired_at,
            one.ended_at,
            told[one.object_id, one.moment][0],
        )
        for one in kept
    ]


def _json(rows: Sequence[Alert | AlertLeaf]) -> str:
    """Rows as PostgreSQL reads them back; it knows infinity as a word."""
    plain = [
        {
            name: "Infinity" if value == math.inf else "-Infinity" if value == -math.inf else value
            for name, value in row.model_dump().items()
        }
        for row in rows
    ]
    return orjson.dumps(plain).decode()
