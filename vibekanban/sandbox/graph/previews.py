"""What an ad would look like: the frame that the previews edges answer, and the page within it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from vibekanban.sandbox.graph.problems import GraphError, invalid

PATH = "/preview_iframe"
FORMATS = frozenset(
    {
        "DESKTOP_FEED_STANDARD", "MOBILE_FEED_STANDARD", "INSTAGRAM_STANDARD", "INSTAGRAM_STORY", "INSTAGRAM_REELS",
        "FACEBOOK_REELS_MOBILE", "RIGHT_COLUMN_STANDARD", "FACEBOOK_STORY_MOBILE",
    }
)  # fmt: skip
_STYLE = (
    "body{margin:0;font:14px/1.4 system-ui,sans-serif;color:#111;background:#fff}p{margin:10px 12px}"
    "img{width:100%;aspect-ratio:1;object-fit:cover;display:block;background:#ddd}footer{display:flex;gap:8px;"
    "align-items:center;background:#f0f2f5;padding:10px 12px}footer div{flex:1;min-width:0}b,small{display:block}"
    "span{background:#dfe3e8;border-radius:6px;padding:6px 10px;font-weight:600;white-space:nowrap}"
)


def frame(kind: Any, page: str, creative: Mapping[str, Any], url: str) -> dict[str, Any]:
    """The answer of `previews` and `generatepreviews`: a frame whose address holds all it shows."""
    if kind not in FORMATS:
        raise GraphError(100, f"(#100) Param ad_format must be one of {{{', '.join(sorted(FORMATS))}}}")
    story = creative.get("object_story_spec") or {}
    if not isinstance(story, Mapping):
        raise invalid("object_story_spec must be an object.", field="creative")
    data = story.get("link_data") or story.get("video_data") or {}
    action = data.get("call_to_action") or {}
    shown = {
        "page": page,
        "text": data.get("message") or creative.get("body") or "",
        "title": data.get("name") or data.get("title") or creative.get("title") or "",
        "about": data.get("description") or data.get("link_description") or "",
        "picture": data.get("picture") or data.get("image_url") or creative.get("thumbnail_url") or "",
        "action": str(action.get("type") or creative.get("call_to_action_type") or "").replace("_", " "),
    }
    packed = base64.urlsafe_b64encode(json.dumps(shown).encode()).decode()
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url)) if url.startswith("http") else ""
    source = escape(f"{origin}{PATH}?d={packed}")
    body = f'<iframe src="{source}" width="335" height="450" scrolling="yes" style="border: none;"></iframe>'
    return {"data": [{"body": body}]}


async def page(request: Request) -> Response:
    """The page in the frame."""
    try:
        shown = json.loads(base64.urlsafe_b64decode(request.query_params.get("d", "")))
        one = {
            name: escape(str(shown[name])) for name in ("page", "text", "title", "about", "picture", "action")
        }
    except (ValueError, KeyError, TypeError):
        return HTMLResponse("", 400)
    picture = (
        f'<img src="{one["picture"]}" alt="">' if one["picture"].startswith(("data:image/", "https:")) else ""
    )
    action = f"<span>{one['action']}</span>" if one["action"] else ""
    return HTMLResponse(
        f'<!doctype html><html><head><meta charset="utf-8"><title>Preview</title><style>{_STYLE}</style></head>'
        f"<body><p><b>{one['page']}</b><small>Sponsored · Sandbox</small></p><p>{one['text']}</p>{picture}"
        f"<footer><div><b>{one['title']}</b><small>{one['about']}</small></div>{action}</footer></body></html>"
    )
