"""People who asked Meta that we delete their data: deleting it, and telling whoever has the code how far it is."""

from __future__ import annotations

import secrets
from uuid import UUID

from sqlalchemy import any_, case, func, literal, update
from sqlmodel import Session, col, select

from vibekanban.core import columns, events, queue
from vibekanban.core.queue import Job, Lane
from vibekanban.core.settings import settings
from vibekanban.domains.meta import leaving
from vibekanban.domains.meta.models import MetaAccount, MetaConnection, MetaDeletion
from vibekanban.domains.notifications import channels

ROUTE = "/data-deletion"


def erase(session: Session, signed_request: str) -> MetaDeletion:
    """Delete the person's connections, accounts and structure here and now; jobs delete the numbers.

    What is kept says nothing about anybody: a code, two moments, and our own ids of accounts until their
    numbers are gone.
    """
    meta_user_id = leaving.person(signed_request)
    rows = session.exec(select(MetaConnection).where(MetaConnection.meta_user_id == meta_user_id)).all()
    accounts = session.exec(
        select(MetaAccount.id).where(col(MetaAccount.connection_id).in_([row.id for row in rows]))
    ).all()
    for row in rows:
        channels.forget(session, row.user_id, about=f"connection:{row.id}:")
        events.publish(session, row.user_id, events.Topic.CONNECTIONS)
        session.delete(row)
    deletion = MetaDeletion(
        code=secrets.token_urlsafe(12),
        remaining=[str(account_id) for account_id in accounts],
        finished_at=None if accounts else columns.now(),
    )
    session.add(deletion)
    session.flush()
    _order(session, deletion)
    return deletion


def address(deletion: MetaDeletion) -> str:
    """Where the person reads how far it is."""
    return f"{settings().origin}{ROUTE}?code={deletion.code}"


def deletion(session: Session, code: str) -> MetaDeletion | None:
    """The deletion a code stands for."""
    return session.exec(select(MetaDeletion).where(MetaDeletion.code == code)).first() if code else None


def forgotten(session: Session, account_id: UUID) -> None:
    """The numbers of an account are gone: a deletion that waited for no other is finished."""
    gone = str(account_id)
    left = func.array_remove(col(MetaDeletion.remaining), gone)
    session.execute(
        update(MetaDeletion)
        .where(literal(gone) == any_(col(MetaDeletion.remaining)))
        .values(
            remaining=left,
            finished_at=case((func.cardinality(left) == 0, columns.now()), else_=None),
        )
    )


def order_unfinished(session: Session) -> None:
    """Have numbers deleted whose job was lost."""
    for row in session.exec(select(MetaDeletion).where(col(MetaDeletion.finished_at).is_(None))):
        _order(session, row)


def _order(session: Session, row: MetaDeletion) -> None:
    for account_id in row.remaining:
        queue.enqueue(
            session, Job.FORGET_METRICS, account_id, lane=Lane.HISTORY, job_id=f"forget-{account_id}"
        )
