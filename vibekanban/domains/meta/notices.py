"""What Meta tells us by itself: kept once, then followed by reading again what it is about.

A notice carries no new value, comes in any order and maybe twice, or never: it only makes us look earlier.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlmodel import Session, col, or_, select

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta import oauth
from vibekanban.core import columns, db, events, logging, queue
from vibekanban.core.columns import new_id
from vibekanban.core.errors import AppError, Forbidden, Malformed
from vibekanban.core.queue import Job, Lane
from vibekanban.core.settings import settings
from vibekanban.domains.meta import connections, structure, syncs, troubles
from vibekanban.domains.meta.models import (
    Ad,
    ConnectionStatus,
    Level,
    MetaAccount,
    MetaConnection,
    MetaNotice,
    SyncKind,
)

ROUTE = "/api/webhooks/meta"
STRUCTURE = ("effective_status", "with_issues_ad_objects", "in_process_ad_objects")
FATIGUE, THRESHOLD = "creative_fatigue", "subscriptions"
FIELDS = (*STRUCTURE, FATIGUE, THRESHOLD)
LEVELS = {"CAMPAIGN": Level.CAMPAIGN, "AD_SET": Level.AD_SET, "ADSET": Level.AD_SET, "AD": Level.AD}
MOST = 500  # notices of one call, and of one piece of following them
AT_ONCE = 50  # ids in one question
KEPT = timedelta(days=7)

log = logging.logger(__name__)


def challenged(mode: str, challenge: str, token: str) -> str:
    """The answer by which Meta knows that the address is ours."""
    wanted = oauth.verify_token()
    if mode != "subscribe" or not hmac.compare_digest(token.encode("utf-8", "replace"), wanted.encode()):
        raise Forbidden()
    return challenge


def read(raw: bytes, signature: str) -> dict[str, Any]:
    """What a call says, if Meta signed it."""
    if not oauth.is_signed(raw, signature):
        raise Forbidden()
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Malformed() from error
    return body if isinstance(body, dict) else {}


def keep(session: Session, body: Mapping[str, Any]) -> int:
    """Store what one call tells, each change once, and have it followed; says how many were new."""
    rows = [
        {
            "id": new_id(),
            "digest": hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).digest(),
            "meta_account_id": told[0],
            "field": told[2],
            "value": told[3],
            "received_at": columns.now(),
        }
        for told in _changes(body)[:MOST]
    ]
    if not rows:
        return 0
    statement = insert(MetaNotice).values(rows).on_conflict_do_nothing(index_elements=["digest"])
    new = session.execute(statement.returning(col(MetaNotice.meta_account_id))).scalars().all()
    for meta_account_id in sorted(set(new)):
        order(session, meta_account_id)
    return len(new)


def _changes(body: Mapping[str, Any]) -> list[tuple[str, int, str, dict[str, Any]]]:
    """Account, moment, field and value of each change; what is not as Meta writes it is passed over."""
    entries = body.get("entry") if body.get("object") == "ad_account" else None
    found = []
    for entry in entries if isinstance(entries, list) else ():
        changes = entry.get("changes") if isinstance(entry, dict) else None
        for change in changes if isinstance(changes, list) else ():
            account, at = str(entry.get("id") or "").removeprefix("act_"), entry.get("time")
            if (
                isinstance(change, dict)
                and change.get("field") in FIELDS
                and account.isdecimal()
                and len(account) <= 32
            ):
                value = change.get("value")
                told = value if isinstance(value, dict) else {"value": value}
                found.append((account, at if isinstance(at, int) else 0, str(change["field"]), _sound(told)))
    return found


def _sound(value: Any) -> Any:
    """Without NUL, which JSONB can not hold."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {_sound(name): _sound(one) for name, one in value.items()}
    return [_sound(one) for one in value] if isinstance(value, list) else value


def order(session: Session, meta_account_id: str) -> None:
    queue.enqueue(
        session, Job.FOLLOW_NOTICES, meta_account_id, lane=Lane.ALERT, job_id=f"notices-{meta_account_id}"
    )


def waiting(session: Session) -> list[str]:
    """Accounts with notices that nobody followed yet."""
    query = select(MetaNotice.meta_account_id).where(col(MetaNotice.done_at).is_(None)).distinct()
    return list(session.exec(query))


def follow(meta_account_id: str) -> None:
    """Read again what the notices of an account are about, for each of our users who has it; opens transactions."""
    with db.transaction() as session:
        notices = session.exec(
            select(MetaNotice)
            .where(MetaNotice.meta_account_id == meta_account_id, col(MetaNotice.done_at).is_(None))
            .order_by(col(MetaNotice.id))
            .limit(MOST)
        ).all()
        accounts = session.exec(
            select(MetaAccount)
            .join(MetaConnection, col(MetaConnection.id) == MetaAccount.connection_id)
            .where(
                MetaAccount.meta_account_id == meta_account_id,
                MetaConnection.status == ConnectionStatus.ACTIVE,
            )
        ).all()
    for account in accounts:
        try:
            _follow(account, notices)
        except (meta_errors.MetaError, AppError) as error:
            log.info("notices_not_followed", account=str(account.id), reason=error.code)
    with db.transaction() as session:
        session.execute(
            update(MetaNotice)
            .where(col(MetaNotice.id).in_([notice.id for notice in notices]))
            .values(done_at=columns.now())
        )
        if len(notices) == MOST:
            order(session, meta_account_id)


def _follow(account: MetaAccount, notices: Sequence[MetaNotice]) -> None:
    by_level: dict[Level, set[str]] = defaultdict(set)
    for notice in notices:
        level = LEVELS.get(str(notice.value.get("level", "")).upper())
        if notice.field in STRUCTURE and level is not None and str(notice.value.get("id", "")).isdecimal():
            by_level[level].add(str(notice.value["id"]))
    _read_again(account, by_level)
    at = columns.now()
    with db.transaction() as session:
        for notice in notices:
            if notice.field == FATIGUE:
                _worn(session, account, notice.value)
        if any(notice.field == THRESHOLD for notice in notices):
            syncs.request(session, account.user_id, account.id, SyncKind.TODAY)
        queue.enqueue(
            session,
            Job.JUDGE_ALERTS,
            str(account.id),
            True,
            at.isoformat(),
            lane=Lane.ALERT,
            job_id=f"judge-{account.id}-{at:%H%M%S%f}",
        )
        events.publish(session, account.user_id, events.Topic.CAMPAIGNS, account_id=account.id)


def _read_again(account: MetaAccount, by_level: Mapping[Level, set[str]]) -> None:
    """Parents first, so that a new child finds its parent."""
    for level in (Level.CAMPAIGN, Level.AD_SET, Level.AD):
        ids = sorted(by_level.get(level, ()))
        for start in range(0, len(ids), AT_ONCE):
            read_at = columns.now()
            chosen = [{"field": "id", "operator": "IN", "value": ids[start : start + AT_ONCE]}]
            with connections.opened(account.id, Lane.ALERT) as meta:
                pages = meta.pages(
                    f"act_{account.meta_account_id}/{structure.EDGES[level]}",
                    fields=structure.FIELDS[level],
                    effective_status=structure.ALIVE,
                    filtering=chosen,
                )
                rows = [row for page in pages for row in page]
            with db.transaction() as session:
                structure.keep(session, account, level, rows, read_at=read_at)
    with db.transaction() as session:
        troubles.note(session, account)


def _worn(session: Session, account: MetaAccount, value: Mapping[str, Any]) -> None:
    """Meta names an ad or its creative, and how worn it is: LOW, MEDIUM or HIGH."""
    words = {str(word).upper() for word in value.values()}
    ids = {str(word) for word in value.values() if str(word).isdecimal()}
    if not words & {"LOW", "MEDIUM", "HIGH"} or not ids:
        return
    query = select(Ad.id).where(
        Ad.account_id == account.id, or_(col(Ad.meta_id).in_(ids), col(Ad.creative_id).in_(ids))
    )
    troubles.worn(session, account, list(session.exec(query)), is_worn=bool(words & {"MEDIUM", "HIGH"}))


def forget_old(session: Session) -> None:
    session.execute(delete(MetaNotice).where(col(MetaNotice.done_at) < columns.now() - KEPT))


# -- asking to be told


def subscribe() -> int:
    """Ask Meta to tell us of every account it lets us subscribe; says how many. The poll goes on as it is."""
    try:
        oauth.subscribe(f"{settings().api_origin}{ROUTE}", oauth.verify_token(), FIELDS)
    except meta_errors.MetaError as error:
        log.info("notices_not_offered", reason=error.code)
        return 0
    with db.transaction() as session:
        accounts = session.exec(
            select(MetaAccount.id, MetaAccount.meta_account_id)
            .join(MetaConnection, col(MetaConnection.id) == MetaAccount.connection_id)
            .where(MetaConnection.status == ConnectionStatus.ACTIVE)
            .ext(distinct_on(col(MetaAccount.meta_account_id)))
            .order_by(col(MetaAccount.meta_account_id))
        ).all()
    return sum(_subscribed(account_id, meta_id) for account_id, meta_id in accounts)


def _subscribed(account_id: UUID, meta_id: str) -> bool:
    try:
        with connections.opened(account_id, Lane.TODAY) as meta:
            meta.post(f"act_{meta_id}/subscribed_apps", app_id=settings().meta_app_id)
    except AppError as error:
        log.info("account_not_subscribed", account=str(account_id), reason=error.code)
        return False
    return True
