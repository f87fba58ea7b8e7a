"""The audit of hot reads, the twin of `audit.append`: entries gather and are written together, off the call's path."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
import psycopg
import redis.exceptions

from vibekanban.core import events
from vibekanban.core.columns import new_id, now
from vibekanban.core.gathering import Gathered
from vibekanban.core.logging import logger
from vibekanban.core.pools import POOLS, fetched
from vibekanban.domains.access import audit
from vibekanban.domains.access.hot import Caller
from vibekanban.domains.access.models import Outcome

PAUSES = (0.1, 1.0, 5.0)  # seconds before each further try to write

# whose owner is gone has no audit any more; a try that was committed but not answered is not written twice
_WRITE = """
INSERT INTO audit_entries (id, user_id, token_id, token_name, door, tool, arguments, outcome, error_code, account_id,
    object_id, run, duration_ms, created_at)
SELECT e.id, u.id, t.id, e.token_name, e.door, e.tool, e.arguments, e.outcome, e.error_code, e.account_id,
    e.object_id, e.run, e.duration_ms, e.created_at
FROM json_to_recordset(%(entries)s::json) AS e (id uuid, user_id uuid, token_id uuid, token_name text, door text, tool text,
    arguments jsonb, outcome text, error_code text, account_id uuid, object_id text, run text,
    duration_ms int, created_at timestamptz)
JOIN users u ON u.id = e.user_id LEFT JOIN mcp_tokens t ON t.id = e.token_id
ON CONFLICT (id) DO NOTHING RETURNING id
"""

log = logger(__name__)
Entry = dict[str, Any]


def note(
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
) -> None:
    """Write one read down within moments, without its secrets, and show it on the owner's open pages."""
    _ENTRIES.ask(
        {
            "id": new_id(),
            "user_id": caller.user_id,
            "token_id": caller.token_id,
            "token_name": caller.name,
            "door": door,
            "tool": tool,
            "arguments": audit.redacted(arguments),
            "outcome": outcome.value,
            "error_code": error_code,
            "account_id": account_id,
            "object_id": object_id,
            "run": caller.run,
            "duration_ms": duration_ms,
            "created_at": now(),
        }
    )


async def written() -> None:
    """Until every noted read is in the database; to be awaited before the pools close."""
    await _ENTRIES.finished()


async def _write(entries: Sequence[Entry]) -> Sequence[None]:
    for pause in (*PAUSES, None):
        try:
            await _insert(entries)
            break
        except psycopg.Error as error:
            if pause is None:
                log.exception("audit.lost", entries=len(entries))
                return [None] * len(entries)
            # also a token that was deleted between the statement's look and its write: the next look sees it
            log.warning("audit.delayed", reason=type(error).__name__, entries=len(entries), pause=pause)
            await asyncio.sleep(pause)
    try:
        await _tell(entries)
    except redis.exceptions.RedisError as error:  # the entry is kept all the same
        log.warning("audit.untold", reason=type(error).__name__)
    return [None] * len(entries)


async def _insert(entries: Sequence[Entry]) -> None:
    await fetched(POOLS.main, _WRITE, {"entries": orjson.dumps(entries).decode()})


async def _tell(entries: Sequence[Entry]) -> None:
    """The open pages of those who have one; for the others nothing is even put together."""
    there = await events.listening({entry["user_id"] for entry in entries})
    if not there:
        return
    await events.tell(
        events.message(
            entry["user_id"],
            events.Topic.AUDIT,
            account_id=entry["account_id"],
            at=entry["created_at"],
            id=str(entry["id"]),
            tokenId=str(entry["token_id"]),
            tool=entry["tool"],
            outcome=entry["outcome"],
        )
        for entry in entries
        if entry["user_id"] in there
    )


_ENTRIES = Gathered(_write, most=1000, linger=0.05)
