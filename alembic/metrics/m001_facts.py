"""The metrics store: facts, what they said before, coverage, reach; weeks as rollup or continuous aggregate

Revision ID: m001
Revises:
"""

from __future__ import annotations

from sqlalchemy import text

from alembic import op

revision = "m001"
down_revision = None
branch_labels = None
depends_on = None

COUNTS = """
    impressions bigint NOT NULL DEFAULT 0,
    clicks bigint NOT NULL DEFAULT 0,
    link_clicks bigint NOT NULL DEFAULT 0,
    spend_micros bigint NOT NULL DEFAULT 0,
    conversions_micros bigint NOT NULL DEFAULT 0,
    revenue_micros bigint NOT NULL DEFAULT 0
"""
KEY = """
    account_id uuid NOT NULL,
    level varchar(10) NOT NULL,
    object_id varchar(32) NOT NULL,
    day date NOT NULL,
    breakdown varchar(60) NOT NULL DEFAULT '',
    breakdown_value varchar(120) NOT NULL DEFAULT '',
    attribution varchar(60) NOT NULL DEFAULT ''
"""
FACTS = f"""
CREATE TABLE metric_facts (
    {KEY},
    {COUNTS},
    actions jsonb NOT NULL DEFAULT '{{}}',
    action_values jsonb NOT NULL DEFAULT '{{}}',
    conversion_event varchar(120) NOT NULL DEFAULT '',
    fetched_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (account_id, level, breakdown, object_id, day, breakdown_value, attribution)
)
"""
CHANGES = f"""
CREATE TABLE metric_changes (
    {KEY},
    {COUNTS},
    version integer NOT NULL,
    replaced_at timestamptz NOT NULL
)
"""
# what was read when, so that every number has an age even when it did not change
COVERAGE = """
CREATE TABLE metric_coverage (
    account_id uuid NOT NULL,
    level varchar(10) NOT NULL,
    breakdown varchar(60) NOT NULL DEFAULT '',
    day date NOT NULL,
    fetched_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, level, breakdown, day)
)
"""
# people are not additive: asked of Meta for an exact range, kept for a while
REACH = """
CREATE TABLE metric_reach (
    account_id uuid NOT NULL,
    level varchar(10) NOT NULL,
    object_id varchar(32) NOT NULL,
    since date NOT NULL,
    until date NOT NULL,
    reach bigint NOT NULL,
    impressions bigint NOT NULL,
    fetched_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, level, object_id, since, until)
)
"""
SUMS = """
    sum(impressions)::bigint AS impressions,
    sum(clicks)::bigint AS clicks,
    sum(link_clicks)::bigint AS link_clicks,
    sum(spend_micros)::bigint AS spend_micros,
    sum(conversions_micros)::bigint AS conversions_micros,
    sum(revenue_micros)::bigint AS revenue_micros
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    timescale = _timescale()
    op.execute(FACTS if timescale else f"{FACTS} PARTITION BY RANGE (day)")
    op.execute(CHANGES)
    op.execute("CREATE INDEX metric_changes_recent ON metric_changes (account_id, replaced_at)")
    op.execute(COVERAGE)
    op.execute(REACH)
    if timescale:
        op.execute(
            "SELECT create_hypertable('metric_facts', 'day', chunk_time_interval => interval '1 month')"
        )
        op.execute(
            "ALTER TABLE metric_facts SET (timescaledb.compress,"
            " timescaledb.compress_segmentby = 'account_id, level, object_id',"
            " timescaledb.compress_orderby = 'day, breakdown, breakdown_value, attribution')"
        )
        op.execute("SELECT add_compression_policy('metric_facts', interval '90 days')")
        op.execute(
            "CREATE MATERIALIZED VIEW metric_weeks"
            " WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS"
            " SELECT account_id, level, object_id, breakdown, time_bucket(interval '7 days', day) AS week,"
            f" {SUMS} FROM metric_facts GROUP BY 1, 2, 3, 4, 5 WITH NO DATA"
        )
        return
    op.execute("CREATE TABLE metric_facts_rest PARTITION OF metric_facts DEFAULT")
    op.execute(
        f"CREATE TABLE metric_weeks (account_id uuid NOT NULL, level varchar(10) NOT NULL,"
        f" object_id varchar(32) NOT NULL, breakdown varchar(60) NOT NULL, week date NOT NULL, {COUNTS},"
        " PRIMARY KEY (account_id, level, breakdown, week, object_id) INCLUDE (impressions, clicks, link_clicks,"
        " spend_micros, conversions_micros, revenue_micros))"
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.execute(
        "DROP MATERIALIZED VIEW IF EXISTS metric_weeks CASCADE" if _timescale() else "DROP TABLE metric_weeks"
    )
    for table in ("metric_reach", "metric_coverage", "metric_changes", "metric_facts"):
        op.execute(f"DROP TABLE {table}")


def _timescale() -> bool:
    """The extension, created when the server offers it."""
    connection = op.get_bind()
    offered = connection.execute(
        text("SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'")
    ).first()
    if offered is None:
        return False
    op.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
    return True
