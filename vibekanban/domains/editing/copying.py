"""Copies of campaigns, ad sets and ads, alone or with all that is in them; large ones Meta makes later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta.gateway import Call, Gateway
from vibekanban.core import columns, db
from vibekanban.core.errors import AppError, Invalid, NotFound
from vibekanban.core.queue import Lane
from vibekanban.domains.editing import creating, edits, fields, watching
from vibekanban.domains.editing.errors import NotEditable, ParentGone, StillCopying, Unconfirmed
from vibekanban.domains.meta import changes, connections, money, objects, structure
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import Ad, AdSet, Campaign, Change, ChangeOutcome, Level, MetaAccount
from vibekanban.domains.meta.objects import Thing

STATUSES = ("PAUSED", "ACTIVE", "INHERITED_FROM_SOURCE")
AT_ONCE = 50  # objects; more are copied in an asynchronous batch
SKEW = timedelta(minutes=2)  # between Meta's clock and ours
BELOW: Mapping[Level, tuple[Level, ...]] = {
    Level.CAMPAIGN: (Level.AD_SET, Level.AD),
    Level.AD_SET: (Level.AD,),
    Level.AD: (),
}


@dataclass(frozen=True)
class CopyOrder:
    """What to copy: `deep` takes what is in it along, `into` is another campaign or ad set than its own.

    The new name is the old one between `prefix` and `suffix`; `status` is one of STATUSES.
    """

    level: Level
    reference: UUID | str
    deep: bool = False
    status: str = "PAUSED"
    prefix: str = ""
    suffix: str = ""
    into: UUID | str | None = None
    account_ids: Sequence[UUID] | None = None


@dataclass(frozen=True)
class Copied:
    """The new object and how many objects were made; no `thing` after a dry run, or while Meta still copies.

    `daily_budget` is what the copies may spend a day when they run.
    """

    source: Thing
    thing: Thing | None
    objects: Mapping[Level, int]
    currency: str
    daily_budget: str | None
    change_id: UUID | None = None

    @property
    def under_way(self) -> bool:
        return self.thing is None and self.change_id is not None


def copy(
    user_id: UUID, order: CopyOrder, actor: Actor, *, dry_run: bool = False, batch_id: UUID | None = None
) -> Copied:
    """Copy at Meta and into our tables; opens its own short transactions, none during a call.

    Meta has no rehearsal of a copy: a dry run counts what we know of.
    """
    _check(order)
    with db.transaction() as session:
        source = objects.found(session, user_id, order.level, order.reference, account_ids=order.account_ids)
        account = session.get_one(MetaAccount, source.account_id)
        into = _target(session, user_id, order, source)
        counted = _counted(session, order, source)
        budget = _budget(session, order, source)
    told = money.text(money.budget(budget, account.currency), account.currency)
    expected = Copied(source, None, counted, account.currency, told)
    if dry_run:
        return expected
    with connections.opened(account.id, Lane.HUMAN) as meta:
        status = str(meta.get(source.meta_id, fields="status").get("status"))
        if status == "DELETED":
            raise NotEditable(status=status)
        params = _params(order, into)
        with db.transaction() as session:
            change = changes.begin(
                session,
                source,
                level=order.level,
                object_id=columns.new_id(),
                action="copy",
                actor=actor,
                before={},
                after={"sourceId": str(source.id), "sourceMetaId": source.meta_id, "deep": order.deep},
                batch_id=batch_id,
            )
        meta_id = _copy(meta, account, order, source, params, change, sum(counted.values()))
        if meta_id is None:
            return Copied(source, None, counted, account.currency, told, change.id)
        rows = _read(meta, order.level, meta_id, deep=order.deep)
    with db.transaction() as session:
        thing = _settle(session, account, order.level, change, rows)
    made = {level: len(found) for level, found in rows.items()}
    return Copied(source, thing, made, account.currency, told, change.id)


def resolve(change: Change) -> ChangeOutcome:
    """Settle a copy nobody saw the end of: the source knows what was copied from it."""
    with db.transaction() as session:
        account = session.get(MetaAccount, change.account_id)
    if account is None:
        raise NotFound()
    with connections.opened(account.id, Lane.TODAY) as meta:
        refused = "batchId" in change.after and _refused_later(meta, str(change.after["batchId"]))
        meta_id = None if refused else _look_for(meta, change)
        deep = bool(change.after.get("deep"))
        rows = _read(meta, change.level, meta_id, deep=deep) if meta_id else None
    with db.transaction() as session:
        if rows is None:
            code = "meta_refused" if refused else "not_applied"
            changes.settle(session, change.id, ChangeOutcome.FAILED, error_code=code)
            return ChangeOutcome.FAILED
        _settle(session, account, change.level, change, rows)
    return ChangeOutcome.APPLIED


# -- before


def _check(order: CopyOrder) -> None:
    if order.status not in STATUSES:
        raise Invalid.choice("status", STATUSES)
    if len(order.prefix) + len(order.suffix) > 200:
        raise Invalid({"suffix": "editing.rule.name_long"})


def _target(session: Session, user_id: UUID, order: CopyOrder, source: Thing) -> Thing | None:
    """Another parent than the source's, in the same account."""
    if order.into is None:
        return None
    above = creating.ABOVE.get(order.level)
    if above is None:
        raise Invalid({"into": "field.unknown"})
    found = objects.found(session, user_id, above, order.into, account_ids=order.account_ids)
    if found.account_id != source.account_id:
        raise Invalid({"into": "editing.rule.other_account"})
    if objects.GONE & {found.status, found.effective_status}:
        raise ParentGone(status=found.effective_status)
    return found


def _counted(session: Session, order: CopyOrder, source: Thing) -> dict[Level, int]:
    """How many objects the copy makes, by level, as far as we know."""
    counted = {order.level: 1}
    for level in BELOW[order.level] if order.deep else ():
        table: Any = objects.TABLES[level]
        parent = table.campaign_id if order.level is Level.CAMPAIGN else table.ad_set_id
        counted[level] = session.exec(
            select(func.count())
            .select_from(table)
            .where(parent == source.id, table.effective_status.not_in(objects.GONE))
        ).one()
    return counted


def _budget(session: Session, order: CopyOrder, source: Thing) -> int | None:
    if isinstance(source, Ad):
        return None
    if source.daily_budget is not None or isinstance(source, AdSet):
        return source.daily_budget
    if not order.deep:
        return None
    return session.exec(
        select(func.sum(AdSet.daily_budget)).where(
            AdSet.campaign_id == source.id, col(AdSet.effective_status).not_in(objects.GONE)
        )
    ).one()


def _params(order: CopyOrder, into: Thing | None) -> dict[str, Any]:
    renamed = {
        "rename_strategy": "ONLY_TOP_LEVEL_RENAME" if order.prefix or order.suffix else "NO_RENAME",
        "rename_prefix": order.prefix,
        "rename_suffix": order.suffix,
    }
    params: dict[str, Any] = {"status_option": order.status, "rename_options": renamed}
    if order.level is not Level.AD:
        params["deep_copy"] = order.deep
    if into is not None:
        params["campaign_id" if isinstance(into, Campaign) else "adset_id"] = into.meta_id
    return params


# -- copying


def _copy(
    meta: Gateway,
    account: MetaAccount,
    order: CopyOrder,
    source: Thing,
    params: dict[str, Any],
    change: Change,
    size: int,
) -> str | None:
    """Meta's id of the copy; None when Meta makes it later, and a job looks for it."""
    try:
        if size > AT_ONCE:
            _copy_later(meta, account, source, params, change)
            return None
        answer = edits.told(lambda: meta.post(f"{source.meta_id}/copies", **params))
        return str(answer[f"copied_{order.level.value}_id"])
    except meta_errors.UnknownOutcome as error:  # a second try could copy twice
        found = _seen(meta, change)
        if found is None:
            raise Unconfirmed(service="meta") from error
        return found
    except AppError as error:
        edits.failed(change, error)
        raise


def _seen(meta: Gateway, change: Change) -> str | None:
    try:
        return _look_for(meta, change)
    except meta_errors.MetaError:
        return None


def _copy_later(
    meta: Gateway, account: MetaAccount, source: Thing, params: dict[str, Any], change: Change
) -> None:
    call = Call("POST", f"{source.meta_id}/copies", params).entry
    request = {"name": "copy", "relative_url": call["relative_url"], "body": call["body"]}
    edge = f"act_{account.meta_account_id}/async_batch_requests"
    answer = edits.told(lambda: meta.post(edge, name=creating.label(change), adbatch=[request]))
    with db.transaction() as session:
        changes.note(session, change.id, {**change.after, "batchId": str(answer["id"])})


def _refused_later(meta: Gateway, batch_id: str) -> bool:
    """Whether Meta refused the copy in a batch; StillCopying while it works on it."""
    if not meta.get(batch_id, fields="is_completed").get("is_completed"):
        raise StillCopying()
    asked = meta.get(f"{batch_id}/requests", fields="status,result").get("data", [])
    return any(one.get("status") == "ERROR" for one in asked)


def _look_for(meta: Gateway, change: Change) -> str | None:
    """The copy of the change's source that was made since, and that no other change brought."""
    since = change.created_at - SKEW
    for page in meta.pages(f"{change.after['sourceMetaId']}/copies", fields="id,created_time", limit=100):
        for row in page:
            made = fields.moment(row["created_time"])
            if made is not None and made >= since and not _brought(change, str(row["id"])):
                return str(row["id"])
    return None


def _brought(change: Change, meta_id: str) -> bool:
    with db.transaction() as session:
        query = select(Change.id).where(
            Change.account_id == change.account_id,
            Change.action == "copy",
            col(Change.after).contains({"metaId": meta_id}),
        )
        return session.exec(query.limit(1)).first() is not None


def _read(meta: Gateway, level: Level, meta_id: str, *, deep: bool) -> dict[Level, list[dict[str, Any]]]:
    """The copy and what is in it, from the top down; what can not be read now is settled by a job."""
    try:
        found = {level: [meta.get(meta_id, fields=structure.FIELDS[level])]}
        for below in BELOW[level] if deep else ():
            pages = meta.pages(f"{meta_id}/{structure.EDGES[below]}", fields=structure.FIELDS[below])
            found[below] = [row for page in pages for row in page]
    except meta_errors.MetaError as error:
        raise Unconfirmed(service="meta") from error
    return found


def _settle(
    session: Session,
    account: MetaAccount,
    level: Level,
    change: Change,
    rows: Mapping[Level, list[dict[str, Any]]],
) -> Thing:
    """Every object of the copy as a row of ours."""
    adopted = {kind: creating.adopt(session, account, kind, listed) for kind, listed in rows.items()}
    (thing,) = adopted[level]
    watching.order(session, level, thing)
    after = {**change.after, "metaId": thing.meta_id, "name": thing.name}
    changes.settle(session, change.id, ChangeOutcome.APPLIED, after=after, object_id=thing.id)
    return thing
