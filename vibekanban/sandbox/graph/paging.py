"""Pages of an edge: opaque cursors, `next` with the token inside, and switches that make pagers stumble."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from vibekanban.sandbox.graph.problems import GraphError, invalid
from vibekanban.sandbox.graph.store import Store

DEFAULT = 25
MOST = 5000


@dataclass(frozen=True)
class Switches:
    """`short`: pages hold fewer than asked; `hole`: the second page is empty; `next_only`: no cursors."""

    short: bool = False
    hole: bool = False
    next_only: bool = False


def switches(store: Store) -> Switches:
    return Switches(**store.setting("paging", {}))


def page(items: Sequence[Any], params: dict[str, Any], url: str, how: Switches) -> dict[str, Any]:
    """One page of an edge."""
    limit, start = _limit(params), _start(params)
    take = max(1, limit * 2 // 3) if how.short else limit
    hole = how.hole and 0 < start == _first(limit, how) and "_past" not in _cursor(params)
    chosen = [] if hole else list(items[start : start + take])
    stop = start if hole else start + len(chosen)
    answer: dict[str, Any] = {"data": chosen}
    if not items:
        return answer
    paging: dict[str, Any] = {}
    if not how.next_only:
        paging["cursors"] = {"before": _encode(start), "after": _encode(stop, past=hole)}
    if stop < len(items):
        query = {name: text for name, text in params.items() if name not in {"after", "before", "offset"}}
        query |= {"offset": str(stop)} if how.next_only else {"after": _encode(stop, past=hole)}
        paging["next"] = f"{url}?{urlencode(query)}"
    answer["paging"] = paging
    if str(params.get("summary", "")).lower() in {"true", "1"} or "total_count" in str(params.get("summary")):
        answer["summary"] = {"total_count": len(items)}
    return answer


def _first(limit: int, how: Switches) -> int:
    return max(1, limit * 2 // 3) if how.short else limit


def _limit(params: dict[str, Any]) -> int:
    try:
        limit = int(params.get("limit") or DEFAULT)
    except ValueError:
        raise invalid("limit must be a number.", field="limit") from None
    if limit > MOST:
        raise GraphError(
            1, "Please reduce the amount of data you're asking for, then retry your request", status=500
        )
    return max(1, limit)


def _cursor(params: dict[str, Any]) -> str:
    text = str(params.get("after") or "")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        raise GraphError(2642, "(#2642) Invalid cursors values") from None


def _start(params: dict[str, Any]) -> int:
    text = _cursor(params).removesuffix("_past") if params.get("after") else str(params.get("offset") or "0")
    if not text.isdigit():
        raise GraphError(2642, "(#2642) Invalid cursors values")
    return int(text)


def _encode(position: int, *, past: bool = False) -> str:
    return base64.urlsafe_b64encode(f"{position}{'_past' if past else ''}".encode()).decode().rstrip("=")
