"""The board as it stands: every card of every account of a person, in one statement over the tables they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from vibekanban.core.errors import NotFound
from vibekanban.domains.board.card import Card
from vibekanban.domains.board.filters import NOBODY, Filters, Sort
from vibekanban.domains.board.models import Stage
from vibekanban.domains.board.sources import SOURCES

SHOWN = 40  # cards of a column at first

REACH = """
reach AS (
    SELECT a.id, a.user_id AS owner_id, a.name, a.currency, a.timezone, a.conversion_event,
        a.today_synced_at AS fresh_at, true AS mine
    FROM meta_accounts a WHERE a.user_id = :me
    UNION ALL
    SELECT a.id, a.user_id, a.name, a.currency, a.timezone, a.conversion_event, a.today_synced_at, false
    FROM account_members m JOIN meta_accounts a ON a.id = m.account_id AND a.user_id = m.user_id
    JOIN users o ON o.id = m.user_id AND o.is_active
    WHERE m.member_id = :me AND a.user_id <> :me
)"""
_CARDS = f"""
WITH {REACH}, cards AS ({" UNION ALL ".join(source.select for source in SOURCES)}
), placed AS (
    SELECT c.*, r.name AS account_name, r.currency, r.timezone, r.conversion_event, r.fresh_at,
        c.owner_id = :me AS mine, coalesce(p.labels, '{{}}') AS labels,
        CASE WHEN p.stage = c.stage THEN p.rank END AS rank,
        CASE WHEN p.snoozed_until > now() THEN p.snoozed_until END AS snoozed_until,
        CASE WHEN d.day IS NULL THEN c.spend_micros ELSE c.spend_micros / x.per_euro END AS worth, -- to sort money by
        s.assignee_id, u.name AS assignee_name
    FROM cards c
    LEFT JOIN reach r ON r.id = c.account_id
    LEFT JOIN board_placements p ON p.user_id = c.owner_id AND p.card_id = c.id
    LEFT JOIN board_assignments s ON s.user_id = c.owner_id AND s.card_id = c.id
    LEFT JOIN users u ON u.id = s.assignee_id
    CROSS JOIN (SELECT max(day) AS day FROM exchange_rates) d
    LEFT JOIN exchange_rates x ON x.currency = r.currency AND x.day = d.day
    WHERE c.owner_id = :me OR c.kind IN ({", ".join(f"'{source.kind}'" for source in SOURCES if source.outward)})
)"""
_COMMENTS = """(
    SELECT count(*) FROM board_comments m
    WHERE m.user_id = f.owner_id AND m.card_id = f.id AND (m.shared OR f.mine)
) AS comments"""
_FREE = "weight DESC, due_on NULLS LAST, worth DESC NULLS LAST, at DESC NULLS LAST, id"
_ORDERS = {
    Sort.MANUAL: f"rank NULLS LAST, {_FREE}",
    Sort.SPEND: f"worth DESC NULLS LAST, {_FREE}",
    Sort.ROAS: f"revenue_micros::numeric / nullif(spend_micros, 0) DESC NULLS LAST, {_FREE}",
    Sort.NAME: "lower(title), id",
    Sort.DUE: f"due_on NULLS LAST, {_FREE}",
    Sort.NEWEST: "at DESC NULLS LAST, id DESC",
}


@dataclass(frozen=True)
class Account:
    """An ad account whose cards are on a board: one's own, or one that is shared."""

    id: UUID
    name: str
    currency: str
    mine: bool


@dataclass(frozen=True)
class Sum:
    """What the cards of a column spent and earned today in one currency, and what they may spend a day."""

    currency: str
    spend_micros: int
    revenue_micros: int
    daily_budget: int


@dataclass(frozen=True)
class Column:
    """`total` counts all of its cards, `cards` are the first of them."""

    stage: Stage
    total: int
    sums: list[Sum]
    cards: list[Card]


def columns(
    session: Session,
    me: UUID,
    filters: Filters | None = None,
    *,
    limit: int = SHOWN,
    within: Sequence[UUID] | None = None,
) -> list[Column]:
    """Every column of the board with its first `limit` cards; NotFound for somebody else's account.

    `within` is for eyes from outside: the campaigns of these accounts and nothing else.
    """
    asked = filters or Filters()
    conditions, values = _conditions(me, asked)
    if within is not None:
        conditions += ["account_id = ANY(CAST(:within AS uuid[]))", "kind = 'campaign'"]
        values["within"] = list(within)
    statement = f"""{_CARDS}, found AS (
    SELECT * FROM placed WHERE {" AND ".join(conditions)}
), page AS (
    SELECT *, row_number() OVER (PARTITION BY stage ORDER BY {_ORDERS[asked.sort]}) AS place,
        count(*) OVER (PARTITION BY stage) AS total
    FROM found
), sums AS (
    SELECT jsonb_agg(to_jsonb(t)) AS sums FROM (
        SELECT stage, currency, sum(spend_micros)::bigint AS spend_micros,
            sum(revenue_micros)::bigint AS revenue_micros, coalesce(sum(daily_budget), 0)::bigint AS daily_budget
        FROM found WHERE spend_micros IS NOT NULL GROUP BY stage, currency
    ) t
)
SELECT f.*, {_COMMENTS}, CASE WHEN row_number() OVER () = 1 THEN (SELECT sums FROM sums) END AS sums
FROM page f WHERE place <= :limit ORDER BY place"""
    if asked.account_id is not None:
        _must_see(session, me, asked.account_id)
    rows = session.execute(text(statement), {**values, "me": me, "limit": limit}).mappings().all()
    sums = next((row["sums"] for row in rows if row["sums"]), [])
    return [
        Column(
            stage,
            next((row["total"] for row in rows if row["stage"] == stage), 0),
            [
                Sum(one["currency"], one["spend_micros"], one["revenue_micros"], one["daily_budget"])
                for one in sorted(sums, key=lambda one: one["currency"])
                if one["stage"] == stage
            ],
            [_card(row) for row in rows if row["stage"] == stage],
        )
        for stage in Stage
    ]


def card(session: Session, me: UUID, card_id: UUID) -> Card:
    """One card of the board, asleep or not; NotFound when it is not on it."""
    statement = f"{_CARDS} SELECT f.*, {_COMMENTS} FROM placed f WHERE f.id = :id"
    row = session.execute(text(statement), {"me": me, "id": card_id}).mappings().first()
    if row is None:
        raise NotFound()
    return _card(row)


def order(session: Session, owner: UUID, stage: Stage) -> list[tuple[UUID, int | None]]:
    """Every card of a column with its rank, as people arranged them."""
    statement = f"""{_CARDS} SELECT id, rank FROM placed WHERE stage = :stage AND owner_id = :me
ORDER BY {_ORDERS[Sort.MANUAL]}"""
    return [
        (row.id, row.rank) for row in session.execute(text(statement), {"me": owner, "stage": stage.value})
    ]


def accounts(session: Session, me: UUID) -> list[Account]:
    """The accounts of one's board, one's own first."""
    statement = f"WITH {REACH} SELECT id, name, currency, mine FROM reach ORDER BY NOT mine, lower(name)"
    return [Account(*row) for row in session.execute(text(statement), {"me": me})]


def labels(session: Session, me: UUID) -> list[str]:
    """The labels in use on one's own board."""
    statement = "SELECT DISTINCT unnest(labels) AS label FROM board_placements WHERE user_id = :me ORDER BY 1"
    return list(session.execute(text(statement), {"me": me}).scalars())


def _conditions(me: UUID, asked: Filters) -> tuple[list[str], dict[str, Any]]:
    conditions = ["snoozed_until IS NOT NULL" if asked.snoozed else "snoozed_until IS NULL"]
    values: dict[str, Any] = {}
    if asked.account_id is not None:
        conditions.append("account_id = :account")
        values["account"] = asked.account_id
    if asked.assignee == NOBODY:
        conditions.append("assignee_id IS NULL")
    elif asked.assignee:
        conditions.append("assignee_id = :assignee")
        values["assignee"] = asked.assignee_id(me)
    if asked.kind:
        conditions.append("kind = :kind")
        values["kind"] = asked.kind
    if asked.label:
        conditions.append(":label = ANY(labels)")
        values["label"] = asked.label
    if asked.q:
        conditions.append(
            "(strpos(lower(title), lower(:q)) > 0 OR strpos(lower(account_name), lower(:q)) > 0)"
        )
        values["q"] = asked.q
    return conditions, values


def _must_see(session: Session, me: UUID, account_id: UUID) -> None:
    found = session.execute(
        text(f"WITH {REACH} SELECT 1 FROM reach WHERE id = :account"), {"me": me, "account": account_id}
    )
    if found.first() is None:
        raise NotFound()


_FIELDS = {field.name for field in fields(Card)}


def _card(row: Any) -> Card:
    values = {name: value for name, value in row.items() if name in _FIELDS}
    return Card(**{**values, "stage": Stage(row["stage"])})
