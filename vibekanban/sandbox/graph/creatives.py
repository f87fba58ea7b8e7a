"""What Meta refuses of a creative, and what it shows of one besides its story."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vibekanban.sandbox.graph import pictures
from vibekanban.sandbox.graph.problems import invalid
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.world import Account

PROCESSING = 4.0  # seconds until a video can be shown
STORIES = ("object_story_spec", "asset_feed_spec", "object_story_id")


def check(store: Store, account: Account, fields: dict[str, Any], now: float) -> None:
    """Refuse what names nothing to show; add what Meta reads out of the story."""
    if not any(name in fields for name in STORIES):
        raise invalid("A creative needs object_story_spec or asset_feed_spec.", field="object_story_spec")
    story = fields.get("object_story_spec")
    if not isinstance(story, dict):
        return
    if not story.get("page_id"):
        raise invalid("object_story_spec needs a page_id.", field="object_story_spec")
    data = story.get("link_data") or story.get("video_data")
    if not isinstance(data, Mapping):
        return
    picture = data.get("picture") or data.get("image_url")
    if data.get("image_hash"):
        known = {one["hash"]: one for one in store.things("adimage", account.id)}
        if data["image_hash"] not in known:
            raise invalid("This image is not in the account.", field="image_hash", title="Image not found")
        picture = known[data["image_hash"]]["url"]
    if "video_data" in story:
        _check_video(store, account, data, now)
    action = data.get("call_to_action")
    action = action if isinstance(action, Mapping) else {}
    value = action.get("value")
    shown = {
        "object_type": "VIDEO" if "video_data" in story else "SHARE",
        "title": data.get("name") or data.get("title"),
        "body": data.get("message"),
        "link_url": data.get("link") or (value.get("link") if isinstance(value, Mapping) else None),
        "call_to_action_type": action.get("type"),
        "image_hash": data.get("image_hash"),
        "thumbnail_url": picture or pictures.drawn(str(data)),
    }
    for name, one in shown.items():
        if one:
            fields.setdefault(name, one)


def _check_video(store: Store, account: Account, data: Mapping[str, Any], now: float) -> None:
    known = {one["id"]: one for one in store.things("advideo", account.id)}
    video = known.get(str(data.get("video_id")))
    if video is None:
        raise invalid("This video is not in the account.", field="video_id", title="Video not found")
    if now - video["_from"] < PROCESSING:
        raise invalid("The video is still being processed.", field="video_id", subcode=1885252)
    if not data.get("image_hash") and not data.get("image_url"):
        raise invalid("A video needs a thumbnail.", field="image_url", subcode=1443226)
