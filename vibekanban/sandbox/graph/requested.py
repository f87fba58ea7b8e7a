"""What a write asks for: the fields it names, and whether it is only a rehearsal."""

from __future__ import annotations

import json
from typing import Any

from vibekanban.sandbox.graph import params
from vibekanban.sandbox.graph.problems import GraphError

IGNORED = {
    "access_token", "appsecret_proof", "execution_options", "fields", "locale", "pretty", "debug", "format", "method",
    "suppress_http_code", "transport", "include_headers",
}  # fmt: skip
# how a write says that there shall be none
NOTHING = {"end_time": "0", "stop_time": "0", "spend_cap": "922337203685478", "bid_amount": "0"}
SCALARS = {
    "name", "status", "objective", "bid_strategy", "optimization_goal", "billing_event", "start_time", "end_time",
    "stop_time", "spend_cap", "bid_amount", "buying_type",
}  # fmt: skip


def given(asked: dict[str, Any]) -> dict[str, Any]:
    """The fields a write names, ids as text and bids as numbers; null is as good as not named."""
    read = ((name, params.value(raw)) for name, raw in asked.items() if name not in IGNORED)
    found = {name: value for name, value in read if value is not None}
    for name, raw in found.items():
        if isinstance(raw, dict | list) and (name in SCALARS or name.endswith(("_id", "_budget"))):
            raise GraphError(100, f"(#100) Param {name} must be a string")
        if name.endswith("_id") and isinstance(raw, int):
            found[name] = str(raw)
        if name == "bid_amount" and str(raw).isdigit():
            found[name] = int(str(raw))
        if str(raw) == NOTHING.get(name):
            found[name] = ""
    return json.loads(json.dumps(found, default=str))


def is_dry(asked: dict[str, Any]) -> bool:
    return "validate_only" in params.words(asked.get("execution_options"))
