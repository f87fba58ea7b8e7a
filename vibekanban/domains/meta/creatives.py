"""Creatives as Meta lists them: our rows of those that were seen, and finding one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from vibekanban.core import columns
from vibekanban.core.errors import NotFound
from vibekanban.domains.meta.models import Creative, MetaAccount

CONTENT = (
    "object_story_spec", "asset_feed_spec", "object_story_id", "effective_object_story_id", "url_tags",
    "degrees_of_freedom_spec", "instagram_user_id",
)  # fmt: skip
SHOWN = {
    "name": 400, "status": 40, "object_type": 40, "title": 2000, "body": 5000, "link_url": 2000,
    "call_to_action_type": 60, "image_url": 2000, "thumbnail_url": 2000,
}  # fmt: skip
FIELDS = ",".join(("id", *SHOWN, *CONTENT))


def keep(session: Session, account: MetaAccount, rows: Sequence[Mapping[str, Any]]) -> list[Creative]:
    """Our rows of what Meta showed, in the same order."""
    seen = {str(row["id"]): row for row in rows}
    if not seen:
        return []
    statement = insert(Creative)
    values = [_values(account, meta_id, row) for meta_id, row in seen.items()]
    changing = (*SHOWN, "content", "synced_at")
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["account_id", "meta_id"],
            set_={name: statement.excluded[name] for name in changing},
        ),
        values,
    )
    query = select(Creative).where(Creative.account_id == account.id, col(Creative.meta_id).in_(seen))
    found = {row.meta_id: row for row in session.exec(query.execution_options(populate_existing=True))}
    return [found[meta_id] for meta_id in seen]


def _values(account: MetaAccount, meta_id: str, row: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: str(row.get(name) or "")[:most] for name, most in SHOWN.items()}
    return {
        "id": columns.new_id(),
        "user_id": account.user_id,
        "account_id": account.id,
        "meta_id": meta_id,
        **shown,
        "link_url": shown["link_url"] or _link(row),
        "content": {name: row[name] for name in CONTENT if row.get(name)},
        "synced_at": columns.now(),
    }


def _link(row: Mapping[str, Any]) -> str:
    """Where the ad leads, which Meta often tells only within the story."""
    story = row.get("object_story_spec")
    if not isinstance(story, Mapping):
        return ""
    data = story.get("link_data") or story.get("video_data") or {}
    value = (data.get("call_to_action") or {}).get("value") or {}
    return str(data.get("link") or value.get("link") or "")[:2000]


def found(
    session: Session,
    user_id: UUID,
    creative_id: UUID,
    *,
    account_ids: Sequence[UUID] | None = None,
) -> Creative:
    query = select(Creative).where(Creative.id == creative_id, Creative.user_id == user_id)
    if account_ids is not None:
        query = query.where(col(Creative.account_id).in_(account_ids))
    row = session.exec(query).first()
    if row is None:
        raise NotFound()
    return row


def seen(session: Session, account_id: UUID, meta_id: str) -> Creative | None:
    """What we read of a creative last, if we ever did."""
    return session.exec(
        select(Creative).where(Creative.account_id == account_id, Creative.meta_id == meta_id)
    ).first()


def at_meta(session: Session, user_id: UUID, account_id: UUID, reference: str) -> str:
    """Meta's id of a creative of the account, given by our id or by Meta's; NotFound when it is not ours."""
    if reference.isascii() and reference.isdigit() and len(reference) <= 32:
        return reference
    try:
        ours = UUID(reference)
    except ValueError:
        raise NotFound() from None
    return found(session, user_id, ours, account_ids=[account_id]).meta_id
