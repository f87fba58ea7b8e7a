"""Routes of creatives: listing, looking, creating, deleting; their content never changes."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from vibekanban.api import editing, wire
from vibekanban.api.deps import SeenDep
from vibekanban.api.editing import DryRunOut
from vibekanban.api.errors import responses
from vibekanban.api.idempotency import Idempotent
from vibekanban.api.wire import Limit, Page, Wire, example
from vibekanban.clients.meta import errors as meta_errors
from vibekanban.core.errors import NotFound, NotSignedIn, OutsideFailed
from vibekanban.core.shapes import Moment
from vibekanban.domains.editing import creatives
from vibekanban.domains.meta.errors import ConnectionNeedsSignIn
from vibekanban.domains.meta.models import Creative

router = APIRouter(prefix="/api/meta/creatives", tags=["Campaigns"], route_class=Idempotent)
READING = responses(NotSignedIn, NotFound, OutsideFailed, ConnectionNeedsSignIn, meta_errors.Throttled)


class CreativeOut(Wire):
    """`content` is as Meta writes it: objectStorySpec and the like, under Meta's names."""

    id: UUID
    meta_creative_id: str
    account_id: UUID
    name: str
    status: str
    object_type: str
    title: str
    body: str
    link_url: str
    call_to_action: str
    image_url: str
    thumbnail_url: str
    content: dict[str, Any]
    synced_at: Moment

    model_config = example(
        {
            "id": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0030",
            "metaCreativeId": "120210000000000030",
            "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
            "name": "Foto · primavera",
            "status": "ACTIVE",
            "objectType": "SHARE",
            "title": "Casa Verde",
            "body": "Descubre lo nuevo",
            "linkUrl": "https://tienda.example",
            "callToAction": "SHOP_NOW",
            "imageUrl": "",
            "thumbnailUrl": "",
            "content": {
                "object_story_spec": {"page_id": "100", "link_data": {"link": "https://tienda.example"}}
            },
            "syncedAt": "2026-11-24T09:00:00.000Z",
        }
    )


class NewCreative(Wire):
    """One of `objectStorySpec`, `assetFeedSpec` and `objectStoryId`, as Meta writes them."""

    account_id: UUID
    name: str = Field(max_length=100)
    object_story_spec: dict[str, Any] | None = None
    asset_feed_spec: dict[str, Any] | None = None
    object_story_id: str | None = Field(None, max_length=100, description="A post: page id, _, post id")
    instagram_user_id: str | None = Field(None, max_length=32)
    url_tags: str | None = Field(None, max_length=1000)
    degrees_of_freedom_spec: dict[str, Any] | None = None
    dry_run: editing.DryRun = False

    model_config = example(
        {
            "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
            "name": "Foto · primavera",
            "objectStorySpec": {
                "page_id": "100",
                "link_data": {
                    "link": "https://tienda.example",
                    "message": "Descubre lo nuevo",
                    "call_to_action": {"type": "SHOP_NOW"},
                },
            },
            "dryRun": False,
        }
    )


def _out(row: Creative) -> CreativeOut:
    return CreativeOut(
        id=row.id,
        meta_creative_id=row.meta_id,
        account_id=row.account_id,
        name=row.name,
        status=row.status,
        object_type=row.object_type,
        title=row.title,
        body=row.body,
        link_url=row.link_url,
        call_to_action=row.call_to_action_type,
        image_url=row.image_url,
        thumbnail_url=row.thumbnail_url,
        content=row.content,
        synced_at=row.synced_at,
    )


@router.get("", responses=READING | responses(wire.BadCursor))
def creative_list(
    seen: SeenDep,
    accountId: UUID,  # noqa: N803 - the contract's names
    q: Annotated[str, Query(max_length=200, description="A part of the name")] = "",
    limit: Limit = 25,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> Page[CreativeOut]:
    """The creatives of an account as Meta has them now."""
    found = creatives.creatives_of(seen.user_id, accountId, q=q, limit=limit, cursor=cursor)
    return Page(items=[_out(row) for row in found.items], next_cursor=found.next_cursor)


@router.get("/{creative_id:uuid}", responses=READING)
def creative(creative_id: UUID, seen: SeenDep) -> CreativeOut:
    """One creative as Meta has it now."""
    return _out(creatives.creative(seen.user_id, creative_id))


@router.post("", status_code=201, responses=editing.CREATING)
def create_creative(body: NewCreative, seen: SeenDep, response: Response) -> CreativeOut | DryRunOut:
    """Create a creative at Meta; its content never changes afterwards."""
    content = body.model_dump(exclude={"account_id", "dry_run"}, exclude_none=True)
    made = creatives.create(seen.user_id, body.account_id, content, editing.actor(seen), dry_run=body.dry_run)
    if made is None:
        response.status_code = 200
        return DryRunOut(fields=[], stake=None)
    return _out(made)


@router.delete("/{creative_id:uuid}", status_code=204, responses=editing.EDITING)
def delete_creative(creative_id: UUID, seen: SeenDep) -> Response:
    """Delete a creative at Meta; ads that show it keep theirs until it is swapped."""
    creatives.delete(seen.user_id, creative_id, editing.actor(seen))
    return Response(status_code=204)
