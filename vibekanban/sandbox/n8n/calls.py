"""One request to the public API, read once."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any

from vibekanban.sandbox.n8n.problems import Problem

PAGE, LARGEST = 100, 250


@dataclass(frozen=True)
class Call:
    """What a handler sees of a request."""

    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    origin: str = ""  # where n8n's own addresses begin

    def flag(self, name: str) -> bool | None:
        """A `true` or `false` of the query; None when it is not there."""
        value = self.query.get(name)
        if value is None:
            return None
        if value not in ("true", "false"):
            said = f"request/query/{name} Invalid enum value. Expected 'true' | 'false', received '{value}'"
            raise Problem(400, said)
        return value == "true"

    def page(self, found: list[Any]) -> dict[str, Any]:
        """A page of a listing by the query's limit and cursor."""
        limit, offset = self._bounds()
        following = offset + limit
        cursor = None
        if following < len(found):
            cursor = base64.b64encode(
                json.dumps({"limit": limit, "offset": following}, separators=(",", ":")).encode()
            ).decode()
        return {"data": found[offset:following], "nextCursor": cursor}

    def _bounds(self) -> tuple[int, int]:
        if cursor := self.query.get("cursor"):
            try:
                asked = json.loads(base64.b64decode(cursor, validate=True))
                return int(asked["limit"]), int(asked["offset"])
            except (binascii.Error, ValueError, KeyError, TypeError):
                raise Problem(400, "An invalid cursor was provided") from None
        text = self.query.get("limit", "")
        limit = int(text) if text.isdigit() else PAGE
        return min(limit or PAGE, LARGEST), 0
