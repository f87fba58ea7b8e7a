"""Credentials over the public API: what is in them goes in and never comes out."""

from __future__ import annotations

from typing import Any

from vibekanban.sandbox.n8n.calls import Call
from vibekanban.sandbox.n8n.known import CREDENTIALS, schema
from vibekanban.sandbox.n8n.problems import Problem, not_found
from vibekanban.sandbox.n8n.shelf import Entry, Shelf, an_id

SHOWN = ("id", "name", "type")
FLAGS = {
    "isManaged": False,
    "isGlobal": False,
    "isResolvable": False,
    "resolvableAllowFallback": False,
    "resolverId": None,
}


class Credentials:
    """Handlers of /credentials."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def create(self, call: Call) -> Entry:
        body = _body(call.body, required=("name", "type", "data"))
        kind, data = body["type"], body["data"]
        if kind not in CREDENTIALS:
            raise Problem(400, "req.body.type is not a known type")
        _fits(kind, data)
        chosen = body.get("id")
        if chosen is not None:
            if len(chosen) > 16:
                raise Problem(400, "request/body/id String must contain at most 16 character(s)")
            if self._shelf.credential(chosen):
                raise Problem(409, "A credential with this ID already exists")
        project = body.get("projectId") or self._shelf.owner["project"]
        if self._shelf.user(project) is None:
            raise Problem(404, "Project not found")
        now = self._shelf.now()
        entry = {
            "id": chosen or an_id(), "name": body["name"], "type": kind, "createdAt": now, "updatedAt": now,
            "data": data, "project": project,
        }  # fmt: skip
        self._shelf.keep_credential(entry)
        return _shown(entry)

    def listing(self, call: Call) -> Entry:
        """Newest first."""
        return call.page([self._listed(one) for one in reversed(self._shelf.credentials())])

    def _listed(self, entry: Entry) -> Entry:
        holder = self._shelf.user(entry["project"])
        times = {"createdAt": entry["createdAt"], "updatedAt": entry["updatedAt"]}
        shared = {"id": entry["project"], "name": project_name(holder), "role": "credential:owner", **times}
        return {**{key: entry[key] for key in SHOWN}, **times, "shared": [shared]}

    def read(self, _call: Call, credential_id: str) -> Entry:
        return _shown(self._found(credential_id))

    def change(self, call: Call, credential_id: str) -> Entry:
        """New values for the fields that are named; all of them, unless the data is said to be partial."""
        body = _body(call.body, required=())
        entry = self._found(credential_id)
        if "name" in body and not 3 <= len(body["name"]) <= 128:
            raise Problem(400, "Credential name must be 3 to 128 characters long.")
        if "data" in body:
            _fits(entry["type"], body["data"])
            partial = entry["data"] if body.get("isPartialData") else {}
            entry["data"] = {**partial, **body["data"]}
        entry |= {"name": body.get("name", entry["name"]), "updatedAt": self._shelf.now()}
        self._shelf.keep_credential(entry)
        return _shown(entry)

    def delete(self, _call: Call, credential_id: str) -> Entry:
        entry = self._shelf.credential(credential_id)
        if entry is None:
            raise not_found()
        self._shelf.drop_credential(entry)
        return {**_shown(entry), "usageScope": "project"}

    def test(self, _call: Call, credential_id: str) -> Entry:
        self._found(credential_id)
        return {"status": "Error", "message": "No testing function found for this credential."}

    def schema(self, _call: Call, kind: str) -> Entry:
        if kind not in CREDENTIALS:
            raise not_found()
        return schema(kind)

    def _found(self, credential_id: str) -> Entry:
        entry = self._shelf.credential(credential_id)
        if entry is None:
            raise Problem(404, "Credential not found")
        return entry


def project_name(user: Entry | None) -> str:
    if user is None:
        return ""
    names = " ".join(part for part in (user["firstName"], user["lastName"]) if part)
    return f"{names} <{user['email']}>".strip()


def _shown(entry: Entry) -> Entry:
    times = {"createdAt": entry["createdAt"], "updatedAt": entry["updatedAt"]}
    return {**{key: entry[key] for key in SHOWN}, **FLAGS, **times}


def _body(body: Any, required: tuple[str, ...]) -> Entry:
    if not isinstance(body, dict):
        raise Problem(400, "request/body must be object")
    for key in required:
        if key not in body:
            raise Problem(400, f"request/body must have required property '{key}'")
    if not isinstance(body.get("data", {}), dict):
        raise Problem(400, "request/body/data must be object")
    return body


def _fits(kind: str, data: Entry) -> None:
    """Hold the data against the schema of its type."""
    fields = CREDENTIALS[kind]
    for name, value in data.items():
        if name not in fields:
            raise Problem(400, f'request.body.data is not allowed to have the additional property "{name}"')
        if not isinstance(value, str):
            raise Problem(400, "request.body.data is not of a type(s) string")
        allowed = fields[name].get("enum")
        if allowed and value not in allowed:
            raise Problem(400, f"request.body.data is not one of enum values: {','.join(allowed)}")
