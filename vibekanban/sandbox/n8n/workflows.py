"""Workflows over the public API: drafts, versions, publishing, archiving."""

from __future__ import annotations

import copy
from typing import Any

from vibekanban.sandbox.n8n import documents, publishing
from vibekanban.sandbox.n8n.calls import Call
from vibekanban.sandbox.n8n.known import WEBHOOK
from vibekanban.sandbox.n8n.problems import Problem, not_found
from vibekanban.sandbox.n8n.shelf import Entry, Shelf, a_uuid, an_id, settling, turn_over

OWN = ("project", "turns")  # what n8n keeps elsewhere


class Workflows:
    """Handlers of /workflows."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def create(self, call: Call) -> Entry:
        body = documents.checked(call.body)
        project = body.get("projectId") or self._shelf.owner["project"]
        if self._shelf.user(project) is None:
            raise Problem(404, "Project not found")
        now = self._shelf.now()
        entry = {
            "id": an_id(), "name": body["name"], "description": None, "active": False, "activeVersionId": None,
            "createdAt": now, "updatedAt": now, "isArchived": False, "versionId": a_uuid(), "versionCounter": 1,
            "sourceWorkflowId": None, "triggerCount": 0, "nodes": _nodes(body["nodes"]),
            "connections": body["connections"], "nodeGroups": body.get("nodeGroups", []),
            "settings": body["settings"], "staticData": body.get("staticData"),
            "pinData": body.get("pinData"), "meta": None, "project": project, "turns": [],
        }  # fmt: skip
        self._keep_version(entry)
        self._shelf.keep_workflow(entry)
        return self._shown(entry)

    def listing(self, call: Call) -> Entry:
        wanted = call.flag("active")
        project, name = call.query.get("projectId"), call.query.get("name")
        found = [
            one
            for one in self._shelf.workflows(project)
            if (wanted is None or (one["activeVersionId"] is not None) == wanted)
            and (name is None or name.lower() in one["name"].lower())
        ]
        bare = call.flag("excludePinnedData")
        shown = [self._shown(one) for one in found]
        return call.page([{**one, "pinData": None} for one in shown] if bare else shown)

    def read(self, _call: Call, workflow_id: str) -> Entry:
        return self._shown(self._found(workflow_id))

    def replace(self, call: Call, workflow_id: str) -> Entry:
        entry = self._shelf.workflow(workflow_id)
        body = documents.checked(call.body, replacing=True)
        if entry is None:
            raise _hidden("update")
        if entry["isArchived"]:
            raise Problem(400, "Cannot update an archived workflow.")
        kept = {node["id"]: node.get("webhookId") for node in entry["nodes"]}
        changed = {
            **entry,
            "name": body["name"],
            "nodes": _nodes(body["nodes"], kept),
            "connections": body["connections"],
            "settings": body["settings"],
            "versionId": a_uuid(),
            "versionCounter": entry["versionCounter"] + 1,
            "updatedAt": self._shelf.now(),
            **{
                key: body[key]
                for key in ("description", "staticData", "pinData", "nodeGroups")
                if key in body
            },
        }
        again = entry["activeVersionId"] is not None and call.query.get("publishIfActive") != "false"
        if again:
            publishing.check(changed, self._rivals(changed["nodes"]))
            turn_over(changed, changed["versionId"])
        self._keep_version(changed)
        self._shelf.keep_workflow(changed)
        return self._shown(changed)

    def publish(self, call: Call, workflow_id: str) -> Entry:
        entry = self._shelf.workflow(workflow_id)
        if entry is None:
            raise _hidden("activate")
        if entry["isArchived"]:
            raise Problem(400, "Cannot activate an archived workflow.")
        asked = (call.body or {}).get("versionId") or entry["versionId"]
        version = self._shelf.version(workflow_id, asked)
        if version is None:
            raise Problem(404, "Version not found")
        publishing.check({**entry, **_content(version)}, self._rivals(version["nodes"]))
        if entry["activeVersionId"] != asked:
            turn_over(entry, asked)
        entry["triggerCount"] = len(publishing.triggers(version["nodes"]))
        self._shelf.keep_workflow(entry)
        return self._shown(entry)

    def unpublish(self, _call: Call, workflow_id: str) -> Entry:
        entry = self._shelf.workflow(workflow_id)
        if entry is None:
            raise _hidden("deactivate")
        self._stop(entry)
        return self._shown(entry)

    def archive(self, _call: Call, workflow_id: str) -> Entry:
        entry = self._shelf.workflow(workflow_id)
        if entry is None:
            raise Problem(404, "Workflow not found")
        if not entry["isArchived"]:
            self._stop(entry)
            entry |= {"isArchived": True, "versionId": a_uuid(), "updatedAt": self._shelf.now()}
            self._keep_version(entry)
            self._shelf.keep_workflow(entry)
        return self._shown(entry)

    def unarchive(self, _call: Call, workflow_id: str) -> Entry:
        entry = self._shelf.workflow(workflow_id)
        if entry is None:
            raise Problem(404, "Workflow not found")
        if not entry["isArchived"]:
            raise Problem(400, "Workflow is not archived.")
        entry |= {"isArchived": False, "versionId": a_uuid(), "updatedAt": self._shelf.now()}
        self._keep_version(entry)
        self._shelf.keep_workflow(entry)
        return self._shown(entry)

    def delete(self, _call: Call, workflow_id: str) -> Entry:
        entry = self._found(workflow_id)
        may_go(entry)
        self._shelf.drop_workflow(entry)
        return self._shown(entry)

    def history(self, call: Call, workflow_id: str) -> Entry:
        self._found(workflow_id)
        shown = ("versionId", "workflowId", "authors", "name", "description", "createdAt", "updatedAt")
        found = reversed(self._shelf.versions(workflow_id))
        return call.page([{key: version[key] for key in shown} for version in found])

    def version(self, _call: Call, workflow_id: str, version_id: str) -> Entry:
        self._found(workflow_id)
        found = self._shelf.version(workflow_id, version_id)
        if found is None:
            raise Problem(404, "Version not found")
        return {key: value for key, value in found.items() if key != "settings"}

    def _found(self, workflow_id: str) -> Entry:
        entry = self._shelf.workflow(workflow_id)
        if entry is None:
            raise not_found()
        return entry

    def _rivals(self, nodes: list[dict[str, Any]]) -> list[Entry]:
        """Who may listen where these nodes want to."""
        return [one for _, path in publishing.webhooks(nodes) for one in self._shelf.published(path)]

    def _stop(self, entry: Entry) -> None:
        if entry["activeVersionId"] is not None:
            turn_over(entry, None)
        self._shelf.keep_workflow(entry)

    def _keep_version(self, entry: Entry) -> None:
        now = self._shelf.now()
        self._shelf.keep_version(
            {
                "versionId": entry["versionId"], "workflowId": entry["id"], "nodes": entry["nodes"],
                "connections": entry["connections"], "nodeGroups": entry["nodeGroups"],
                "authors": "Sandbox Owner", "name": None, "description": None, "autosaved": False,
                "createdAt": now, "updatedAt": now,
            }
        )  # fmt: skip

    def _shown(self, entry: Entry) -> Entry:
        active = entry["activeVersionId"]
        version = self._shelf.version(entry["id"], active) if active else None
        shared = {
            "role": "workflow:owner", "workflowId": entry["id"], "projectId": entry["project"],
            "createdAt": entry["createdAt"], "updatedAt": entry["createdAt"],
        }  # fmt: skip
        return {
            **{key: value for key, value in entry.items() if key not in OWN},
            "active": active is not None, "tags": [], "shared": [shared], "activeVersion": version,
        }  # fmt: skip


def may_go(entry: Entry) -> None:
    """Refuse to delete what is published, or was until a moment ago."""
    if entry["activeVersionId"] is not None:
        raise Problem(409, "Cannot delete a published workflow. Unpublish it before deleting.")
    if settling(entry):
        raise Problem(409, "Workflow is still being unpublished. Please try again in a few moments.")


def _nodes(nodes: list[dict[str, Any]], kept: dict[str, str | None] | None = None) -> list[dict[str, Any]]:
    """The nodes with the ids that n8n gives where none came."""
    made = copy.deepcopy(nodes)
    for node in made:
        node["id"] = node.get("id") or a_uuid()
        node.setdefault("typeVersion", 1)
        node.setdefault("parameters", {})
        if node["type"] == WEBHOOK and not node.get("webhookId"):
            node["webhookId"] = (kept or {}).get(node["id"]) or a_uuid()
    return made


def _content(version: Entry) -> Entry:
    return {"nodes": version["nodes"], "connections": version["connections"]}


def _hidden(what: str) -> Problem:
    return Problem(
        404, f"You do not have permission to {what} this workflow. Ask the owner to share it with you."
    )
