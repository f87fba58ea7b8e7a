"""Pictures and videos of an account: taken by what they are, listed, processed for a while, removed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any

from vibekanban.sandbox.graph import paging, params, pictures
from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.creatives import PROCESSING
from vibekanban.sandbox.graph.problems import GraphError, invalid, missing
from vibekanban.sandbox.graph.reading import Reading
from vibekanban.sandbox.graph.seeded import stamp
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.tokens import Token
from vibekanban.sandbox.graph.world import ACCOUNTS, Account
from vibekanban.sandbox.graph.writing import Writing

VIDEO = "20"  # begins the id of a video
EDGES = frozenset({"adimages", "advideos"})


class Media:
    """Answers on `adimages`, `advideos` and the nodes of videos."""

    def __init__(self, store: Store, clock: Clock, reading: Reading, writing: Writing) -> None:
        self._store = store
        self._clock = clock
        self._reading = reading
        self._writing = writing

    @staticmethod
    def has(edge: str) -> bool:
        return edge in EDGES

    @staticmethod
    def is_node(object_id: str) -> bool:
        return len(object_id) == 16 and object_id.isdigit() and object_id[:2] == VIDEO

    def edge(
        self, token: Token, method: str, object_id: str, edge: str, asked: dict[str, Any], url: str
    ) -> dict[str, Any]:
        account, _ = self._reading.scope(token, object_id)
        if method != "GET":
            self._writing.may(token, account)
        if method == "GET":
            how = paging.switches(self._store)
            return paging.page(
                [_told(one, asked) for one in self._listed(account, edge, asked)], asked, url, how
            )
        if edge == "advideos":
            return self._video(account, asked)
        if method == "DELETE":
            return {"success": self._store.drop("adimage", account.id, str(asked.get("hash") or ""))}
        kept = {name: self._image(account, name, content) for name, content in _files(asked).items()}
        if not kept:
            raise invalid("Send a file, or its content as base64 in bytes.", field="bytes")
        return {"images": kept}

    def node(self, token: Token, method: str, object_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        found = self._store.thing("advideo", object_id)
        if found is None or not token.sees(ACCOUNTS[found[0]]):
            raise missing(object_id)
        owner, entry = found
        if method == "GET":
            return _told(self._now_of(entry), asked)
        self._writing.may(token, ACCOUNTS[owner])
        if method == "DELETE":
            self._store.drop("advideo", owner, object_id)
        return {"success": True}

    def _listed(self, account: Account, edge: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
        if edge == "advideos":
            return [self._now_of(one) for one in self._store.things("advideo", account.id)]
        hashes = set(params.words(asked.get("hashes")))
        every = self._store.things("adimage", account.id)
        return [one for one in every if not hashes or one["hash"] in hashes]

    def _image(self, account: Account, name: str, content: bytes) -> dict[str, Any]:
        size = pictures.size(content)
        if size is None:
            raise invalid(
                "The file is not a picture that can be shown.", field="bytes", title="Invalid image"
            )
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        entry = {
            "id": f"{account.id}:{digest}", "account_id": account.id, "hash": digest, "name": name, "status": "ACTIVE",
            "width": size[0], "height": size[1], "created_time": stamp(self._clock.now()),
            "url": pictures.drawn(digest), "permalink_url": f"https://img.example/p/{digest}",
        }  # fmt: skip
        self._store.put("adimage", account.id, digest, entry)
        return {key: entry[key] for key in ("hash", "url", "name", "width", "height")}

    def _video(self, account: Account, asked: dict[str, Any]) -> dict[str, Any]:
        [source] = [one for one in asked.values() if isinstance(one, params.Upload)][:1] or [None]
        if source is None:
            raise invalid("Send the video as source.", field="source")
        if source.content[4:8] != b"ftyp":
            raise GraphError(
                6000, "There was a problem uploading your video file. Please try again with another file."
            )
        number = self._store.row("SELECT coalesce(max(n), 0) FROM things")
        new_id = f"{VIDEO}{account.number:04d}{(number[0] if number else 0) + 1:010d}"
        now = self._clock.now()
        entry = {
            "id": new_id, "title": str(asked.get("title") or source.name), "created_time": stamp(now),
            "updated_time": stamp(now), "length": 15.0, "picture": pictures.drawn(new_id), "_from": now,
        }  # fmt: skip
        self._store.put("advideo", account.id, new_id, entry)
        return {"id": new_id}

    def _now_of(self, entry: dict[str, Any]) -> dict[str, Any]:
        ready = self._clock.now() - entry["_from"] >= PROCESSING
        status = {"video_status": "ready" if ready else "processing"}
        return {**entry, "status": status if ready else {**status, "processing_progress": 50}}


def _told(entry: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    wanted = [one.name for one in params.fields(asked.get("fields") or "id")]
    return {name: entry[name] for name in wanted if name in entry} | {"id": entry["id"]}


def _files(asked: dict[str, Any]) -> dict[str, bytes]:
    """Uploaded files, and content given as base64."""
    found = {one.name: one.content for one in asked.values() if isinstance(one, params.Upload)}
    try:
        if isinstance(asked.get("bytes"), str):
            found[str(asked.get("name") or "bytes")] = base64.b64decode(asked["bytes"], validate=True)
        several = params.value(asked.get("copy_from"))
    except (binascii.Error, ValueError):
        raise invalid("bytes must be base64.", field="bytes") from None
    if isinstance(several, dict) and several.get("hash"):
        found[str(several["hash"])] = json.dumps(several).encode()
    return found
