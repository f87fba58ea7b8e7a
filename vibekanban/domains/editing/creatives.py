"""Creatives at Meta: listing, making and deleting them; their content never changes, a new one takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import columns, db
from vibekanban.core.errors import AppError, Invalid, NotFound
from vibekanban.core.queue import Lane
from vibekanban.domains.editing import creating, edits
from vibekanban.domains.editing.errors import Unconfirmed
from vibekanban.domains.meta import accounts, changes, connections, creatives
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.cursors import BadCursor
from vibekanban.domains.meta.models import Change, ChangeOutcome, Creative, Level, MetaAccount

STORIES = ("object_story_spec", "asset_feed_spec", "object_story_id")
MORE = ("url_tags", "degrees_of_freedom_spec", "instagram_user_id")
NAME = 100  # characters Meta keeps


@dataclass(frozen=True)
class Slice:
    items: list[Creative]
    next_cursor: str | None


def creatives_of(
    user_id: UUID, account_id: UUID, *, q: str = "", limit: int = 25, cursor: str | None = None
) -> Slice:
    """A page of an account's creatives as Meta has them now; kept on the way, so that they have ids here.

    `q` is a part of the name.
    """
    with db.transaction() as session:
        account = accounts.account(session, user_id, account_id)
    with connections.opened(account.id, Lane.HUMAN) as meta:
        edge = f"act_{account.meta_account_id}/adcreatives"
        position: dict[str, Any] = {"after": cursor} if cursor else {}
        if q := q.strip():
            position["filtering"] = [{"field": "name", "operator": "CONTAIN", "value": q}]
        try:
            rows, following = next(
                meta.cursored(edge, limit=limit, fields=creatives.FIELDS, **position), ([], None)
            )
        except meta_errors.CursorExpired as error:
            raise BadCursor() from error
    with db.transaction() as session:
        return Slice(creatives.keep(session, account, rows), following)


def creative(user_id: UUID, creative_id: UUID) -> Creative:
    """One creative as Meta has it now."""
    with db.transaction() as session:
        known = creatives.found(session, user_id, creative_id)
        account = session.get_one(MetaAccount, known.account_id)
    with connections.opened(account.id, Lane.HUMAN) as meta:
        row = meta.get(known.meta_id, fields=creatives.FIELDS)
    with db.transaction() as session:
        return creatives.keep(session, account, [row])[0]


def of_meta(user_id: UUID, account_id: UUID, meta_id: str) -> Creative:
    """One creative of an account by Meta's id: as we saw it last, or else as Meta shows it now."""
    with db.transaction() as session:
        account = accounts.account(session, user_id, account_id)
        known = creatives.seen(session, account.id, meta_id)
    if known is not None:
        return known
    with connections.opened(account.id, Lane.HUMAN) as meta:
        row = meta.get(meta_id, fields=creatives.FIELDS)
    with db.transaction() as session:
        return creatives.keep(session, account, [row])[0]


def create(
    user_id: UUID,
    account_id: UUID,
    content: Mapping[str, Any],
    actor: Actor,
    *,
    dry_run: bool = False,
    batch_id: UUID | None = None,
) -> Creative | None:
    """Make a creative of `name`, one of STORIES and what goes with it; None after a dry run."""
    with db.transaction() as session:
        account = accounts.account(session, user_id, account_id)
    params = _params(content)
    with connections.opened(account.id, Lane.HUMAN) as meta:
        edge = f"act_{account.meta_account_id}/adcreatives"
        if dry_run:
            edits.told(lambda: meta.post(edge, **params, **edits.DRY_RUN))
            return None
        with db.transaction() as session:
            change = _begun(session, account, "create", columns.new_id(), actor, params, batch_id)
        meta_id = creating.make(meta, Level.CREATIVE, edge, params, change)
        row = _read(meta, meta_id)
    with db.transaction() as session:
        return _settled(session, account, change, row)


def delete(user_id: UUID, creative_id: UUID, actor: Actor) -> None:
    """Delete a creative at Meta; ads that show it go on until theirs is swapped."""
    with db.transaction() as session:
        known = creatives.found(session, user_id, creative_id)
        account = session.get_one(MetaAccount, known.account_id)
        change = _begun(session, account, "delete", known.id, actor, {"name": known.name}, None)
    with connections.opened(account.id, Lane.HUMAN) as meta:
        try:
            edits.told(lambda: meta.delete(known.meta_id))
        except meta_errors.Missing:
            pass  # somebody else did
        except meta_errors.UnknownOutcome as error:
            raise Unconfirmed(service="meta") from error
        except AppError as error:
            edits.failed(change, error)
            raise
    with db.transaction() as session:
        _deleted(session, change)


def resolve(change: Change) -> ChangeOutcome:
    """Settle a creation or deletion whose end nobody saw."""
    with db.transaction() as session:
        account = session.get(MetaAccount, change.account_id)
        known = session.get(Creative, change.object_id)
    if account is None:
        raise NotFound()
    edge = f"act_{account.meta_account_id}/adcreatives"
    with connections.opened(account.id, Lane.TODAY) as meta:
        if change.action == "delete":
            gone = known is None or _is_gone(meta, known.meta_id)
            with db.transaction() as session:
                if gone:
                    _deleted(session, change)
                    return ChangeOutcome.APPLIED
                changes.settle(session, change.id, ChangeOutcome.FAILED, error_code="not_applied")
            return ChangeOutcome.FAILED
        meta_id = creating.labelled(meta, edge, Level.CREATIVE, change)
        row = _read(meta, meta_id) if meta_id else None
    with db.transaction() as session:
        if row is None:
            changes.settle(session, change.id, ChangeOutcome.FAILED, error_code="not_applied")
            return ChangeOutcome.FAILED
        _settled(session, account, change, row)
    return ChangeOutcome.APPLIED


def link_story(
    page_id: str,
    link: str,
    *,
    message: str = "",
    headline: str = "",
    description: str = "",
    image_hash: str = "",
    call_to_action: str = "",
    instagram_user_id: str = "",
) -> dict[str, Any]:
    """The `object_story_spec` of the usual ad: a picture, a text, and a link."""
    data = {
        "link": link,
        "message": message,
        "name": headline,
        "description": description,
        "image_hash": image_hash,
        "call_to_action": {"type": call_to_action, "value": {"link": link}} if call_to_action else None,
    }
    story = {"page_id": page_id, "instagram_user_id": instagram_user_id}
    return {
        **{name: value for name, value in story.items() if value},
        "link_data": {name: value for name, value in data.items() if value},
    }


def video_story(
    page_id: str,
    link: str,
    video_id: str,
    thumbnail: str,
    *,
    message: str = "",
    headline: str = "",
    description: str = "",
    call_to_action: str = "LEARN_MORE",
) -> dict[str, Any]:
    """The `object_story_spec` of a video; where it leads stands in its call to action."""
    data = {
        "video_id": video_id,
        "image_url": thumbnail,
        "message": message,
        "title": headline,
        "link_description": description,
        "call_to_action": {"type": call_to_action, "value": {"link": link}},
    }
    return {"page_id": page_id, "video_data": {name: value for name, value in data.items() if value}}


def _params(content: Mapping[str, Any]) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    name = str(content.get("name") or "").strip()
    if not name:
        wrong["name"] = "editing.rule.name_missing"
    elif len(name) > NAME:
        wrong["name"] = "editing.rule.creative_name_long"
    stories = [one for one in STORIES if content.get(one)]
    story = content.get("object_story_spec") or {}
    if len(stories) != 1:
        wrong["objectStorySpec"] = "editing.rule.one_story"
    elif stories == ["object_story_spec"] and not story.get("page_id"):
        wrong["objectStorySpec"] = "editing.rule.promote_page_id"
    if wrong:
        raise Invalid(wrong)
    return {"name": name, **{one: content[one] for one in (*stories, *MORE) if content.get(one)}}


def _begun(
    session: Session,
    account: MetaAccount,
    action: str,
    object_id: UUID,
    actor: Actor,
    shown: Mapping[str, Any],
    batch_id: UUID | None,
) -> Change:
    return changes.begin(
        session,
        creating.Subject(account.user_id, account.id, str(shown["name"])),
        level=Level.CREATIVE,
        object_id=object_id,
        action=action,
        actor=actor,
        before=dict(shown) if action == "delete" else {},
        after={"status": "DELETED"} if action == "delete" else dict(shown),
        batch_id=batch_id,
    )


def _read(meta: Gateway, meta_id: str) -> dict[str, Any]:
    try:
        return meta.get(meta_id, fields=creatives.FIELDS)
    except meta_errors.MetaError as error:
        raise Unconfirmed(service="meta") from error


def _is_gone(meta: Gateway, meta_id: str) -> bool:
    try:
        return meta.get(meta_id, fields="status").get("status") == "DELETED"
    except meta_errors.Missing:
        return True


def _settled(session: Session, account: MetaAccount, change: Change, row: Mapping[str, Any]) -> Creative:
    (kept,) = creatives.keep(session, account, [row])
    after = {**change.after, "metaId": kept.meta_id}
    changes.settle(session, change.id, ChangeOutcome.APPLIED, after=after, object_id=kept.id)
    return kept


def _deleted(session: Session, change: Change) -> None:
    changes.settle(session, change.id, ChangeOutcome.APPLIED)
    known = session.get(Creative, change.object_id)
    if known is not None:
        session.delete(known)
