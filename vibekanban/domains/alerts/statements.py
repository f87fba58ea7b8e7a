"""The statements of a pass up to the sums: the moments to judge at, the spans to add up, and their sums.

Minutes count from 1970 on the clocks of the account, so a span is a pair of them in every timezone. Working tables
are temporary ones that stay with their connection and are emptied by every commit.
"""

from __future__ import annotations

from vibekanban.domains.alerts.measures import COUNTS

# `read_at` is how old the numbers are, `as_of` the moment of the pass; days and minutes are those of the numbers
MOMENTS = (
    "account_id uuid, moment int, as_of timestamptz, read_at timestamptz, day date, minute int, past boolean"
)
PROBED = """account_id uuid, moment int, probe bigint, k int, level text, hourly boolean, starts int, ends int,
    people boolean, fresh timestamptz"""
SUMMED = """account_id uuid, moment int, probe bigint, object_id text, present float8[], earlier float8[], periods int"""

# Today so far is the whole of today's row; of an earlier day (`past`) it is the hours up to the moment. A span that
# ends now takes the hour under way as it is: only what lies before it is divided. Numbers that were read before the
# span was over (`fresh`), or long ago while it goes on, say nothing about it.
PROBES = """
SELECT m.account_id, m.moment, p.probe, k, p.level, h.hourly, (s.starts - shift.minutes)::int,
    (s.ends - shift.minutes)::int, p.people, CASE WHEN k = 0 AND NOT m.past THEN
        CASE WHEN s.ends <= m.minute THEN date_trunc('minute', m.read_at) - make_interval(mins => m.minute - s.ends)
            WHEN h.hourly THEN m.read_at ELSE m.read_at - interval '1 hour' END
    END
FROM moments m
JOIN (
    SELECT DISTINCT account_id, probe, level, span, length, lag, periods, step, hourly,
        {people} IN (dividend, divisor) AS people FROM {leaves} WHERE dividend > 0
) p ON p.account_id = m.account_id
CROSS JOIN LATERAL generate_series(0, p.periods) k
CROSS JOIN LATERAL (SELECT m.minute - p.lag * 60 AS ripe, p.hourly OR p.span = 'today' AND m.past AND k = 0 AS hourly) h
CROSS JOIN LATERAL (SELECT CASE WHEN p.span = 'today' AND NOT h.hourly THEN m.minute / 1440 * 1440 + 1440
    WHEN p.span IN ('today', 'hours') THEN h.ripe ELSE h.ripe / 1440 * 1440 END AS until) e
CROSS JOIN LATERAL (SELECT k * p.step * 1440 AS minutes) shift
CROSS JOIN LATERAL (
    SELECT CASE WHEN k = 0 AND h.hourly THEN (e.until + 59) / 60 * 60 ELSE e.until END AS ends,
        CASE p.span WHEN 'today' THEN m.minute / 1440 * 1440 WHEN 'yesterday' THEN e.until - 1440
            WHEN 'hours' THEN e.until - p.length * 60 ELSE e.until - p.length * 1440 END AS starts
) s
WHERE s.starts < s.ends
"""

_SINCE, _UNTIL = "date '1970-01-01' + {0}.starts / 1440", "date '1970-01-01' + ({0}.ends - 1) / 1440"
# the days of all spans together, which let the planner leave out months
_DAYS = f"""f.day BETWEEN {_SINCE.format("s")} AND {_UNTIL.format("s")}
            AND f.day BETWEEN %(since)s AND %(until)s"""
_HOUR = "(f.day - date '1970-01-01') * 1440 + f.breakdown_value::int * 60"
_MINUTES = f"(least(s.ends, {_HOUR} + 60) - greatest(s.starts, {_HOUR}))"
_OF_HOURS = ", ".join(f"sum((f.{name} * {_MINUTES})::float8)" for name in COUNTS)  # times 60
_PLACES = range(1, len(COUNTS) + 1)
_PRESENT = ", ".join(f"a.sums[{place}] / 60" for place in _PLACES)
_EARLIER = ", ".join(f"sum(a.sums[{place}]) / CASE WHEN p.hourly THEN 60 ELSE 1 END" for place in _PLACES)
_PEOPLE = f"""(SELECT r.reach FROM metric_reach r WHERE r.account_id = p.account_id AND r.level = p.level
            AND (p.level = 'account' OR r.object_id = a.object_id)
            AND r.since = {_SINCE.format("p")} AND r.until = {_UNTIL.format("p")})"""
# Products are whole numbers, so it does not matter in which order they are added. A row without an object says that a
# probe's present span was read whole.
BOUNDS = """
SELECT date '1970-01-01' + min(starts) / 1440, date '1970-01-01' + (max(ends) - 1) / 1440 FROM probed
"""
SUMS = f"""
WITH spans AS MATERIALIZED (SELECT DISTINCT account_id, level, hourly, starts, ends FROM probed
), added AS MATERIALIZED (
    SELECT s.*, CASE s.level WHEN 'account' THEN '' ELSE f.object_id END AS object_id, f.sums
    FROM spans s CROSS JOIN LATERAL (
        SELECT f.object_id, ARRAY[{", ".join(f"sum(f.{name}::float8)" for name in COUNTS)}] AS sums
        FROM metric_facts f
        WHERE f.account_id = s.account_id AND f.level = s.level AND f.breakdown = '' AND {_DAYS} {{only}}
        GROUP BY f.object_id
    ) f WHERE NOT s.hourly
    UNION ALL
    SELECT s.*, f.object_id, f.sums FROM spans s CROSS JOIN LATERAL (
        SELECT CASE s.level WHEN 'account' THEN '' ELSE f.object_id END, ARRAY[{_OF_HOURS}]
        FROM metric_facts f
        WHERE f.account_id = s.account_id AND f.level = 'campaign' AND f.breakdown = 'hour' AND {_DAYS} {{only}}
            AND {_HOUR} < s.ends AND {_HOUR} + 60 > s.starts
        GROUP BY 1
    ) f (object_id, sums) WHERE s.hourly
), covered AS (
    SELECT p.account_id, p.moment, p.probe
    FROM probed p JOIN metric_coverage c ON c.account_id = p.account_id
        AND c.level = CASE WHEN p.hourly THEN 'campaign' ELSE p.level END
        AND c.breakdown = CASE WHEN p.hourly THEN 'hour' ELSE '' END
        AND c.day BETWEEN {_SINCE.format("p")} AND {_UNTIL.format("p")}
    WHERE p.k = 0
    GROUP BY p.account_id, p.moment, p.probe, p.starts, p.ends, p.fresh
    HAVING count(*) = (p.ends - 1) / 1440 - p.starts / 1440 + 1
        AND (p.fresh IS NULL OR max(c.fetched_at) >= p.fresh)
), present AS (
    SELECT p.account_id, p.moment, p.probe, a.object_id,
        CASE WHEN p.hourly THEN ARRAY[{_PRESENT}] ELSE a.sums END
            || ARRAY[1, CASE WHEN p.people THEN {_PEOPLE} END]::float8[] AS sums
    FROM probed p JOIN added a USING (account_id, level, hourly, starts, ends) WHERE p.k = 0
), earlier AS (
    SELECT p.account_id, p.moment, p.probe, a.object_id,
        ARRAY[{_EARLIER}, 1] AS sums,
        count(*) FILTER (WHERE a.sums[1] > 0)::int AS periods
    FROM probed p JOIN added a USING (account_id, level, hourly, starts, ends) WHERE p.k > 0
    GROUP BY p.account_id, p.moment, p.probe, p.hourly, a.object_id
)
SELECT account_id, moment, probe, object_id,
    CASE WHEN (account_id, moment, probe) IN (SELECT account_id, moment, probe FROM covered) THEN p.sums END,
    e.sums, coalesce(e.periods, 0)
FROM present p FULL JOIN earlier e USING (account_id, moment, probe, object_id)
UNION ALL
SELECT account_id, moment, probe, NULL, NULL, NULL, 0 FROM covered
"""
