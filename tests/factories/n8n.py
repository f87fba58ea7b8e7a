"""Workflow documents, small and whole."""

from __future__ import annotations

import itertools
import secrets
from typing import Any


def a_name() -> str:
    return f"vk-{secrets.token_hex(6)}"


def a_webhook(path: str, *, respond: str = "lastNode") -> dict[str, Any]:
    return {
        "id": "hook",
        "name": "Run now",
        "type": "n8n-nodes-base.webhook",
        "typeVersion": 2,
        "position": [0, 0],
        "parameters": {"httpMethod": "POST", "path": path, "responseMode": respond, "options": {}},
    }


def a_set(value: str, name: str = "VK Params") -> dict[str, Any]:
    """A Set node; `value` is JSON text, or an expression that gives it."""
    return {
        "id": f"set-{name}",
        "name": name,
        "type": "n8n-nodes-base.set",
        "typeVersion": 3.4,
        "position": [220, 0],
        "parameters": {"mode": "raw", "jsonOutput": value, "options": {}},
    }


def a_request(url: str, credential_id: str, *, method: str = "GET") -> dict[str, Any]:
    """An HTTP Request node that sends the credential's token."""
    return {
        "id": "request",
        "name": "Ask",
        "type": "n8n-nodes-base.httpRequest",
        "typeVersion": 4.2,
        "position": [440, 0],
        "credentials": {"httpBearerAuth": {"id": credential_id, "name": "vk"}},
        "parameters": {
            "method": method,
            "url": url,
            "authentication": "genericCredentialType",
            "genericAuthType": "httpBearerAuth",
            "options": {"timeout": 5000},
        },
    }


def a_tool_call(
    endpoint: str, credential_id: str, tool: str, arguments: str, name: str = "Tool"
) -> dict[str, Any]:
    """An MCP Client node; `arguments` is JSON text, or an expression that gives an object."""
    return {
        "id": f"tool-{name}",
        "name": name,
        "type": "@n8n/n8n-nodes-langchain.mcpClient",
        "typeVersion": 1.1,
        "position": [440, 0],
        "credentials": {"httpBearerAuth": {"id": credential_id, "name": "vk"}},
        "parameters": {
            "serverTransport": "httpStreamable",
            "endpointUrl": endpoint,
            "authentication": "bearerAuth",
            "tool": {"__rl": True, "mode": "id", "value": tool},
            "inputMode": "json",
            "jsonInput": arguments,
            "options": {"timeout": 20000},
        },
    }


def an_if(expression: str, name: str = "More?") -> dict[str, Any]:
    """An IF node; its first way out is for when the expression is true."""
    condition = {
        "id": "condition",
        "leftValue": expression,
        "rightValue": "",
        "operator": {"type": "boolean", "operation": "true", "singleValue": True},
    }
    options = {"caseSensitive": True, "leftValue": "", "typeValidation": "strict", "version": 2}
    return {
        "id": f"if-{name}",
        "name": name,
        "type": "n8n-nodes-base.if",
        "typeVersion": 2.2,
        "position": [660, 0],
        "parameters": {
            "conditions": {"options": options, "conditions": [condition], "combinator": "and"},
            "options": {},
        },
    }


def a_failure(message: str) -> dict[str, Any]:
    return {
        "id": "stop",
        "name": "Stop",
        "type": "n8n-nodes-base.stopAndError",
        "typeVersion": 1,
        "position": [440, 0],
        "parameters": {"errorMessage": message},
    }


def a_workflow(*nodes: dict[str, Any], name: str = "", **settings: Any) -> dict[str, Any]:
    """The nodes one after the other."""
    pairs = itertools.pairwise(nodes)
    return {
        "name": name or a_name(),
        "nodes": list(nodes),
        "connections": {
            one["name"]: {"main": [[{"node": other["name"], "type": "main", "index": 0}]]}
            for one, other in pairs
        },
        "settings": {"executionOrder": "v1", **settings},
    }
