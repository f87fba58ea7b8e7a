"""What a workflow's document must be to be taken: the whitelists of keys, their types, the structure."""

from __future__ import annotations

from typing import Any

from vibekanban.sandbox.n8n.problems import Problem

READ_ONLY = frozenset(
    {"id", "active", "createdAt", "updatedAt", "isArchived", "versionId", "triggerCount", "meta", "tags", "activeVersion"}
)  # fmt: skip
NODE: dict[str, type | tuple[type, ...]] = {
    "id": str, "name": str, "webhookId": str, "disabled": bool, "notesInFlow": bool, "notes": str, "type": str,
    "typeVersion": (int, float), "executeOnce": bool, "alwaysOutputData": bool, "retryOnFail": bool,
    "maxTries": (int, float), "waitBetweenTries": (int, float), "continueOnFail": bool, "onError": str,
    "position": list, "parameters": dict, "credentials": dict, "customTelemetryTags": dict,
}  # fmt: skip
SETTINGS: dict[str, Any] = {
    "saveExecutionProgress": bool, "saveManualExecutions": bool, "saveDataErrorExecution": ("all", "none"),
    "saveDataSuccessExecution": ("all", "none"), "executionTimeout": (int, float), "errorWorkflow": str,
    "timezone": str, "executionOrder": str, "binaryMode": ("separate", "combined"),
    "callerPolicy": ("any", "none", "workflowsFromAList", "workflowsFromSameOwner"), "callerIds": str,
    "timeSavedMode": ("fixed", "dynamic"), "timeSavedPerExecution": (int, float),
    "redactionPolicy": ("none", "non-manual", "manual-only", "all"), "availableInMCP": bool,
    "customTelemetryTags": list, "credentialResolverId": str,
}  # fmt: skip
WORDS = {
    str: "string",
    bool: "boolean",
    list: "array",
    dict: "object",
    type(None): "null",
    int: "number",
    float: "number",
}
REQUIRED = ("name", "nodes", "connections", "settings")
OPTIONAL = {"nodeGroups": list, "projectId": str}
UNCHECKED = frozenset({"staticData", "pinData", "shared"})


def checked(body: Any, *, replacing: bool = False) -> dict[str, Any]:
    """The document; Problem says what is wrong with it first."""
    where = "request/body"
    if not isinstance(body, dict):
        raise _wrong(where, dict, body)
    for key in READ_ONLY & body.keys():
        raise Problem(400, f"{where}/{key} is read-only")
    for key in REQUIRED:
        if key not in body and key == "connections":
            raise Problem(400, f"{where}/{key} must be object")
        if key not in body:
            raise Problem(400, f"{where} must have required property '{key}'")
    further = {"description"} if replacing else {"projectId", "parentFolderId"}
    known = {*REQUIRED, *further, *UNCHECKED, "nodeGroups"}
    _no_others(body, known, where)
    for key, kind in {"name": str, "nodes": list, "connections": dict, "settings": dict, **OPTIONAL}.items():
        if key in body:
            _is(body[key], kind, f"{where}/{key}")
    if isinstance(body.get("staticData"), str):
        raise Problem(400, f"{where}/staticData must be a JSON string")
    for number, node in enumerate(body["nodes"]):
        _node(node, f"{where}/nodes/{number}")
    _settings(body["settings"], f"{where}/settings")
    if not 1 <= len(body["name"]) <= 128:
        raise Problem(400, "Workflow name must be 1 to 128 characters long.")
    found = _structure(body["nodes"], body["connections"])
    if found:
        raise Problem(400, "Workflow structure is invalid. " + "; ".join(found))
    return body


def _node(node: Any, where: str) -> None:
    _is(node, dict, where)
    for key in {"createdAt", "updatedAt"} & node.keys():
        raise Problem(400, f"{where}/{key} is read-only")
    _no_others(node, NODE, where)
    for key, value in node.items():
        _is(value, NODE[key], f"{where}/{key}")
    for number, value in enumerate(node.get("position", [])):
        _is(value, (int, float), f"{where}/position/{number}")


def _settings(chosen: dict[str, Any], where: str) -> None:
    _no_others(chosen, SETTINGS, where)
    for key, value in chosen.items():
        kind = SETTINGS[key]
        if isinstance(kind, tuple) and isinstance(kind[0], str):
            _one_of(value, kind, f"{where}/{key}")
        else:
            _is(value, kind, f"{where}/{key}")


def _structure(nodes: list[dict[str, Any]], connections: dict[str, Any]) -> list[str]:
    """Every fault of the nodes and of what joins them, in n8n's words."""
    shape = [fault for number, node in enumerate(nodes) for fault in _shape(node, f"nodes[{number}]")]
    shape += [
        fault
        for source, kinds in connections.items()
        for kind, place, target in _targets(kinds)
        for fault in _link(target, f"connections.{source}.{kind}{place}")
    ]
    if shape:
        return shape
    found, ids, names = [], dict[str, str](), set[str]()
    for number, node in enumerate(nodes):
        name, key = node["name"], node.get("id")
        if key in ids:
            said = f'Nodes "{ids[key]}" and "{name}" share the node ID "{key}"'
            found.append(f"nodes[{number}].id (duplicate_node_id): {said}")
        elif key:
            ids[key] = name
        if name in names:
            found.append(f'nodes[{number}].name (duplicate_node_name): Duplicate node name "{name}"')
        names.add(name)
    for source, kinds in connections.items():
        if source not in names:
            said = f'Connection source "{source}" does not reference an existing node'
            found.append(f"connections.{source} (unknown_connection_source): {said}")
        for kind, place, target in _targets(kinds):
            if target["node"] not in names:
                said = f'Connection target "{target["node"]}" does not reference an existing node'
                where = f"connections.{source}.{kind}{place}.node"
                found.append(f"{where} (unknown_connection_target): {said}")
    return found


def _shape(node: dict[str, Any], where: str) -> list[str]:
    found = []
    for key in ("name", "type"):
        if key not in node:
            found.append(f"{where}.{key} (invalid_type): Required")
        elif not node[key]:
            found.append(f"{where}.{key} (too_small): String must contain at least 1 character(s)")
    if "position" not in node:
        found.append(f"{where}.position (invalid_type): Required")
    elif len(node["position"]) < 2:
        found.append(f"{where}.position (too_small): Array must contain at least 2 element(s)")
    elif len(node["position"]) > 2:
        found.append(f"{where}.position (too_big): Array must contain at most 2 element(s)")
    return found


def _link(target: Any, where: str) -> list[str]:
    if not isinstance(target, dict):
        return [f"{where} (invalid_type): Expected object, received {_word(target)}"]
    found = []
    for key, kind in {"node": str, "type": str, "index": int}.items():
        if key not in target:
            found.append(f"{where}.{key} (invalid_type): Required")
        elif not isinstance(target[key], kind) or isinstance(target[key], bool):
            words = f"Expected {WORDS[kind]}, received {_word(target[key])}"
            found.append(f"{where}.{key} (invalid_type): {words}")
    return found


def _targets(kinds: Any) -> list[tuple[str, str, Any]]:
    """Kind of connection, place in its lists, and what stands there."""
    if not isinstance(kinds, dict):
        return []
    return [
        (kind, f"[{output}][{number}]", target)
        for kind, outputs in kinds.items()
        for output, bucket in enumerate(outputs or [])
        for number, target in enumerate(bucket or [])
    ]


def _no_others(body: dict[str, Any], known: Any, where: str) -> None:
    strange = [key for key in body if key not in known]
    if strange:
        named = ", ".join(f"'{key}'" for key in strange)
        raise Problem(400, f"{where} Unrecognized key(s) in object: {named}")


def _one_of(value: Any, allowed: tuple[str, ...], where: str) -> None:
    if value not in allowed:
        named = " | ".join(f"'{one}'" for one in allowed)
        raise Problem(400, f"{where} Invalid enum value. Expected {named}, received '{value}'")


def _is(value: Any, kind: Any, where: str) -> None:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise _wrong(where, kind, value)


def _wrong(where: str, kind: Any, value: Any) -> Problem:
    wanted = WORDS[kind[0] if isinstance(kind, tuple) else kind]
    return Problem(400, f"{where} Expected {wanted}, received {_word(value)}")


def _word(value: Any) -> str:
    return WORDS.get(type(value), "unknown")
