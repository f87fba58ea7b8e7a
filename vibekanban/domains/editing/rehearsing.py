"""What Meta itself says of planned edits before they are made: asked without writing, some at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlmodel import Session, col, select

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta.gateway import Call
from vibekanban.core import db, logging
from vibekanban.core.errors import AppError
from vibekanban.core.queue import Lane
from vibekanban.domains.editing import edits, pace
from vibekanban.domains.editing.planning import Planned
from vibekanban.domains.editing.trouble import Trouble
from vibekanban.domains.meta import connections
from vibekanban.domains.meta.models import MetaAccount, MetaConnection, Permission

MOST = 50  # rows of a preview that Meta is asked about: each counts like a write; one batch an account

log = logging.logger(__name__)


def rehearsed(plans: Sequence[Planned]) -> list[Planned]:
    """The plans with what Meta would refuse; those it was asked about say so. Opens its own transactions.

    A connection that only reads is known without asking.
    """
    with db.transaction() as session:
        lacking = _lacking(session, {one.account.id for one in plans if one.account})
    found = [_barred(one, lacking) for one in plans]
    waiting: dict[UUID, list[int]] = defaultdict(list)
    for place, one in enumerate(found):
        if one.account is not None and one.thing is not None and one.acts:
            waiting[one.account.id].append(place)
    left = MOST
    for account_id, places in waiting.items():
        asked, left = places[:left], left - len(places[:left])
        for place, one in zip(asked, _asked(account_id, [found[place] for place in asked]), strict=True):
            found[place] = one
    return found


def _asked(account_id: UUID, plans: Sequence[Planned]) -> list[Planned]:
    calls = [
        Call("POST", one.thing.meta_id, {**one.sent, **edits.DRY_RUN})
        for one in plans
        if one.thing is not None
    ]
    if not calls:
        return list(plans)
    try:
        with connections.opened(account_id, Lane.HUMAN) as meta:
            answers = meta.batch(calls)
    except AppError as error:  # the preview goes without; the edit itself will say it row by row
        log.info("bulk.not_rehearsed", account=str(account_id), code=error.code)
        return list(plans)
    return [_answered(one, answer) for one, answer in zip(plans, answers, strict=True)]


def _answered(one: Planned, answer: object) -> Planned:
    if isinstance(answer, meta_errors.Refused):
        return replace(one, asked=True, trouble=Trouble.of(pace.refusal(answer) or answer))
    if isinstance(answer, meta_errors.Missing | meta_errors.NeedsPermission | meta_errors.Blocked):
        return replace(one, asked=True, trouble=Trouble.of(answer))
    return one if isinstance(answer, meta_errors.MetaError) else replace(one, asked=True)


def _lacking(session: Session, account_ids: set[UUID]) -> dict[UUID, list[str]]:
    """The scopes that accounts lack for writing."""
    query = (
        select(MetaAccount.id, MetaConnection)
        .join(MetaConnection, col(MetaAccount.connection_id) == MetaConnection.id)
        .where(col(MetaAccount.id).in_(account_ids))
    )
    every = {
        account_id: connections.missing_scopes(Permission.MANAGE, connection.scopes)
        for account_id, connection in session.exec(query)
    }
    return {account_id: scopes for account_id, scopes in every.items() if scopes}


def _barred(one: Planned, lacking: dict[UUID, list[str]]) -> Planned:
    scopes = lacking.get(one.account.id) if one.account else None
    if not scopes or not one.acts:
        return one
    return replace(one, trouble=Trouble.of(meta_errors.NeedsPermission(scopes=scopes)))
