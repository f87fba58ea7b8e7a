"""What n8n takes of a workflow's document, and the nodes that our server may run."""

from __future__ import annotations

from typing import Any

WRITABLE = ("name", "nodes", "connections", "settings", "staticData", "pinData")
NODE_KEYS = frozenset(
    {
        "id", "name", "type", "typeVersion", "position", "parameters", "credentials", "webhookId", "disabled", "notes",
        "notesInFlow", "retryOnFail", "maxTries", "waitBetweenTries", "onError", "executeOnce", "alwaysOutputData",
    }
)  # fmt: skip
SETTINGS = frozenset(
    {
        "executionOrder", "timezone", "executionTimeout", "errorWorkflow", "saveDataErrorExecution",
        "saveDataSuccessExecution", "saveManualExecutions", "saveExecutionProgress", "callerPolicy", "callerIds",
    }
)  # fmt: skip

# Node types of strategies, with the versions that were tried. A server gets the list as NODES_INCLUDE: naming what is
# allowed beats any list of what is bad.
ALLOWED: dict[str, tuple[float, ...]] = {
    "n8n-nodes-base.scheduleTrigger": (1.1, 1.2, 1.3),
    "n8n-nodes-base.webhook": (2, 2.1),
    "n8n-nodes-base.errorTrigger": (1,),
    "n8n-nodes-base.set": (3.3, 3.4),
    "n8n-nodes-base.if": (2, 2.1, 2.2, 2.3),
    "n8n-nodes-base.switch": (3, 3.1, 3.2, 3.3),
    "n8n-nodes-base.merge": (3, 3.1, 3.2),
    "n8n-nodes-base.filter": (2, 2.1, 2.2),
    "n8n-nodes-base.splitOut": (1,),
    "n8n-nodes-base.limit": (1,),
    "n8n-nodes-base.noOp": (1,),
    "n8n-nodes-base.stickyNote": (1,),
    "n8n-nodes-base.stopAndError": (1,),
    "n8n-nodes-base.httpRequest": (4.1, 4.2, 4.3),
    "@n8n/n8n-nodes-langchain.mcpClient": (1, 1.1),
}


def writable(document: dict[str, Any]) -> dict[str, Any]:
    """The parts of a document that n8n takes: sending back what it answered is refused as it stands."""
    kept = {name: document[name] for name in WRITABLE if document.get(name) is not None}
    kept["nodes"] = [
        {name: value for name, value in node.items() if name in NODE_KEYS} for node in kept["nodes"]
    ]
    chosen = {name: value for name, value in kept.get("settings", {}).items() if name in SETTINGS}
    # the editor sets this; without it the API's workflows run in the order of n8n before 1.0
    kept["settings"] = {"executionOrder": "v1", **chosen}
    return kept
