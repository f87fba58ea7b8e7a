"""What other people changed: entries of an account's own log at Meta, written into ours, our own writes left out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select, update

from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import columns, db, events
from vibekanban.domains.meta import changes, money, objects
from vibekanban.domains.meta.models import ActorKind, Change, ChangeOutcome, Level, MetaAccount
from vibekanban.domains.meta.objects import Thing

FIELDS = "event_type,event_time,object_id,object_name,object_type,actor_id,actor_name,extra_data"
FIRST = timedelta(days=28)  # how far the first look goes back
AGAIN = timedelta(hours=1)  # Meta's log arrives late; what is read twice is kept once
PATIENCE = timedelta(hours=26)  # for an object we do not know yet: a listing of all comes daily
OURS = timedelta(minutes=5)  # between our write and Meta's entry of it
LEVELS = {"CAMPAIGN": Level.CAMPAIGN, "AD_SET": Level.AD_SET, "AD": Level.AD}
STATUSES = {"active": "ACTIVE", "inactive": "PAUSED", "paused": "PAUSED", "archived": "ARCHIVED",
            "deleted": "DELETED"}  # fmt: skip
ACTIONS = {"PAUSED": "pause", "ACTIVE": "resume", "ARCHIVED": "archive", "DELETED": "delete"}
# Meta's kinds of changes by our names of the fields; money is in minor units there
NAMES = {
    "run_status": "status",
    "friendly_name": "name",
    "name": "name",
    "bid_info": "bidAmount",
    "bidding": "bidStrategy",
    "optimization_goal": "optimizationGoal",
    "spend_limit": "spendCap",
}
BUDGETS = frozenset({"dailyBudget", "lifetimeBudget"})
MONEY = frozenset({*BUDGETS, "bidAmount", "spendCap"})
VALUES = frozenset({*MONEY, "status", "name", "bidStrategy", "optimizationGoal"})


@dataclass(frozen=True)
class Entry:
    """One entry of Meta's log, in our words."""

    key: str
    at: datetime
    level: Level
    meta_id: str
    name: str
    who: str
    action: str
    field: str
    before: Any
    after: Any


def read(meta: Gateway, account: MetaAccount) -> int:
    """Read what is new and say how many changes of others it was; opens its own transactions."""
    until = columns.now()
    since = (account.activities_read_until or until - FIRST) - AGAIN
    rows = [
        row
        for page in meta.pages(
            f"act_{account.meta_account_id}/activities",
            limit=500,
            fields=FIELDS,
            since=int(since.timestamp()),
        )
        for row in page
    ]
    entries = [one for row in rows if (one := entry(row, account.currency)) is not None]
    with db.transaction() as session:
        kept, waiting = keep(session, account, entries)
        session.execute(
            update(MetaAccount)
            .where(col(MetaAccount.id) == account.id)
            .values(activities_read_until=min([until, *waiting]))
        )
        if kept:
            events.publish(session, account.user_id, events.Topic.CAMPAIGNS, account_id=account.id)
    return kept


def entry(row: Mapping[str, Any], currency: str) -> Entry | None:
    """None for what is about no campaign, ad set or ad."""
    level = LEVELS.get(str(row.get("object_type") or ""))
    if level is None or not row.get("object_id"):
        return None
    kind, extra = str(row.get("event_type") or ""), _extra(row.get("extra_data"))
    made = kind.startswith("create_")
    field = "name" if made else _field(str(extra.get("type") or kind), extra)
    before = None if made else _value(field, extra.get("old_value"), currency)
    after = _value(field, extra.get("new_value"), currency)
    action = "create" if made else ACTIONS.get(str(after), "edit") if field == "status" else "edit"
    told = "|".join(str(row.get(name) or "") for name in FIELDS.split(","))
    return Entry(
        key=hashlib.sha256(told.encode()).hexdigest(),
        at=datetime.strptime(str(row["event_time"]), "%Y-%m-%dT%H:%M:%S%z"),
        level=level,
        meta_id=str(row["object_id"]),
        name=str(row.get("object_name") or "")[:400],
        who=str(row.get("actor_name") or "")[:200],
        action=action,
        field=field,
        before=before,
        after=after,
    )


def _extra(written: Any) -> Mapping[str, Any]:
    try:
        found = json.loads(written) if isinstance(written, str) else written
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}


def _field(kind: str, extra: Mapping[str, Any]) -> str:
    if kind == "budget" or kind.endswith("_budget"):
        lifetime = "lifetime" in f"{extra.get('additional_value') or ''} {extra.get('field') or ''} {kind}"
        return "lifetimeBudget" if lifetime else "dailyBudget"
    return NAMES.get(kind, kind)


def _value(field: str, told: Any, currency: str) -> Any:
    """As our log writes it; None where Meta words it so that it can not be set again."""
    if field not in VALUES or told in (None, ""):
        return None
    if field == "status":
        return STATUSES.get(str(told).lower(), str(told).upper())
    if field in MONEY:
        text = str(told).partition(".")[0]
        return money.text(money.budget(int(text), currency), currency) if text.isdigit() else None
    return str(told)


def keep(session: Session, account: MetaAccount, entries: Iterable[Entry]) -> tuple[int, list[datetime]]:
    """Write what is new; how many that was, and the times of entries whose object we do not know yet."""
    entries = list(entries)
    known = _known(session, account, entries)
    ours = _ours(session, account, entries)
    kept, waiting = 0, []
    for one in entries:
        thing = known.get((one.level, one.meta_id))
        if thing is None:
            if one.at > columns.now() - PATIENCE:
                waiting.append(one.at)
        elif not any(_same(change, thing, one) for change in ours):
            kept += _write(session, account, thing, one)
    return kept, waiting


def _known(session: Session, account: MetaAccount, entries: list[Entry]) -> dict[tuple[Level, str], Thing]:
    found: dict[tuple[Level, str], Thing] = {}
    for level, table in objects.TABLES.items():
        ids = {one.meta_id for one in entries if one.level is level}
        query = select(table).where(table.account_id == account.id, col(table.meta_id).in_(ids))
        found |= {(level, thing.meta_id): thing for thing in session.exec(query)}
    return found


def _ours(session: Session, account: MetaAccount, entries: list[Entry]) -> list[Change]:
    if not entries:
        return []
    query = select(Change).where(
        Change.account_id == account.id,
        Change.actor_kind != ActorKind.OUTSIDE,
        Change.created_at > min(one.at for one in entries) - OURS,
    )
    return list(session.exec(query))


def _same(change: Change, thing: Thing, one: Entry) -> bool:
    """Whether Meta's entry tells of a write of ours; what we made or copied names no fields there."""
    ended = change.settled_at or columns.now()
    within = change.action == changes.BUDGET_MODE and change.object_id == getattr(thing, "campaign_id", None)
    if not (change.object_id == thing.id or within) or not change.created_at - OURS <= one.at <= ended + OURS:
        return False
    if one.action == "create":
        return change.action in {"create", "copy"}
    if change.action == changes.BUDGET_MODE:  # one call, which Meta's log tells field by field
        return one.field in {*BUDGETS, "bidStrategy"} or one.field not in VALUES
    if one.field not in VALUES:
        return change.action == "edit"
    return one.field in change.after and change.after[one.field] == one.after


def _write(session: Session, account: MetaAccount, thing: Thing, one: Entry) -> int:
    """An id of the moment it happened, so that the log stays in the order of what happened."""
    written = session.execute(
        insert(Change)
        .values(
            id=columns.id_at(one.at),
            user_id=account.user_id,
            account_id=account.id,
            level=one.level,
            object_id=thing.id,
            object_name=thing.name or one.name,
            action=one.action,
            actor_kind=ActorKind.OUTSIDE,
            actor_name=one.who,
            before={one.field: one.before} if one.before is not None else {},
            after={one.field: one.after},
            outcome=ChangeOutcome.APPLIED,
            outside_key=one.key,
            created_at=one.at,
            settled_at=one.at,
        )
        .on_conflict_do_nothing(
            index_elements=["account_id", "outside_key"], index_where=col(Change.outside_key).is_not(None)
        )
        .returning(col(Change.id))
    )
    return int(written.first() is not None)
