"""What a pass asks of the structure itself: budgets, what is in trouble, and the account's time of day.

Parts of the judging statement; `l` is a leaf with its object there, `m` the moment. They stand in branches, so that
leaves which ask for none of it pay for none of it.
"""

from __future__ import annotations

from vibekanban.domains.meta import troubles
from vibekanban.domains.meta.money import WHOLE

_DISAPPROVED = "t.status = 'DISAPPROVED' AND t.level = 'ad'"
_WORN = f"t.status = '{troubles.WORN}' AND t.since > m.as_of - interval '7 days'"
COUNTED = f"""CASE l.metric WHEN 'hour' THEN mod(m.minute, 1440) / 60.0 ELSE (
    SELECT count(*) FROM object_troubles t
    WHERE t.account_id = l.account_id AND t.since <= m.as_of AND (t.until IS NULL OR t.until > m.as_of)
        AND (l.level = 'account' OR l.object_id = CASE l.level WHEN 'campaign' THEN t.campaign_id
            WHEN 'adset' THEN t.ad_set_id ELSE t.object_id END)
        AND CASE l.metric WHEN 'disapprovedAds' THEN {_DISAPPROVED} WHEN 'wornAds' THEN {_WORN}
            ELSE t.status <> '{troubles.WORN}' END
) END"""


def _daily(of: str, ends: str) -> str:
    """A lifetime budget is the same every day of its life."""
    life = f"greatest(1, extract(epoch FROM {of}.{ends} - {of}.start_time) / 86400)"
    return f"coalesce({of}.daily_budget, {of}.lifetime_budget / {life})"


# without a budget of its own a campaign has its ad sets', an account its campaigns'
_AD_SETS = f"""(SELECT sum({_daily("s", "end_time")}) FROM ad_sets s
    WHERE s.campaign_id = c.id AND s.status = 'ACTIVE' AND s.missing_at IS NULL)"""
_CAMPAIGN = f"coalesce({_daily('c', 'stop_time')}, {_AD_SETS})"
_OFFSET = f"""(SELECT CASE WHEN k.currency IN ({", ".join(f"'{code}'" for code in sorted(WHOLE))}) THEN 1.0 ELSE 100.0 END
    FROM meta_accounts k WHERE k.id = l.account_id)"""
_PART = """CASE l.span WHEN 'hours' THEN l.length / 24.0 WHEN 'days' THEN l.length
    WHEN 'today' THEN CASE WHEN l.compare = 'pacing' THEN mod(m.minute, 1440) / 1440.0 ELSE 1 END ELSE 1 END"""
BUDGET = f"""(CASE l.level WHEN 'campaign' THEN (SELECT {_CAMPAIGN} FROM campaigns c WHERE c.id = l.object_id)
    WHEN 'adset' THEN (SELECT {_daily("s", "end_time")} FROM ad_sets s WHERE s.id = l.object_id)
    WHEN 'account' THEN (SELECT sum({_CAMPAIGN}) FROM campaigns c
        WHERE c.account_id = l.account_id AND c.status = 'ACTIVE' AND c.missing_at IS NULL)
    END / {_OFFSET} * {_PART})::float8"""
