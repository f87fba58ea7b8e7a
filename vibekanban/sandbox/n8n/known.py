"""The nodes and credentials that this server knows, and what a node must have to be published."""

from __future__ import annotations

from typing import Any

BASE = "n8n-nodes-base."
MCP_CLIENT = "@n8n/n8n-nodes-langchain.mcpClient"
WEBHOOK, SCHEDULE, ERRORS = BASE + "webhook", BASE + "scheduleTrigger", BASE + "errorTrigger"
TRIGGERS = frozenset({WEBHOOK, SCHEDULE, ERRORS})
STICKY = BASE + "stickyNote"

# types with the versions that run here; the product's list of what strategies may use is the same
RUNS: dict[str, tuple[float, ...]] = {
    SCHEDULE: (1.1, 1.2, 1.3),
    WEBHOOK: (2, 2.1),
    ERRORS: (1,),
    BASE + "set": (3.3, 3.4),
    BASE + "if": (2, 2.1, 2.2, 2.3),
    BASE + "switch": (3, 3.1, 3.2, 3.3),
    BASE + "merge": (3, 3.1, 3.2),
    BASE + "filter": (2, 2.1, 2.2),
    BASE + "splitOut": (1,),
    BASE + "limit": (1,),
    BASE + "noOp": (1,),
    STICKY: (1,),
    BASE + "stopAndError": (1,),
    BASE + "httpRequest": (4.1, 4.2, 4.3),
    MCP_CLIENT: (1, 1.1),
}
# and the versions that n8n has of them
NODES: dict[str, tuple[float, ...]] = {
    SCHEDULE: (1, 1.1, 1.2, 1.3),
    WEBHOOK: (1, 1.1, 2, 2.1),
    ERRORS: (1,),
    BASE + "set": (1, 2, 3, 3.1, 3.2, 3.3, 3.4, 3.5),
    BASE + "if": (1, 2, 2.1, 2.2, 2.3),
    BASE + "switch": (1, 2, 3, 3.1, 3.2, 3.3, 3.4),
    BASE + "merge": (1, 2, 2.1, 3, 3.1, 3.2),
    BASE + "filter": (1, 2, 2.1, 2.2, 2.3),
    BASE + "splitOut": (1,),
    BASE + "limit": (1,),
    BASE + "noOp": (1,),
    STICKY: (1,),
    BASE + "stopAndError": (1,),
    BASE + "httpRequest": (1, 2, 3, 4, 4.1, 4.2, 4.3, 4.4, 4.5),
    MCP_CLIENT: (1, 1.1),
}

_DOMAINS = {
    "useCustomAuth": {"type": "notice"},
    "allowedHttpRequestDomains": {"type": "string", "enum": ["all", "domains", "none"]},
    "allowedDomains": {"type": "string"},
}
CREDENTIALS: dict[str, dict[str, Any]] = {
    "httpBearerAuth": {"token": {"type": "string"}, **_DOMAINS},
    "httpHeaderAuth": {"name": {"type": "string"}, "value": {"type": "string"}, **_DOMAINS},
}


def schema(kind: str) -> dict[str, Any]:
    """What GET /credentials/schema/{type} shows."""
    return {
        "additionalProperties": False,
        "type": "object",
        "properties": CREDENTIALS[kind],
        "required": [],
    }
