"""What n8n checks before it publishes: types and versions, a trigger, credentials, parameters, webhook paths."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from vibekanban.sandbox.n8n.known import BASE, MCP_CLIENT, NODES, TRIGGERS, WEBHOOK
from vibekanban.sandbox.n8n.problems import Problem
from vibekanban.sandbox.n8n.shelf import Entry

Node = dict[str, Any]
AUTHENTICATION = {
    MCP_CLIENT: {"bearerAuth": "httpBearerAuth", "headerAuth": "httpHeaderAuth"},
    WEBHOOK: {"headerAuth": "httpHeaderAuth"},
}


def check(workflow: Entry, others: Iterable[Entry]) -> None:
    """Raise what forbids to publish this content of a workflow."""
    nodes = workflow["nodes"]
    for node in nodes:
        _known(node)
    if not triggers(nodes):
        raise Problem(
            400,
            "Workflow cannot be activated because it has no trigger node."
            " At least one trigger, webhook, or polling node is required.",
        )
    joined = _joined(workflow["connections"])
    found = {
        node["name"]: issues
        for node in nodes
        if not node.get("disabled")
        and (node["type"] in TRIGGERS or node["name"] in joined)
        and (issues := [*_credential_issues(node), *_parameter_issues(node)])
    }
    if found:
        told = "\n\n".join(
            f'Node "{name}":\n' + "\n".join(f"  - {issue}" for issue in issues)
            for name, issues in found.items()
        )
        plural = "" if len(found) == 1 else "s"
        raise Problem(
            400, f"Cannot publish workflow: {len(found)} node{plural} have configuration issues:\n\n{told}"
        )
    own = webhooks(nodes)
    taken = {
        place
        for other in others
        if other["id"] != workflow["id"] and other["activeVersionId"] is not None
        for place in webhooks(other["nodes"])
    }
    if len(own) != len(set(own)) or taken & set(own):
        raise Problem(409, "There is a conflict with one of the webhooks.")


def triggers(nodes: Iterable[Node]) -> list[Node]:
    return [node for node in nodes if node["type"] in TRIGGERS and not node.get("disabled")]


def webhooks(nodes: Iterable[Node]) -> list[tuple[str, str]]:
    """Method and path of every webhook node that listens."""
    return [
        (node["parameters"].get("httpMethod", "GET"), path_of(node))
        for node in nodes
        if node["type"] == WEBHOOK and not node.get("disabled")
    ]


def path_of(node: Node) -> str:
    """Where a webhook node answers; without a path of its own n8n uses its id."""
    path = str(node["parameters"].get("path") or node["webhookId"]).strip("/")
    return f"{node['webhookId']}/{path}" if "/:" in f"/{path}" else path


def credential_types(node: Node) -> list[str]:
    """The credentials that a node sends, by its parameters."""
    parameters = node["parameters"]
    if node["type"] == BASE + "httpRequest":
        kind = parameters.get("genericAuthType")
        return [kind] if parameters.get("authentication") == "genericCredentialType" and kind else []
    kind = AUTHENTICATION.get(node["type"], {}).get(str(parameters.get("authentication", "none")))
    return [kind] if kind else []


def _known(node: Node) -> None:
    kind, version = node["type"], node["typeVersion"]
    versions = NODES.get(kind)
    if versions is None:
        # n8n splits a type at its dot, and a type without one has no second part
        raise Problem(400, f"Unrecognized node type: {kind}" + ("" if "." in kind else ".undefined"))
    if version not in versions:
        known, short = ", ".join(str(one) for one in versions), kind.rpartition(".")[2]
        raise Problem(
            400,
            f'Node type "{short}" is not available in version {version}.'
            f" Available versions: {known}. Use the latest version {versions[-1]}.",
        )


def _credential_issues(node: Node) -> list[str]:
    if node["type"] == BASE + "httpRequest":
        return []  # n8n looks for generic credentials at the run only
    given = node.get("credentials", {})
    return [f"Missing required credential: {kind}" for kind in credential_types(node) if kind not in given]


def _parameter_issues(node: Node) -> list[str]:
    parameters, kind = node["parameters"], node["type"]
    missing = []
    if kind == BASE + "httpRequest" and not parameters.get("url"):
        missing = ["url"]
    elif kind == BASE + "splitOut" and not parameters.get("fieldToSplitOut"):
        missing = ["fieldToSplitOut"]
    elif kind == BASE + "stopAndError" and not _stop_message(parameters):
        missing = ["errorMessage"]
    elif kind == MCP_CLIENT:
        missing = [name for name in ("endpointUrl", "tool") if not _chosen(parameters.get(name))]
    elif kind == BASE + "set" and not _raw_object(parameters):
        missing = ["jsonOutput"]
    return [f"Missing or invalid required parameters: {', '.join(missing)}"] if missing else []


def _stop_message(parameters: Node) -> bool:
    return parameters.get("errorType") == "errorObject" or bool(parameters.get("errorMessage"))


def _chosen(value: Any) -> bool:
    return bool(value.get("value") if isinstance(value, dict) else value)


def _raw_object(parameters: Node) -> bool:
    text = parameters.get("jsonOutput")
    if parameters.get("mode") != "raw" or not isinstance(text, str) or text.startswith("="):
        return True
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _joined(connections: dict[str, Any]) -> set[str]:
    names = set(connections)
    for kinds in connections.values():
        for outputs in kinds.values():
            names |= {target["node"] for bucket in outputs or [] for target in bucket or []}
    return names
