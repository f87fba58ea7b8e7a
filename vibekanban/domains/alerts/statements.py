"""The statements of a pass: spans of time to add up, their sums, and the one that judges, remembers and fires.

Minutes count from 1970 on the clocks of the account, so a span is a pair of them in every timezone. The first
and the last statement run on the main database, SUMS on the metrics store; what they hand over is copied as it is.
"""

from __future__ import annotations

from vibekanban.domains.alerts.measures import COUNTS

# -- spans

MOMENTS = """
CREATE TEMPORARY TABLE moments (
    account_id uuid, moment int, as_of timestamptz, day date, minute int, past boolean
) ON COMMIT DROP
"""
_LEAVES = "alert_leaves"
_ALERTS = "alerts"
SPANS_COLUMNS = """
    account_id uuid, moment int, level text, probe bigint, k int, hourly boolean, starts int, ends int,
    fresh timestamptz
"""
# today so far is the whole of today's row; of an earlier day (`past`) it is the hours up to the moment. A span that
# ends now takes the hour under way as it is, so that only what lies before it is divided
SPANS = """
SELECT m.account_id, m.moment, p.level, p.probe, k, h.hourly,
    (s.starts - shift.minutes)::int, (s.ends - shift.minutes)::int,
    CASE WHEN k = 0 AND h.hourly AND NOT m.past THEN m.as_of END
FROM moments m
JOIN (
    SELECT DISTINCT a.account_id, a.level, l.probe, l.span, l.length, l.lag, l.periods, l.step, l.hourly
    FROM {alerts} a JOIN {leaves} l ON l.alert_id = a.id WHERE a.is_active
) p ON p.account_id = m.account_id
CROSS JOIN LATERAL (SELECT m.minute - p.lag * 60 AS ripe, p.hourly OR p.span = 'today' AND m.past AS hourly) h
CROSS JOIN LATERAL (SELECT CASE p.span WHEN 'today' THEN CASE WHEN h.hourly THEN h.ripe ELSE m.minute / 1440 * 1440 + 1440 END
    WHEN 'hours' THEN h.ripe ELSE h.ripe / 1440 * 1440 END AS until) e
CROSS JOIN LATERAL generate_series(0, p.periods) k
CROSS JOIN LATERAL (SELECT k * p.step * 1440 AS minutes) shift
CROSS JOIN LATERAL (
    SELECT CASE WHEN k = 0 AND h.hourly AND p.lag = 0 THEN (e.until + 59) / 60 * 60 ELSE e.until END AS ends,
        CASE p.span WHEN 'today' THEN m.minute / 1440 * 1440 WHEN 'yesterday' THEN e.until - 1440
            WHEN 'hours' THEN e.until - p.length * 60 ELSE e.until - p.length * 1440 END AS starts
) s
WHERE s.starts < s.ends
"""

# -- sums, on the metrics store

_OBJECT = (
    "CASE r.level WHEN 'account' THEN '' ELSE f.object_id END"  # an account adds up its campaigns' hours
)
_DAY_OF = "(f.day - date '1970-01-01') * 1440"
_MINUTES = "(least(s.ends, f.minute + f.length) - greatest(s.starts, f.minute))"
SUMS_COLUMNS = """
    account_id uuid, moment int, level text, probe bigint, object_id text, present float8[], earlier float8[],
    periods int
"""
# products are whole numbers, so it does not matter in which order they are added; a row without an object says that
# a probe's present span was read whole
SUMS = f"""
WITH spans AS MATERIALIZED (SELECT DISTINCT account_id, level, hourly, starts, ends FROM probed
), ranges AS MATERIALIZED (
    SELECT account_id, level, hourly, date '1970-01-01' + min(starts) / 1440 AS since,
        date '1970-01-01' + (max(ends) - 1) / 1440 AS until
    FROM spans GROUP BY account_id, level, hourly
), pieces AS MATERIALIZED (
    SELECT r.account_id, r.level, false AS hourly, {_OBJECT} AS object_id, {_DAY_OF} AS minute, 1440 AS length,
        {", ".join(f"f.{name}" for name in COUNTS)}
    FROM ranges r JOIN metric_facts f ON f.account_id = r.account_id AND f.level = r.level AND f.breakdown = ''
        AND f.day BETWEEN r.since AND r.until
    WHERE NOT r.hourly
    UNION ALL
    SELECT r.account_id, r.level, true, {_OBJECT},
        {_DAY_OF} + f.breakdown_value::int * 60, 60, {", ".join(f"f.{name}" for name in COUNTS)}
    FROM ranges r JOIN metric_facts f ON f.account_id = r.account_id AND f.level = 'campaign' AND f.breakdown = 'hour'
        AND f.day BETWEEN r.since AND r.until
    WHERE r.hourly
), added AS MATERIALIZED (
    SELECT s.account_id, s.level, s.hourly, s.starts, s.ends, f.object_id,
        {", ".join(f"sum((f.{name} * {_MINUTES})::float8) / max(f.length) AS {name}" for name in COUNTS)}
    FROM spans s JOIN pieces f ON f.account_id = s.account_id AND f.level = s.level AND f.hourly = s.hourly
        AND f.minute < s.ends AND f.minute + f.length > s.starts
    GROUP BY 1, 2, 3, 4, 5, 6
), covered AS (
    SELECT p.account_id, p.moment, p.level, p.probe
    FROM probed p JOIN metric_coverage c ON c.account_id = p.account_id
        AND c.level = CASE WHEN p.hourly THEN 'campaign' ELSE p.level END
        AND c.breakdown = CASE WHEN p.hourly THEN 'hour' ELSE '' END
        AND c.day BETWEEN date '1970-01-01' + p.starts / 1440 AND date '1970-01-01' + (p.ends - 1) / 1440
    WHERE p.k = 0
    GROUP BY p.account_id, p.moment, p.level, p.probe, p.starts, p.ends, p.fresh
    HAVING count(*) = (p.ends - 1) / 1440 - p.starts / 1440 + 1
        AND (p.fresh IS NULL OR max(c.fetched_at) >= p.fresh)
)
SELECT p.account_id, p.moment, p.level, p.probe, a.object_id,
    ARRAY[{", ".join(f"sum(a.{name}) FILTER (WHERE p.k = 0)" for name in COUNTS)}, 1],
    ARRAY[{", ".join(f"sum(a.{name}) FILTER (WHERE p.k > 0)" for name in COUNTS)}, 1],
    (count(*) FILTER (WHERE p.k > 0 AND a.impressions > 0))::int
FROM probed p JOIN added a USING (account_id, level, hourly, starts, ends)
GROUP BY p.account_id, p.moment, p.level, p.probe, a.object_id
UNION ALL
SELECT account_id, moment, level, probe, NULL, NULL, NULL, 0 FROM covered
"""

# -- judging

_SCOPE = "a.is_active AND a.level = '{level}' AND (a.name_filter = '' OR strpos(lower(o.name), lower(a.name_filter)) > 0)"
_ALIVE = "o.missing_at IS NULL AND o.effective_status NOT IN ('ARCHIVED', 'DELETED')"


def _objects(level: str, table: str, campaign: str) -> str:
    """The objects of the alerts of a level."""
    return f"""SELECT a.id, a.account_id, o.id, o.meta_id, o.name, o.effective_status IN ('ACTIVE', 'IN_PROCESS')
    FROM {{alerts}} a JOIN {table} o ON o.id = a.campaign_id
    WHERE {_SCOPE.format(level=level)} AND {_ALIVE}
    UNION ALL
    SELECT a.id, a.account_id, o.id, o.meta_id, o.name, o.effective_status IN ('ACTIVE', 'IN_PROCESS')
    FROM {{alerts}} a JOIN {table} o ON o.account_id = a.account_id
    WHERE a.campaign_id IS NULL AND {_SCOPE.format(level=level)} AND {_ALIVE}""".replace(
        "o.id = a.campaign_id", campaign
    )


_TARGETS = "\n    UNION ALL\n    ".join(
    (
        _objects("campaign", "campaigns", "o.id = a.campaign_id"),
        _objects("adset", "ad_sets", "o.campaign_id = a.campaign_id"),
        _objects("ad", "ads", "o.campaign_id = a.campaign_id"),
        f"""SELECT a.id, a.account_id, o.id, '', o.name, o.account_status = 1
    FROM {{alerts}} a JOIN meta_accounts o ON o.id = a.account_id WHERE {_SCOPE.format(level="account")}""",
    )
)


def _value(sums: str) -> str:
    """A cost of nothing bought is without end, and as such above any threshold."""
    above, below = f"{sums}[l.dividend]", f"{sums}[l.divisor]"
    return f"""CASE WHEN {below} <> 0 THEN {above} * l.times / ({below} * l.by)
        WHEN {above} > 0 THEN 'Infinity'::float8 END"""


def _met(threshold: str) -> str:
    return f"""CASE l.operator WHEN '>' THEN c.value > {threshold} WHEN '>=' THEN c.value >= {threshold}
        WHEN '<' THEN c.value < {threshold} WHEN '<=' THEN c.value <= {threshold}
        WHEN '=' THEN c.value = {threshold} ELSE c.value <> {threshold} END"""


# An object without a row delivered nothing: that is zero when it should be delivering, and says nothing otherwise
JUDGED = f"""
targets AS (SELECT * FROM (
    {_TARGETS}
    ) t (alert_id, account_id, object_id, meta_id, name, running)
), measured AS MATERIALIZED (
    SELECT t.alert_id, t.object_id, m.moment, l.clause, l.leaf, c.value, n.now, n.before, {_met("l.threshold")} AS met,
        {_met("l.relaxed")} AS held
    FROM targets t
    JOIN {{alerts}} a ON a.id = t.alert_id
    JOIN {{leaves}} l ON l.alert_id = t.alert_id
    JOIN moments m ON m.account_id = t.account_id
    LEFT JOIN summed s ON s.account_id = t.account_id AND s.moment = m.moment AND s.level = a.level
        AND s.probe = l.probe AND s.object_id = t.meta_id
    LEFT JOIN summed w ON w.account_id = t.account_id AND w.moment = m.moment AND w.level = a.level
        AND w.probe = l.probe AND w.object_id IS NULL
    CROSS JOIN LATERAL (SELECT CASE WHEN w.probe IS NOT NULL THEN
        coalesce(s.present, CASE WHEN t.running THEN '{{{{0,0,0,0,0,0,1}}}}'::float8[] END) END AS present) p
    CROSS JOIN LATERAL (SELECT {_value("p.present")} AS now,
        CASE WHEN l.periods > 0 AND s.periods * 2 >= l.periods
            THEN {_value("s.earlier")} / CASE WHEN l.divisor = 7 THEN s.periods ELSE 1 END END AS before) n
    CROSS JOIN LATERAL (SELECT CASE
        WHEN p.present[l.minimum_of] < l.minimum THEN NULL
        WHEN l.compare = 'absolute' THEN n.now
        WHEN n.before > 0 AND n.before < 'Infinity' THEN 100 * (n.now - n.before) / n.before END AS value) c
), verdicts AS MATERIALIZED (
    SELECT alert_id, object_id, moment, bool_or(fires) AS fires, bool_or(holds) AS holds
    FROM (
        SELECT alert_id, object_id, moment, bool_and(coalesce(met, false)) AS fires,
            bool_and(coalesce(held, true)) AS holds
        FROM measured GROUP BY alert_id, object_id, moment, clause
    ) clauses GROUP BY alert_id, object_id, moment
)"""
_SHOWN = """(SELECT jsonb_agg(DISTINCT jsonb_build_object('leaf', l.leaf, 'metric', l.metric, 'window', l.window,
        'compare', l.compare, 'operator', l.operator, 'threshold', l.threshold,
        'value', CASE WHEN v.now < 'Infinity' THEN v.now END, 'before', CASE WHEN v.before < 'Infinity' THEN v.before END,
        'change', CASE WHEN l.compare <> 'absolute' AND v.value < 'Infinity' THEN v.value END, 'met', coalesce(v.met, false)))
    FROM measured v JOIN {leaves} l USING (alert_id, clause, leaf)
    WHERE v.alert_id = d.alert_id AND v.object_id = d.object_id AND v.moment = d.moment)"""
# an id follows from the firing, and sorts by its time as all ids do
_ID = """(lpad(to_hex((extract(epoch FROM d.as_of) * 1000)::bigint), 12, '0') || '7' || substr(d.digest, 1, 3)
        || '8' || substr(d.digest, 4, 15))::uuid"""
FIRE = f"""
WITH {JUDGED}, decided AS MATERIALIZED (
    SELECT v.alert_id, v.object_id, v.moment, m.as_of, a.user_id, a.account_id, a.level, t.name,
        NOT b.up AND v.fires AND (s.last_fired_at IS NULL
            OR m.as_of >= s.last_fired_at + make_interval(mins => a.cooldown_minutes)) AS fired,
        coalesce(s.firing, false) AND NOT v.holds AS ended,
        md5(v.alert_id::text || v.object_id::text || m.as_of::text) AS digest
    FROM verdicts v
    JOIN {{alerts}} a ON a.id = v.alert_id
    JOIN targets t ON t.alert_id = v.alert_id AND t.object_id = v.object_id
    JOIN moments m ON m.account_id = a.account_id AND m.moment = v.moment
    JOIN meta_accounts k ON k.id = a.account_id
    LEFT JOIN alert_states s ON s.alert_id = v.alert_id AND s.object_id = v.object_id
    CROSS JOIN LATERAL (SELECT coalesce(s.firing, false)
        AND NOT (a.daily AND (s.last_fired_at AT TIME ZONE k.timezone)::date < m.day) AS up) b
    WHERE v.fires OR s.firing
), states AS (
    INSERT INTO alert_states AS s (alert_id, object_id, firing, since, last_fired_at)
    SELECT alert_id, object_id, fired, as_of, as_of FROM decided WHERE fired OR ended
    ON CONFLICT (alert_id, object_id) DO UPDATE SET firing = excluded.firing, since = excluded.since,
        last_fired_at = CASE WHEN excluded.firing THEN excluded.last_fired_at ELSE s.last_fired_at END
), events AS (
    INSERT INTO alert_events (id, alert_id, user_id, account_id, level, object_id, object_name, fired_at, numbers)
    SELECT {_ID}, d.alert_id, d.user_id, d.account_id, d.level, d.object_id, d.name, d.as_of, {_SHOWN}
    FROM decided d WHERE d.fired
    ON CONFLICT DO NOTHING
    RETURNING id, alert_id, fired_at
), stamped AS (
    UPDATE {{alerts}} a SET last_fired_at = e.fired_at
    FROM (SELECT alert_id, max(fired_at) AS fired_at FROM events GROUP BY alert_id) e WHERE a.id = e.alert_id
), passed AS (
    UPDATE alert_passes p SET as_of = m.as_of FROM moments m WHERE m.account_id = p.account_id
)
SELECT id, alert_id FROM events
"""
FIRE = FIRE.format(alerts=_ALERTS, leaves=_LEAVES)
SPANS_OF_ALERTS = SPANS.format(alerts=_ALERTS, leaves=_LEAVES)
