"""Pictures, videos and Facebook pages that a creative is made of."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import urlsplit
from uuid import UUID

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta.gateway import Upload
from vibekanban.core import db
from vibekanban.core.errors import Invalid, OutsideFailed
from vibekanban.core.queue import Lane
from vibekanban.core.settings import settings
from vibekanban.domains.editing import edits
from vibekanban.domains.editing.errors import Unconfirmed
from vibekanban.domains.meta import accounts, connections
from vibekanban.domains.meta.models import MetaAccount

IMAGE, VIDEO = "image", "video"
LARGEST: Mapping[str, int] = {IMAGE: 16 * 2**20, VIDEO: 100 * 2**20}  # bytes
HEAD = 16  # bytes that tell what a file is
FORMATS = (
    "MOBILE_FEED_STANDARD",
    "DESKTOP_FEED_STANDARD",
    "INSTAGRAM_STANDARD",
    "INSTAGRAM_STORY",
    "FACEBOOK_STORY_MOBILE",
)
_FRAME = re.compile(r"<iframe[^>]*\ssrc=\"([^\"]+)\"")


@dataclass(frozen=True)
class Media:
    """A picture by its `hash`, or a video by its `video_id`, which is `ready` only after a while."""

    kind: str
    hash: str = ""
    video_id: str = ""
    url: str = ""
    width: int | None = None
    height: int | None = None
    ready: bool = True


@dataclass(frozen=True)
class FacebookPage:
    """A page that ads of an account may speak for."""

    id: str
    name: str


def type_of(head: bytes) -> tuple[str, str]:
    """The kind and media type of a file by how it begins; Invalid when it is neither picture nor video."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return IMAGE, "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return IMAGE, "image/jpeg"
    if head[:6] in {b"GIF87a", b"GIF89a"}:
        return IMAGE, "image/gif"
    if head[4:8] == b"ftyp":
        return VIDEO, "video/quicktime" if head[8:10] == b"qt" else "video/mp4"
    raise Invalid({"file": "editing.rule.file_type"})


def upload(user_id: UUID, account_id: UUID, name: str, content: BinaryIO) -> Media:
    """Put a picture or a video into the account's library at Meta; its type is what its content says."""
    account = _account(user_id, account_id)
    kind, mime = type_of(content.read(HEAD))
    size = content.seek(0, 2)
    content.seek(0)
    if size > LARGEST[kind]:
        raise Invalid({"file": "editing.rule.file_large"}, most=LARGEST[kind] // 2**20)
    node = f"act_{account.meta_account_id}"
    short = name.strip()[-100:] or kind
    with connections.opened(account.id, Lane.HUMAN) as meta:
        try:
            if kind == VIDEO:
                file = Upload(short, content, mime)
                sent = edits.told(lambda: meta.upload(f"{node}/advideos", "source", file, title=short))
                return Media(VIDEO, video_id=str(sent["id"]), ready=False)
            packed = base64.b64encode(content.read()).decode()
            sent = edits.told(lambda: meta.post(f"{node}/adimages", bytes=packed, name=short))
        except meta_errors.UnknownOutcome as error:  # sent again, a picture is the same one
            raise Unconfirmed(service="meta") from error
    about: dict[str, Any] = next(iter(sent["images"].values()))
    return Media(
        IMAGE, str(about["hash"]), "", str(about.get("url") or ""), about.get("width"), about.get("height")
    )


def video(user_id: UUID, account_id: UUID, video_id: str) -> Media:
    """How far Meta is with a video, and its picture."""
    if not video_id.isascii() or not video_id.isdigit():
        raise Invalid({"videoId": "field.invalid"})
    account = _account(user_id, account_id)
    with connections.opened(account.id, Lane.HUMAN) as meta:
        row = meta.get(video_id, fields="status,picture")
    status = row.get("status") or {}
    ready = status.get("video_status") == "ready"
    if status.get("video_status") == "error":
        raise Invalid({"file": "editing.rule.file_video"})
    return Media(VIDEO, video_id=video_id, url=str(row.get("picture") or ""), ready=ready)


def pages_of(user_id: UUID, account_id: UUID) -> list[FacebookPage]:
    """The Facebook pages that the account may advertise for."""
    account = _account(user_id, account_id)
    with connections.opened(account.id, Lane.HUMAN) as meta:
        node = f"act_{account.meta_account_id}/promote_pages"
        rows = [row for page in meta.pages(node, fields="id,name", limit=100) for row in page]
    return [FacebookPage(str(row["id"]), str(row.get("name") or row["id"])) for row in rows]


def preview(user_id: UUID, account_id: UUID, creative: Mapping[str, Any], form: str = FORMATS[0]) -> str:
    """The address of Meta's frame that shows a creative: `creative_id`, or the content of one not yet made."""
    if form not in FORMATS:
        raise Invalid.choice("format", FORMATS)
    account = _account(user_id, account_id)
    with connections.opened(account.id, Lane.HUMAN) as meta:
        edge = f"act_{account.meta_account_id}/generatepreviews"
        found = edits.told(lambda: meta.get(edge, creative=dict(creative), ad_format=form))
    body = str((found.get("data") or [{}])[0].get("body") or "")
    framed = _FRAME.search(body)
    address = html.unescape(framed[1]) if framed else ""
    if not _trusted(address):
        raise OutsideFailed(service="meta")
    return address


def _trusted(address: str) -> bool:
    """Only Meta's own pages are shown within ours."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    metas = parts.scheme == "https" and (host == "facebook.com" or host.endswith(".facebook.com"))
    return metas or f"{parts.scheme}://{parts.netloc}" == settings().graph


def _account(user_id: UUID, account_id: UUID) -> MetaAccount:
    with db.transaction() as session:
        return accounts.account(session, user_id, account_id)
