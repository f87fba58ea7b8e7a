"""The audit of calls made with tokens: append, query, export."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete
from sqlmodel import Session, col, select

from vibekanban.core import columns, events
from vibekanban.core.logging import scrub
from vibekanban.core.settings import settings
from vibekanban.domains.access.hot import Caller
from vibekanban.domains.access.models import AuditEntry, Outcome

LONGEST_TEXT = 300
LARGEST = 8000  # bytes of one call's arguments
DEEPEST = 5
SHORT = 64  # characters
BATCH = 5000  # calls that are forgotten in one transaction
SECRET_NAMES = ("token", "secret", "password", "authorization", "api_key", "apikey", "cookie")


def append(
    session: Session,
    caller: Caller,
    *,
    door: str,
    tool: str,
    arguments: dict[str, Any],
    outcome: Outcome,
    duration_ms: int,
    error_code: str | None = None,
    account_id: UUID | None = None,
    object_id: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write one call down, without its secrets, and show it on the owner's open pages.

    `audit_reads.note` is its twin for hot reads.
    """
    entry = AuditEntry(
        user_id=caller.user_id,
        token_id=caller.token_id,
        token_name=caller.name,
        door=door,
        tool=text(tool)[:80],
        arguments=redacted(arguments),
        outcome=outcome,
        error_code=error_code,
        account_id=account_id,
        object_id=object_id,
        run=caller.run,
        duration_ms=duration_ms,
        before=before,
        after=after,
    )
    session.add(entry)
    session.flush()
    events.publish(
        session,
        caller.user_id,
        events.Topic.AUDIT,
        account_id=account_id,
        id=str(entry.id),
        tokenId=str(caller.token_id),
        tool=entry.tool,
        outcome=outcome.value,
    )
    return entry


@dataclass(frozen=True)
class Chosen:
    """Which calls are looked at; `since` is the first moment that counts, `until` the first that does not."""

    token_id: UUID | None = None
    tool: str = ""
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERY = Chosen()


def entries(
    session: Session,
    user_id: UUID,
    chosen: Chosen = EVERY,
    *,
    before: UUID | None = None,
    limit: int = 25,
) -> list[AuditEntry]:
    """Calls of the user's tokens, newest first, continuing before an entry."""
    query = select(AuditEntry).where(AuditEntry.user_id == user_id)
    if chosen.token_id is not None:
        query = query.where(AuditEntry.token_id == chosen.token_id)
    if tool := chosen.tool.replace("\x00", "").strip():
        query = query.where(AuditEntry.tool == tool)
    if chosen.outcome is not None:
        query = query.where(AuditEntry.outcome == chosen.outcome)
    if chosen.since is not None:
        query = query.where(AuditEntry.created_at >= chosen.since)
    if chosen.until is not None:
        query = query.where(AuditEntry.created_at < chosen.until)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return list(session.exec(query.order_by(col(AuditEntry.id).desc()).limit(limit)))


HEADER = (
    "createdAt", "tokenId", "tokenName", "door", "tool", "arguments", "outcome", "errorCode",
    "accountId", "objectId", "durationMs", "before", "after",
)  # fmt: skip


def lines(session: Session, user_id: UUID, chosen: Chosen = EVERY) -> Iterator[tuple[Any, ...]]:
    """Every chosen call as values under HEADER, newest first, read page by page so that memory stays flat."""
    before = None
    while page := entries(session, user_id, chosen, before=before, limit=500):
        for entry in page:
            yield (
                _stamp(entry.created_at),
                entry.token_id,
                entry.token_name,
                entry.door,
                entry.tool,
                _json(entry.arguments),
                entry.outcome.value,
                entry.error_code,
                entry.account_id,
                entry.object_id,
                entry.duration_ms,
                _json(entry.before),
                _json(entry.after),
            )
        before = page[-1].id
        session.expunge_all()


def forget_old(session: Session, *, limit: int = BATCH) -> int:
    """Delete calls that are older than they are kept, at most so many at once; says how many went."""
    days = settings().audit_retention_days
    if not days:
        return 0
    # ids begin with their moment: the oldest are found without looking at the others
    over = select(AuditEntry.id).where(AuditEntry.created_at < columns.now() - timedelta(days=days))
    gone = session.execute(
        delete(AuditEntry)
        .where(col(AuditEntry.id).in_(over.order_by(col(AuditEntry.id)).limit(limit)))
        .returning(col(AuditEntry.id))
    ).all()
    return len(gone)


def redacted(arguments: dict[str, Any]) -> dict[str, Any]:
    """What may be kept of a call's arguments: no secrets, nothing the database refuses, nothing huge."""
    kept = {text(name): _kept(name, value, 1) for name, value in list(arguments.items())[:50]}
    return kept if len(orjson.dumps(kept)) <= LARGEST else {"omitted": "too large"}


def _kept(name: str, value: Any, depth: int) -> Any:
    if (_short_secret if len(name) <= SHORT else _is_secret)(name):
        return "***"
    if isinstance(value, str):
        return text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else "a huge number"
    if isinstance(value, float):
        return value if math.isfinite(value) else "not a number"
    if depth >= DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {text(str(key)): _kept(str(key), item, depth + 1) for key, item in list(value.items())[:50]}
    if isinstance(value, list):
        return [_kept("", item, depth + 1) for item in value[:100]]
    return "…"


def _is_secret(name: str) -> bool:
    return any(secret in name.lower() for secret in SECRET_NAMES)


def text(value: str) -> str:
    """Without NUL and lone surrogates, which neither JSONB nor UTF-8 can hold; scrubbed and cut."""
    return _short(value) if len(value) <= SHORT else _sound(value)


def _sound(value: str) -> str:
    sound = value[: LONGEST_TEXT * 4].replace("\x00", "").encode("utf-8", "replace").decode()
    return scrub(sound)[:LONGEST_TEXT]


# programs repeat themselves: names of arguments, ids
_short = lru_cache(maxsize=5000)(_sound)
_short_secret = lru_cache(maxsize=1000)(_is_secret)


def _stamp(value: datetime) -> str:
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(value: dict[str, Any] | None) -> str:
    return orjson.dumps(value).decode() if value is not None else ""
