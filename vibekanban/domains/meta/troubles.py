"""Objects in trouble at Meta, since when and until when: rejected, with issues, waiting for billing data, worn out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import columns, db
from vibekanban.domains.meta import structure
from vibekanban.domains.meta.models import Ad, Level, MetaAccount, ObjectTrouble

STATUSES = ("DISAPPROVED", "WITH_ISSUES", "PENDING_BILLING_INFO")
WORN = "CREATIVE_FATIGUE"  # Meta says so once and tells no end: it counts for a week
AT_ONCE = 50  # ids in one question

_NOW = " UNION ALL ".join(
    f"SELECT '{level}' AS level, o.id, {campaign} AS campaign_id, {ad_set} AS ad_set_id, o.effective_status AS status"
    f" FROM {table} o WHERE o.account_id = :account AND o.missing_at IS NULL AND o.effective_status = ANY(:statuses)"
    for level, table, campaign, ad_set in (
        ("campaign", "campaigns", "o.id", "NULL::uuid"),
        ("adset", "ad_sets", "o.campaign_id", "o.id"),
        ("ad", "ads", "o.campaign_id", "o.ad_set_id"),
    )
)
_NOTE = f"""
WITH now AS MATERIALIZED ({_NOW}), over AS (
    UPDATE object_troubles t SET until = :at
    WHERE t.account_id = :account AND t.until IS NULL AND t.status = ANY(:statuses)
        AND NOT EXISTS (SELECT FROM now n WHERE n.id = t.object_id AND n.status = t.status)
)
INSERT INTO object_troubles (id, user_id, account_id, level, object_id, campaign_id, ad_set_id, status, since)
SELECT gen_random_uuid(), :user, :account, n.level, n.id, n.campaign_id, n.ad_set_id, n.status, :at
FROM now n WHERE NOT EXISTS (
    SELECT FROM object_troubles t WHERE t.object_id = n.id AND t.status = n.status AND t.until IS NULL
)
ON CONFLICT DO NOTHING
"""


def note(session: Session, account: MetaAccount, at: datetime | None = None) -> None:
    """Write down what began and what is over, by what the rows of the structure say now."""
    session.execute(
        text(_NOTE),
        {
            "account": account.id,
            "user": account.user_id,
            "statuses": list(STATUSES),
            "at": at or columns.now(),
        },
    )


def worn(session: Session, account: MetaAccount, ad_ids: list[UUID], *, is_worn: bool) -> None:
    """Meta's word about ads whose creative people have seen too often, or no longer have."""
    session.execute(
        text(
            "UPDATE object_troubles SET until = :at WHERE object_id = ANY(:ads) AND status = :status AND until IS NULL"
        ),
        {"at": columns.now(), "ads": ad_ids, "status": WORN},
    )
    if is_worn:
        session.add_all(
            ObjectTrouble(
                user_id=ad.user_id,
                account_id=account.id,
                level=Level.AD.value,
                object_id=ad.id,
                campaign_id=ad.campaign_id,
                ad_set_id=ad.ad_set_id,
                status=WORN,
            )
            for ad in session.exec(select(Ad).where(Ad.account_id == account.id, col(Ad.id).in_(ad_ids)))
        )


def look(meta: Gateway, account: MetaAccount) -> None:
    """Read the ads in trouble, and those that were and are no longer listed so; opens its own transactions."""
    with db.transaction() as session:
        known = set(
            session.exec(
                select(Ad.meta_id).where(Ad.account_id == account.id, col(Ad.effective_status).in_(STATUSES))
            )
        )
    edge, fields = f"act_{account.meta_account_id}/ads", structure.FIELDS[Level.AD]
    read_at = columns.now()
    rows = [row for page in meta.pages(edge, fields=fields, effective_status=list(STATUSES)) for row in page]
    others = sorted(known - {str(row["id"]) for row in rows})
    for start in range(0, len(others), AT_ONCE):
        chosen = [{"field": "id", "operator": "IN", "value": others[start : start + AT_ONCE]}]
        pages = meta.pages(edge, fields=fields, effective_status=structure.ALIVE, filtering=chosen)
        rows += [row for page in pages for row in page]
    with db.transaction() as session:
        structure.keep(session, account, Level.AD, rows, read_at=read_at)
        note(session, account)
