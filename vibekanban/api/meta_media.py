"""Routes of what creatives are made of: pictures, videos, Facebook pages, and how it would look."""

from __future__ import annotations

import asyncio
import tempfile
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import Field

from vibekanban.api import errors
from vibekanban.api.deps import SeenDep
from vibekanban.api.editing import CREATING
from vibekanban.api.errors import responses
from vibekanban.api.wire import Wire, example
from vibekanban.clients.meta import errors as meta_errors
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn, OutsideFailed
from vibekanban.domains.editing import media
from vibekanban.domains.meta.errors import ConnectionNeedsSignIn

router = APIRouter(prefix="/api/meta", tags=["Campaigns"])
READING = responses(
    NotSignedIn,
    NotFound,
    Invalid,
    OutsideFailed,
    ConnectionNeedsSignIn,
    meta_errors.Throttled,
    meta_errors.Refused,
)
AccountId = Annotated[UUID, Query(alias="accountId")]


class MediaOut(Wire):
    """A picture has a `hash`, a video a `videoId`; a video can be used once it is `ready`."""

    kind: str
    hash: str
    video_id: str
    url: str
    width: int | None
    height: int | None
    ready: bool

    model_config = example(
        {
            "kind": "image",
            "hash": "9b2c6a7e5d4f3a2b1c0d9e8f7a6b5c4d",
            "videoId": "",
            "url": "https://scontent.example/9b2c.png",
            "width": 1080,
            "height": 1080,
            "ready": True,
        }
    )


class PageOut(Wire):
    id: str
    name: str

    model_config = example({"id": "100000000000001", "name": "Casa Verde"})


class PagesOut(Wire):
    items: list[PageOut]

    model_config = example({"items": [{"id": "100000000000001", "name": "Casa Verde"}]})


class PreviewIn(Wire):
    """A creative that is there by Meta's id, or the story of one not yet made."""

    account_id: UUID
    meta_creative_id: str | None = Field(None, max_length=32)
    object_story_spec: dict[str, Any] | None = None
    format: str = Field(media.FORMATS[0], max_length=40, description=", ".join(media.FORMATS))

    model_config = example(
        {
            "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
            "objectStorySpec": {"page_id": "100", "link_data": {"link": "https://tienda.example"}},
            "format": "MOBILE_FEED_STANDARD",
        }
    )


class PreviewOut(Wire):
    """The address of a frame of Meta's that shows the ad; it holds for a day."""

    url: str

    model_config = example({"url": "https://www.facebook.com/ads/api/preview_iframe.php?d=AQK"})


@router.post(
    "/media",
    status_code=201,
    responses={**CREATING},
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The file itself: PNG, JPEG or GIF up to 16 MB, MP4 or MOV up to 100 MB",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def upload_media(
    request: Request, seen: SeenDep, account_id: AccountId, name: Annotated[str, Query(max_length=200)] = ""
) -> MediaOut:
    """Put a picture or a video into the account's library at Meta. The body is the file, its type is by content."""
    with tempfile.TemporaryFile() as file:
        head, size, most = b"", 0, media.LARGEST[media.VIDEO]
        async for piece in request.stream():
            if len(head) < media.HEAD:  # however small the pieces are that it comes in
                head = (head + piece)[: media.HEAD]
                if len(head) == media.HEAD:
                    most = media.LARGEST[media.type_of(head)[0]]
            size += len(piece)
            if size > most:
                raise errors.TooLarge(limit_kb=most // 1024)
            file.write(piece)
        file.seek(0)
        found = await asyncio.to_thread(media.upload, seen.user_id, account_id, name, file)
    return _out(found)


@router.get("/media/videos/{video_id}", responses=READING)
def video(video_id: str, seen: SeenDep, account_id: AccountId) -> MediaOut:
    """How far Meta is with a video."""
    return _out(media.video(seen.user_id, account_id, video_id))


@router.get("/pages", responses=READING)
def facebook_pages(seen: SeenDep, account_id: AccountId) -> PagesOut:
    """The Facebook pages that ads of an account may speak for."""
    found = media.pages_of(seen.user_id, account_id)
    return PagesOut(items=[PageOut(id=one.id, name=one.name) for one in found])


@router.post("/creatives/preview", responses=READING)
def preview(body: PreviewIn, seen: SeenDep) -> PreviewOut:
    """How an ad with this creative would look, as Meta draws it."""
    creative: dict[str, Any] = {"creative_id": body.meta_creative_id}
    if not body.meta_creative_id:
        creative = {"object_story_spec": body.object_story_spec or {}}
    return PreviewOut(url=media.preview(seen.user_id, body.account_id, creative, body.format))


def _out(found: media.Media) -> MediaOut:
    return MediaOut(**{name: getattr(found, name) for name in MediaOut.model_fields})
