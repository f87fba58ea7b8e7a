"""The statement of a pass that judges: values, verdicts, states and firings, over the sums that were made."""

from __future__ import annotations

from vibekanban.domains.alerts import objects
from vibekanban.domains.alerts.measures import ONE

_ALIVE = "o.missing_at IS NULL AND o.effective_status NOT IN ('ARCHIVED', 'DELETED')"
_RUNNING = "o.effective_status IN ('ACTIVE', 'IN_PROCESS')"
_NAMED = "(a.name_filter = '' OR strpos(lower(o.name), lower(a.name_filter)) > 0)"


def _in_account(level: str, table: str) -> str:
    return f"""SELECT a.id, o.id, o.meta_id, {_RUNNING} FROM many a JOIN {table} o ON o.account_id = a.account_id
        WHERE a.level = '{level}' AND a.campaign_id IS NULL AND {_ALIVE} AND {_NAMED}"""


def _in_campaign(level: str, table: str) -> str:
    return f"""SELECT a.id, o.id, o.meta_id, {_RUNNING} FROM many a JOIN {table} o ON o.campaign_id = a.campaign_id
        WHERE a.level = '{level}' AND {_ALIVE} AND {_NAMED}"""


_TARGETS = "\n        UNION ALL ".join(
    (
        _in_account("campaign", "campaigns"),
        _in_account("adset", "ad_sets"),
        _in_account("ad", "ads"),
        _in_campaign("adset", "ad_sets"),
        _in_campaign("ad", "ads"),
        """SELECT a.id, o.id, '', o.account_status = 1 FROM many a JOIN meta_accounts o ON o.id = a.account_id
        WHERE a.level = 'account'""",
    )
)

_IDS = ", ".join(
    f"l.{name}"
    for name in (
        "account_id",
        "alert_id",
        "object_id",
        "leaf",
        "low",
        "high",
        "held_low",
        "held_high",
        "outside",
    )
)
_LEAF = ", ".join(
    f"l.{name}"
    for name in (
        "account_id", "alert_id", "leaf", "low", "high", "held_low", "held_high", "outside", "probe", "dividend",
        "divisor", "times", "by", "periods", "minimum_of", "minimum", "level", "metric", "compare", "span", "length",
    )
)  # fmt: skip


def _value(sums: str) -> str:
    """A cost of nothing bought is without end, and as such above any threshold."""
    above, below = f"{sums}[dividend]", f"{sums}[divisor]"
    return f"""CASE WHEN {below} <> 0 THEN {above} * times / ({below} * by)
        WHEN {below} = 0 AND {above} > 0 THEN 'Infinity'::float8 END"""


_ZEROS = "'{{0,0,0,0,0,0,1,NULL}}'::float8[]"
_PRESENT = f"""(coalesce(s.present, CASE WHEN l.running AND (l.account_id, m.moment, l.probe) IN (
        SELECT account_id, moment, probe FROM summed WHERE object_id IS NULL) THEN {_ZEROS} END))"""
# An object without a row delivered nothing: that is zero when it should be delivering, and says nothing otherwise.
# What is not known meets nothing, and ends nothing either.
JUDGED = f"""
many AS MATERIALIZED (
    SELECT id, account_id, campaign_id, level, name_filter FROM {{alerts}}
    WHERE is_active AND (level <> 'campaign' OR campaign_id IS NULL) AND account_id IN (SELECT account_id FROM moments)
), watched AS (
    SELECT {_LEAF}, o.id AS object_id, o.meta_id, {_RUNNING} AS running FROM {{leaves}} l JOIN campaigns o ON o.id = l.campaign_id
    WHERE l.level = 'campaign' AND {_ALIVE}
    UNION ALL
    SELECT {_LEAF}, t.object_id, t.meta_id, t.running FROM (
        {_TARGETS}
    ) t (alert_id, object_id, meta_id, running) JOIN {{leaves}} l ON l.alert_id = t.alert_id
), measured AS MATERIALIZED (
    SELECT account_id, alert_id, object_id, moment, leaf, now, before, value,
        (value BETWEEN low AND high) <> outside AS met, (value BETWEEN held_low AND held_high) <> outside AS held
    FROM (
        SELECT {_IDS}, l.moment, now, before, CASE WHEN compare = 'absolute' THEN now
            WHEN before > 0 AND before < 'Infinity'
                THEN 100 * (CASE WHEN periods > 0 THEN now - before ELSE now END) / before END AS value
        FROM (
            SELECT {_IDS}, m.moment, compare, l.periods, CASE WHEN {_PRESENT}[minimum_of] < minimum THEN NULL
                    WHEN dividend > 0 THEN {_value(_PRESENT)} ELSE {objects.COUNTED} END AS now,
                CASE WHEN l.periods > 0 THEN CASE WHEN s.periods * 2 >= l.periods
                        THEN {_value("s.earlier")} / CASE WHEN divisor = {ONE} THEN s.periods ELSE 1 END END
                    WHEN compare IN ('budget', 'pacing') THEN {objects.BUDGET} END AS before
            FROM watched l
            JOIN moments m ON m.account_id = l.account_id
            LEFT JOIN summed s ON s.account_id = l.account_id AND s.moment = m.moment AND s.probe = l.probe
                AND s.object_id = l.meta_id
            OFFSET 0
        ) l
    ) l
)"""


def enough(bits: str) -> str:
    """Whether the leaves of a clause are all among the bits."""
    return f"""CASE WHEN cardinality(a.clauses) = 1 THEN {bits} & a.clauses[1] = a.clauses[1]
        ELSE EXISTS (SELECT FROM unnest(a.clauses) c WHERE {bits} & c = c) END"""


SHOWN = """jsonb_build_object('leaf', l.leaf, 'metric', l.metric, 'window', l.window, 'compare', l.compare,
        'operator', l.operator, 'threshold', l.threshold, 'value', CASE WHEN v.now < 'Infinity' THEN v.now END,
        'before', CASE WHEN v.before < 'Infinity' THEN v.before END,
        'change', CASE WHEN l.compare <> 'absolute' AND v.value < 'Infinity' THEN v.value END,
        'met', coalesce(v.met, false))"""
# an id follows from the firing, and sorts by its time as all ids do
_ID = """(lpad(to_hex((extract(epoch FROM d.as_of) * 1000)::bigint), 12, '0') || '7' || substr(i.digest, 1, 3)
        || '8' || substr(i.digest, 4, 15))::uuid"""
# Of what does not fire yet only the comparisons that are met matter, so the rest is not even grouped; what holds is
# asked of what fires, all of whose comparisons are here.
_FIRE = f"""
WITH {JUDGED}, candidates AS MATERIALIZED (
    SELECT v.account_id, v.alert_id, v.object_id, v.moment, bit_or(CASE WHEN v.met THEN 1 << v.leaf ELSE 0 END) AS met,
        bit_or(CASE WHEN coalesce(v.held, true) THEN 1 << v.leaf ELSE 0 END) AS held, s.firing, s.last_fired_at
    FROM measured v LEFT JOIN alert_states s ON s.alert_id = v.alert_id AND s.object_id = v.object_id
    WHERE v.met OR s.firing
    GROUP BY v.account_id, v.alert_id, v.object_id, v.moment, s.firing, s.last_fired_at
), decided AS MATERIALIZED (
    SELECT v.alert_id, v.object_id, v.moment, m.as_of, a.user_id, a.account_id, a.level, nullif(a.action, 'null') AS action,
        {enough("v.met")} AND NOT b.up AND (v.last_fired_at IS NULL
            OR m.as_of >= v.last_fired_at + make_interval(mins => a.cooldown_minutes)) AS fired,
        coalesce(v.firing, false) AND NOT {enough("v.held")} AS ended
    FROM candidates v
    JOIN moments m ON m.account_id = v.account_id AND m.moment = v.moment
    JOIN alerts a ON a.id = v.alert_id
    JOIN meta_accounts k ON k.id = v.account_id
    CROSS JOIN LATERAL (SELECT coalesce(v.firing, false)
        AND NOT (a.daily AND (v.last_fired_at AT TIME ZONE k.timezone)::date < m.day) AS up) b
), numbers AS (
    SELECT d.alert_id, d.object_id, d.moment, jsonb_agg({SHOWN}) AS numbers
    FROM decided d
    JOIN measured v ON v.alert_id = d.alert_id AND v.object_id = d.object_id AND v.moment = d.moment
    JOIN {{leaves}} l ON l.alert_id = v.alert_id AND l.leaf = v.leaf
    WHERE d.fired GROUP BY d.alert_id, d.object_id, d.moment
), states AS (
    INSERT INTO alert_states AS s (alert_id, object_id, firing, since, last_fired_at)
    SELECT alert_id, object_id, fired, as_of, as_of FROM decided WHERE fired OR ended
    ON CONFLICT (alert_id, object_id) DO UPDATE SET firing = excluded.firing, since = excluded.since,
        last_fired_at = CASE WHEN excluded.firing THEN excluded.last_fired_at ELSE s.last_fired_at END
), events AS (
    INSERT INTO alert_events (id, alert_id, user_id, account_id, level, object_id, object_name, fired_at,
        numbers, action, attempts)
    SELECT {_ID}, d.alert_id, d.user_id, d.account_id, d.level, d.object_id,
        CASE d.level WHEN 'campaign' THEN (SELECT name FROM campaigns WHERE id = d.object_id)
            WHEN 'adset' THEN (SELECT name FROM ad_sets WHERE id = d.object_id)
            WHEN 'ad' THEN (SELECT name FROM ads WHERE id = d.object_id)
            ELSE (SELECT name FROM meta_accounts WHERE id = d.object_id) END,
        d.as_of, n.numbers, d.action, 0
    FROM decided d JOIN numbers n USING (alert_id, object_id, moment)
    CROSS JOIN LATERAL (SELECT md5(d.alert_id::text || d.object_id::text || d.as_of::text) AS digest) i
    ON CONFLICT DO NOTHING
    RETURNING id
), passed AS (
    UPDATE alert_passes p SET as_of = m.read_at FROM moments m WHERE m.account_id = p.account_id
)
SELECT count(*) FROM events
"""
FIRE = _FIRE.format(alerts="alerts", leaves="alert_leaves")
