"""The benchmark's data set, written by COPY: people with accounts and tokens, campaigns with their days."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import orjson
from psycopg.types.json import Jsonb
from sqlmodel import Session, SQLModel

from vibekanban.core import columns, db, security
from vibekanban.core.columns import new_id
from vibekanban.domains.access.models import McpToken, Scope
from vibekanban.domains.accounts.models import SessionKind, User, UserSession
from vibekanban.domains.meta import connections, ingest
from vibekanban.domains.meta.insights import Fact
from vibekanban.domains.meta.models import (
    Campaign,
    ConnectionMode,
    Level,
    MetaAccount,
    MetaConnection,
    Permission,
)

PEOPLE = 10_000
DAYS = 90
LARGE, SMALL = (5, 200), (100, 10)  # accounts and the campaigns of each: 2,000 campaigns together


def seed(tokens: Path) -> None:
    """Fill an empty database, and write one JSON line a person: tokens, account, campaigns."""
    people = [_person(number) for number in range(PEOPLE)]
    with db.transaction() as session:
        for kind in (User, UserSession, MetaConnection, MetaAccount, McpToken, Campaign):
            copied(session, [row for rows, _line in people for row in rows if type(row) is kind])
    today = columns.now().date()
    for rows, _line in people[: LARGE[0] + SMALL[0]]:
        account = next(row for row in rows if isinstance(row, MetaAccount))
        ids = [row.meta_id for row in rows if isinstance(row, Campaign)]
        with db.metrics_transaction() as session:
            spool = ingest.Spool(facts(ids, today, DAYS))
            ingest.ingest(
                session,
                account.id,
                Level.CAMPAIGN,
                spool,
                since=today - timedelta(days=DAYS - 1),
                until=today,
            )
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    tokens.write_bytes(b"\n".join(orjson.dumps(line) for _rows, line in people))


def facts(object_ids: Sequence[str], until: date, days: int, *, more: int = 0) -> Iterator[Fact]:
    """Made-up days; `more` clicks make every row a changed one."""
    for place, object_id in enumerate(object_ids):
        for ago in range(days):
            base = (place * 7919 + ago * 104729) % 9000
            clicks, bought = base // 40 + more, base % 5
            yield Fact(
                object_id=object_id,
                day=until - timedelta(days=ago),
                breakdown_value="",
                attribution="7d_click_1d_view",
                impressions=1000 + base,
                clicks=clicks,
                link_clicks=clicks * 3 // 4,
                spend_micros=(1000 + base) * 9_870,
                conversions_micros=bought * 1_000_000,
                revenue_micros=bought * 24_950_000,
                actions=f'{{"omni_purchase":"{bought}","lead":"5"}}',
                action_values=f'{{"omni_purchase":"{bought * 24.95:.2f}"}}',
                conversion_event="omni_purchase",
            )


def _person(number: int) -> tuple[list[SQLModel], dict[str, Any]]:
    user = User(
        id=new_id(), email=f"bench{number}@example.com", name=f"Persona {number}", password_hash="-", is_verified=True
    )  # fmt: skip
    jwt, session = _session(user)
    connection_id = new_id()
    connection = MetaConnection(
        id=connection_id,
        user_id=user.id,
        mode=ConnectionMode.SYSTEM_USER,
        permission=Permission.MANAGE,
        meta_user_id=str(4_900_000_000_000_000 + number),
        scopes=["ads_read", "ads_management"],
        sealed_token=connections.sealed(connection_id, f"EAA{secrets.token_urlsafe(24)}"),
    )
    account = MetaAccount(
        id=new_id(),
        user_id=user.id,
        connection_id=connection_id,
        meta_account_id=str(790_000_000_000 + number),
        name=f"Cuenta {number}",
        currency="EUR",
        timezone="Europe/Madrid",
    )
    secret, hashed = security.new_token("vkm")
    token = McpToken(
        id=new_id(),
        user_id=user.id,
        name="n8n",
        token_hash=hashed,
        hint=secret[:12],
        account_ids=[account.id],
        scopes=[Scope.READ.value],
    )
    many = LARGE[1] if number < LARGE[0] else SMALL[1] if number < LARGE[0] + SMALL[0] else 0
    campaigns = [_campaign(account, number * 1000 + place) for place in range(many)]
    line = {
        "jwt": jwt,
        "mcpToken": secret,
        "accountId": account.id,
        "campaignIds": [campaign.id for campaign in campaigns],
    }
    return [user, session, connection, account, token, *campaigns], line


def _session(user: User) -> tuple[str, UserSession]:
    session_id = new_id()
    jwt, expires_at = security.sign(session_id, user.id)
    return jwt, UserSession(id=session_id, user_id=user.id, kind=SessionKind.API, expires_at=expires_at)


def _campaign(account: MetaAccount, number: int) -> Campaign:
    return Campaign(
        id=new_id(),
        user_id=account.user_id,
        account_id=account.id,
        meta_id=str(129_000_000_000_000_000 + number),
        name=f"Campaña {number}",
        status="ACTIVE",
        effective_status="ACTIVE",
        objective="OUTCOME_SALES",
        daily_budget=5000,
        today=columns.now().date(),
        today_spend_micros=12_340_000,
        today_impressions=4321,
        today_clicks=98,
    )


def copied(session: Session, rows: Sequence[SQLModel]) -> None:
    """Write rows of one table at once."""
    table = type(rows[0]).__table__  # pyright: ignore[reportAttributeAccessIssue]
    names = [column.name for column in table.columns]
    documents = {column.name for column in table.columns if "JSON" in str(column.type)}
    driver: Any = session.connection().connection.driver_connection
    quoted = ", ".join(f'"{name}"' for name in names)
    statement = f"COPY {table.name} ({quoted}) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([_value(getattr(row, name), name in documents) for name in names])


def _value(value: Any, document: bool) -> Any:
    if document:
        return Jsonb(value)
    return value.value if isinstance(value, Enum) else value
