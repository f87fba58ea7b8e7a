"""The statements that read numbers; each answers one finished JSON text, over the hypertable and native partitions.

Ratios are derived after summing. Money is a decimal string in major units, `ctr` is in percent, `roas` a plain
ratio, `cpp` the cost of a thousand people; a ratio without a divisor is null. People are never added up: `reach`
is there for exactly the ranges Meta was asked for.
"""

from __future__ import annotations

COUNTS = ("impressions", "clicks", "link_clicks", "spend_micros", "conversions_micros", "revenue_micros")
NAMES = ", ".join(COUNTS)
SUMS = ", ".join(f"coalesce(sum({name}), 0)::bigint AS {name}" for name in COUNTS)


def _money(micros: str, decimals: str) -> str:
    """At least the currency's decimals, more when the number has more."""
    return f"round({micros} / 1000000.0, greatest({decimals}, min_scale({micros} / 1000000.0)))::text"


def _ratio(ratio: str) -> str:
    return f"coalesce(round({ratio}, 4)::text, 'null')"


def _cost(ratio: str) -> str:
    return f"""coalesce('"' || round({ratio}, 4)::text || '"', 'null')"""


def counted(row: str, decimals: str = "%(decimals)s") -> str:
    """SQL for the members of a JSON object: the sums of a row, and what is derived of them."""
    major = f"{row}.spend_micros / 1000000.0"
    return f"""'"spend":"' || {_money(f"{row}.spend_micros", decimals)} || '","impressions":' || {row}.impressions
        || ',"clicks":' || {row}.clicks || ',"linkClicks":' || {row}.link_clicks
        || ',"conversions":' || trim_scale({row}.conversions_micros / 1000000.0)
        || ',"revenue":"' || {_money(f"{row}.revenue_micros", decimals)}
        || '","ctr":' || {_ratio(f"{row}.clicks * 100.0 / nullif({row}.impressions, 0)")}
        || ',"cpc":' || {_cost(f"{major} / nullif({row}.clicks, 0)")}
        || ',"cpm":' || {_cost(f"{row}.spend_micros / 1000.0 / nullif({row}.impressions, 0)")}
        || ',"cpa":' || {_cost(f"{row}.spend_micros * 1.0 / nullif({row}.conversions_micros, 0)")}
        || ',"roas":' || {_ratio(f"{row}.revenue_micros * 1.0 / nullif({row}.spend_micros, 0)")}"""


def shown(row: str, reach: str = "NULL::bigint") -> str:
    """The same with the people reached."""
    return f"""{counted(row)}
        || ',"cpp":' || {_cost(f"{row}.spend_micros / 1000.0 / nullif({reach}, 0)")}
        || ',"reach":' || coalesce(({reach})::text, 'null')
        || ',"frequency":' || {_ratio(f"{row}.impressions * 1.0 / nullif({reach}, 0)")}"""


def rows(members: str, source: str, order: str) -> str:
    return f"'[' || coalesce((SELECT string_agg('{{' || {members} || '}}', ',' ORDER BY {order}) FROM {source}), '') || ']'"


def one(members: str, source: str) -> str:
    return f"(SELECT '{{' || {members} || '}}' FROM {source})"


def moment(moment: str) -> str:
    return f"""coalesce('"' || to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"', 'null')"""


_OF = "account_id = %(account)s AND level = %(level)s AND object_id = %(object)s"
_RANGE = "day BETWEEN %(since)s AND %(until)s"
_WHOLE = "since = %(since)s AND until = %(until)s"
_READ_LATE = "coalesce(r.fetched_at::date > d.day + 28, false)"

_DAY = """'"date":"' || d.day || '",' || """ + shown("d")
_SERIES_DAY = (
    """'"date":"' || d.day || '","final":' || (d.day < %(mature)s AND """
    f"{_READ_LATE})::text || ',' || {shown('d', 'p.reach')}"
)
_CUT = (
    """'"date":"' || c.day || '","value":' || to_json(c.value) || ',"final":' || (c.day < %(mature)s)::text"""
    f" || ',' || {shown('c')}"
)
_CATEGORY = f"""'"value":' || to_json(c.value) || ',' || {shown("c")}"""
_CAMPAIGN = f"""'"metaCampaignId":"' || c.object_id || '",' || {shown("c")}"""

SERIES = f"""
WITH days AS MATERIALIZED (
    SELECT day, {SUMS} FROM metric_facts WHERE {_OF} AND breakdown = '' AND {_RANGE} GROUP BY day
), read AS MATERIALIZED (
    SELECT day, fetched_at FROM metric_coverage
    WHERE account_id = %(account)s AND level = %(level)s AND breakdown = '' AND {_RANGE}
), people AS MATERIALIZED (
    SELECT since, until, reach, fetched_at FROM metric_reach
    WHERE {_OF} AND ({_WHOLE} OR since = until AND since BETWEEN %(since)s AND %(until)s)
), whole AS (SELECT reach FROM people WHERE {_WHOLE}
), total AS (SELECT {SUMS} FROM days)
SELECT '{{"rows":' || {rows(
    _SERIES_DAY, "days d LEFT JOIN read r USING (day) LEFT JOIN people p ON p.since = d.day AND p.until = d.day",
    "d.day",
)} || ',"totals":' || {one(shown("t", "w.reach"), "total t LEFT JOIN whole w ON true")}
    || ',"fetchedAt":' || {moment("(SELECT max(fetched_at) FROM read)")}
    || ',"reachAt":' || {moment(f"(SELECT fetched_at FROM people WHERE {_WHOLE})")} || '}}'
"""  # fmt: skip
CUTS = f"""
WITH cuts AS MATERIALIZED (
    SELECT day, breakdown_value AS value, {SUMS} FROM metric_facts
    WHERE {_OF} AND breakdown = %(breakdown)s AND {_RANGE} GROUP BY day, breakdown_value
), total AS (SELECT {SUMS} FROM cuts)
SELECT '{{"rows":' || {rows(_CUT, "cuts c", "c.day, c.value")}
    || ',"totals":' || {one(shown("t"), "total t")} || ',"fetchedAt":' || {moment(
        "(SELECT max(fetched_at) FROM metric_coverage WHERE account_id = %(account)s AND level = %(level)s"
        f" AND breakdown = %(breakdown)s AND {_RANGE})"
    )} || '}}'
"""  # fmt: skip
CATEGORIES = f"""
WITH categories AS MATERIALIZED (
    SELECT breakdown_value AS value, {SUMS} FROM metric_facts
    WHERE {_OF} AND breakdown = %(breakdown)s AND {_RANGE} GROUP BY breakdown_value
), total AS (SELECT {SUMS} FROM categories)
SELECT '{{"rows":' || {rows(_CATEGORY, "categories c", "c.spend_micros DESC, c.value")}
    || ',"totals":' || {one(shown("t"), "total t")} || '}}'
"""
_CAMPAIGN_DAYS = f"""SELECT object_id, {NAMES} FROM metric_facts
    WHERE account_id = %(account)s AND level = 'campaign' AND breakdown = ''"""
_ACCOUNT_READ = "metric_coverage WHERE account_id = %(account)s AND level = 'account' AND breakdown = ''"
# whole weeks come from the rollup, the ends of the range from the days
SUMMARY = f"""
WITH account_days AS MATERIALIZED (
    SELECT day, {SUMS} FROM metric_facts
    WHERE account_id = %(account)s AND level = 'account' AND breakdown = ''
      AND day BETWEEN %(before_since)s AND %(until)s
    GROUP BY day
), pieces AS (
    SELECT object_id, {NAMES} FROM metric_weeks
    WHERE account_id = %(account)s AND level = 'campaign' AND breakdown = ''
      AND week >= %(first_week)s AND week < %(end_week)s
    UNION ALL {_CAMPAIGN_DAYS} AND day BETWEEN %(since)s AND %(head_until)s
    UNION ALL {_CAMPAIGN_DAYS} AND day BETWEEN %(tail_since)s AND %(until)s
), campaigns AS MATERIALIZED (SELECT object_id, {SUMS} FROM pieces GROUP BY object_id
), total AS (SELECT {SUMS} FROM account_days WHERE day >= %(since)s
), before AS (SELECT {SUMS} FROM account_days WHERE day < %(since)s
), seen AS (SELECT {SUMS} FROM campaigns
), rest AS (SELECT {", ".join(f"t.{name} - s.{name} AS {name}" for name in COUNTS)} FROM total t, seen s)
SELECT '{{"totals":' || {one(shown("t"), "total t")} || ',"previous":' || {one(shown("b"), "before b")}
    || ',"previousComplete":' || ((SELECT count(*) FROM {_ACCOUNT_READ}
        AND day >= %(before_since)s AND day < %(since)s) = %(length)s)::text
    || ',"days":' || {rows(_DAY, "account_days d WHERE d.day >= %(since)s", "d.day")}
    || ',"campaigns":' || {rows(_CAMPAIGN, "campaigns c", "c.spend_micros DESC, c.object_id")}
    || ',"unlisted":' || {one(shown("r"), "rest r")}
    || ',"fetchedAt":' || {moment(f"(SELECT max(fetched_at) FROM {_ACCOUNT_READ} AND {_RANGE})")} || '}}'
"""
