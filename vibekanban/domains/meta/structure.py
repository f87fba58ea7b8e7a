"""Campaigns, ad sets and ads as Meta lists them: a page at a time into our tables, set-based."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlmodel import Session

from vibekanban.core import columns, metrics
from vibekanban.domains.meta.models import Level, MetaAccount

EDGES = {Level.CAMPAIGN: "campaigns", Level.AD_SET: "adsets", Level.AD: "ads"}
TABLES = {Level.CAMPAIGN: "campaigns", Level.AD_SET: "ad_sets", Level.AD: "ads"}
COMMON = "id,name,status,effective_status,created_time,updated_time,issues_info"
FIELDS = {
    Level.CAMPAIGN: f"{COMMON},objective,buying_type,bid_strategy,special_ad_categories,daily_budget,"
    "lifetime_budget,start_time,stop_time,spend_cap,special_ad_category_country,is_adset_budget_sharing_enabled",
    Level.AD_SET: f"{COMMON},campaign_id,optimization_goal,billing_event,bid_strategy,bid_amount,daily_budget,"
    "lifetime_budget,targeting,start_time,end_time,bid_constraints,promoted_object,destination_type,"
    "learning_stage_info",
    Level.AD: f"{COMMON},campaign_id,adset_id,creative,ad_review_feedback",
}
NO_CAP = 922337203685478  # how Meta writes that there is no spend cap
# edges hide archived objects unless they are asked for
ALIVE = ["ACTIVE", "PAUSED", "CAMPAIGN_PAUSED", "ADSET_PAUSED", "IN_PROCESS", "WITH_ISSUES", "PENDING_REVIEW",
         "DISAPPROVED", "PREAPPROVED", "PENDING_BILLING_INFO", "ARCHIVED"]  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column of a level: its name, its SQL type, and how it is read from Meta's row."""

    name: str
    kind: str
    read: Callable[[Mapping[str, Any]], Any]


def _text(name: str, most: int = 400) -> Callable[[Mapping[str, Any]], Any]:
    return lambda row: str(row.get(name) or "")[:most]


def _number(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda row: int(row[name]) if row.get(name) not in (None, "", "0") else None


def _time(name: str) -> Callable[[Mapping[str, Any]], Any]:
    def read(row: Mapping[str, Any]) -> datetime | None:
        value = row.get(name)
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S%z") if value else None

    return read


def _cap(name: str) -> Callable[[Mapping[str, Any]], Any]:
    def read(row: Mapping[str, Any]) -> int | None:
        amount = int(row.get(name) or 0)
        return amount if 0 < amount < NO_CAP else None

    return read


def _flag(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda row: None if row.get(name) is None else str(row[name]).lower() in {"true", "1"}


def _texts(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda row: [str(one) for one in row.get(name) or []]


def _json(name: str, empty: Any) -> Callable[[Mapping[str, Any]], Any]:
    return lambda row: row.get(name) or empty


SHARED = (
    Column("meta_id", "text", _text("id")),
    Column("name", "text", _text("name")),
    Column("status", "text", _text("status", 40)),
    Column("effective_status", "text", _text("effective_status", 40)),
    Column("issues", "jsonb", _json("issues_info", [])),
    Column("created_time", "timestamptz", _time("created_time")),
    Column("updated_time", "timestamptz", _time("updated_time")),
)
OWN = {
    Level.CAMPAIGN: (
        Column("objective", "text", _text("objective", 60)),
        Column("buying_type", "text", _text("buying_type", 30)),
        Column("bid_strategy", "text", _text("bid_strategy", 60)),
        Column("special_ad_categories", "text[]", _texts("special_ad_categories")),
        Column("daily_budget", "bigint", _number("daily_budget")),
        Column("lifetime_budget", "bigint", _number("lifetime_budget")),
        Column("start_time", "timestamptz", _time("start_time")),
        Column("stop_time", "timestamptz", _time("stop_time")),
        Column("spend_cap", "bigint", _cap("spend_cap")),
        Column("special_ad_category_country", "text[]", _texts("special_ad_category_country")),
        Column("is_adset_budget_sharing_enabled", "boolean", _flag("is_adset_budget_sharing_enabled")),
    ),
    Level.AD_SET: (
        Column("optimization_goal", "text", _text("optimization_goal", 60)),
        Column("billing_event", "text", _text("billing_event", 40)),
        Column("bid_strategy", "text", _text("bid_strategy", 60)),
        Column("bid_amount", "bigint", _number("bid_amount")),
        Column("daily_budget", "bigint", _number("daily_budget")),
        Column("lifetime_budget", "bigint", _number("lifetime_budget")),
        Column("targeting", "jsonb", _json("targeting", {})),
        Column("start_time", "timestamptz", _time("start_time")),
        Column("end_time", "timestamptz", _time("end_time")),
        Column("bid_constraints", "jsonb", _json("bid_constraints", {})),
        Column("promoted_object", "jsonb", _json("promoted_object", {})),
        Column("destination_type", "text", _text("destination_type", 60)),
        Column("learning", "jsonb", _json("learning_stage_info", {})),
    ),
    Level.AD: (
        Column("creative_id", "text", lambda row: str((row.get("creative") or {}).get("id") or "")),
        Column("review", "jsonb", _json("ad_review_feedback", {})),
    ),
}
# how a row finds its parents: columns of the table, and the join that fills them
PARENTS = {
    Level.CAMPAIGN: ((), ""),
    Level.AD_SET: (
        (("campaign_id", "c.id"),),
        "JOIN campaigns c ON c.account_id = :account AND c.meta_id = i.parent",
    ),
    Level.AD: (
        (("campaign_id", "s.campaign_id"), ("ad_set_id", "s.id")),
        "JOIN ad_sets s ON s.account_id = :account AND s.meta_id = i.parent",
    ),
}
PARENT_FIELD = {Level.CAMPAIGN: "", Level.AD_SET: "campaign_id", Level.AD: "adset_id"}


def keep(
    session: Session,
    account: MetaAccount,
    level: Level,
    rows: Sequence[Mapping[str, Any]],
    *,
    read_at: datetime,
) -> int:
    """Write one page of objects and say how many; `read_at` is when the page was asked for.

    What was written since then, a pause say, is newer and stays. Rows whose parent we do not know wait for
    the next sync.
    """
    if not rows:
        return 0
    own = (*SHARED, *OWN[level])
    names = [column.name for column in own]
    types = ", ".join(f"{column.name} {column.kind}" for column in own)
    session.execute(text("DROP TABLE IF EXISTS incoming_objects"))
    session.execute(
        text(f"CREATE TEMPORARY TABLE incoming_objects (id uuid, parent text, {types}) ON COMMIT DROP")
    )
    driver: Any = session.connection().connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY incoming_objects (id, parent, {', '.join(names)}) FROM STDIN") as copy,
    ):
        for row in rows:
            values = [column.read(row) for column in own]
            wrapped = [
                Jsonb(value) if column.kind == "jsonb" else value
                for column, value in zip(own, values, strict=True)
            ]
            copy.write_row((columns.new_id(), str(row.get(PARENT_FIELD[level]) or ""), *wrapped))
    parents, join = PARENTS[level]
    table = TABLES[level]
    targets = ["id", "user_id", "account_id", "synced_at", *names, *(name for name, _ in parents)]
    sources = [
        "i.id",
        ":user",
        ":account",
        ":now",
        *(f"i.{name}" for name in names),
        *(at for _, at in parents),
    ]
    updated = [name for name in targets if name not in {"id", "user_id", "account_id", "meta_id"}]
    written = session.execute(
        text(
            f"INSERT INTO {table} AS t ({', '.join(targets)}) SELECT {', '.join(sources)}"
            f" FROM (SELECT DISTINCT ON (meta_id) * FROM incoming_objects ORDER BY meta_id) i {join}"
            f" ON CONFLICT (account_id, meta_id) DO UPDATE SET"
            f" {', '.join(f'{name} = excluded.{name}' for name in updated)}, missing_at = NULL"
            f" WHERE t.synced_at <= excluded.synced_at RETURNING 1"
        ),
        {"user": account.user_id, "account": account.id, "now": read_at},
    )
    count = len(written.all())
    metrics.sync_rows.labels(kind=table).inc(count)
    return count


def mark_missing(session: Session, account_id: UUID, level: Level, *, since: datetime) -> int:
    """Objects that the whole listing did not show: deleted at Meta, or no longer visible to the token."""
    gone = session.execute(
        text(
            f"UPDATE {TABLES[level]} SET missing_at = now(), effective_status = 'DELETED'"
            " WHERE account_id = :account AND synced_at < :since AND missing_at IS NULL RETURNING 1"
        ),
        {"account": account_id, "since": since},
    )
    return len(gone.all())
