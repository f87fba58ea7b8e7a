"""A write asked for twice under one key: the first answer is kept for a day and given again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import orjson
from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from vibekanban.core import vault
from vibekanban.core.columns import new_id, now
from vibekanban.domains.accounts.errors import IdempotencyReused, IdempotencyRunning
from vibekanban.domains.accounts.models import IdempotencyKey

KEPT = timedelta(hours=24)
STUCK = timedelta(minutes=10)  # longer than any request lives: its process died half-way


@dataclass(frozen=True)
class Answer:
    """What the first request was answered."""

    status: int
    headers: dict[str, str]
    body: str


def begin(session: Session, user_id: UUID, key: str, target: str, request_hash: bytes) -> Answer | None:
    """Claim a key: None when this request is the first, else what the first was answered.

    Raises IdempotencyRunning while the first still runs, IdempotencyReused when it asked for something else.
    """
    moment = now()
    session.execute(
        delete(IdempotencyKey).where(
            col(IdempotencyKey.user_id) == user_id,
            col(IdempotencyKey.key) == key,
            (col(IdempotencyKey.created_at) < moment - KEPT)
            | (col(IdempotencyKey.status).is_(None) & (col(IdempotencyKey.created_at) < moment - STUCK)),
        )
    )
    claimed = session.execute(
        insert(IdempotencyKey)
        .values(
            id=new_id(),
            user_id=user_id,
            key=key,
            target=target[:300],
            request_hash=request_hash,
            sealed_answer="",
            created_at=moment,
        )
        .on_conflict_do_nothing(index_elements=["user_id", "key"])
        .returning(col(IdempotencyKey.id))
    ).first()
    if claimed is not None:
        return None
    first = session.exec(
        select(IdempotencyKey).where(IdempotencyKey.user_id == user_id, IdempotencyKey.key == key)
    ).one_or_none()
    if first is not None and (first.request_hash != request_hash or first.target != target[:300]):
        raise IdempotencyReused({"Idempotency-Key": "errors.idempotency_reused"})
    if first is None or first.status is None:
        raise IdempotencyRunning()
    plain = orjson.loads(vault.decrypt(first.sealed_answer, context=_context(user_id, key)))
    return Answer(first.status, plain["headers"], plain["body"])


def finish(session: Session, user_id: UUID, key: str, answer: Answer) -> None:
    """Keep the first answer."""
    plain = orjson.dumps({"headers": answer.headers, "body": answer.body}).decode()
    session.execute(
        update(IdempotencyKey)
        .where(col(IdempotencyKey.user_id) == user_id, col(IdempotencyKey.key) == key)
        .values(status=answer.status, sealed_answer=vault.encrypt(plain, context=_context(user_id, key)))
    )


def release(session: Session, user_id: UUID, key: str) -> None:
    """Nothing was done: the key may be used again."""
    session.execute(
        delete(IdempotencyKey).where(
            col(IdempotencyKey.user_id) == user_id,
            col(IdempotencyKey.key) == key,
            col(IdempotencyKey.status).is_(None),
        )
    )


def forget_old(session: Session) -> int:
    """Delete answers older than a day; says how many."""
    gone = session.execute(
        delete(IdempotencyKey)
        .where(col(IdempotencyKey.created_at) < now() - KEPT)
        .returning(col(IdempotencyKey.id))
    ).all()
    return len(gone)


def _context(user_id: UUID, key: str) -> str:
    return f"idempotency:{user_id}:{key}"
