"""What the server keeps: workflows with their versions, credentials, users and runs."""

from __future__ import annotations

import json
import secrets
import string
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.store import Store

Entry = dict[str, Any]
SETTLES = 0.05  # seconds after which a publishing, or its end, has come through; real ones
LETTERS = string.ascii_letters + string.digits
WORKFLOW, VERSION, CREDENTIAL, USER = "n8n-workflow", "n8n-version", "n8n-credential", "n8n-user"
FIRED = "n8n-fired"
KEPT = 10_000  # runs, the newest ones


def an_id() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(16))


def a_uuid() -> str:
    return str(uuid.uuid4())


def zulu(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Shelf:
    """The sandbox's store, in n8n's words; `owner` is the e-mail address of who set the server up."""

    def __init__(self, store: Store, clock: Clock, owner: str) -> None:
        self._store = store
        self._clock = clock
        self._owner = owner

    def now(self) -> str:
        return zulu(self._clock.now())

    # -- users and their projects

    @property
    def owner(self) -> Entry:
        """Who set the server up, made on first sight."""
        for user in self.users():
            if user["role"] == "global:owner":
                return user
        return self.add_user(self._owner, "global:owner", first="Sandbox", last="Owner")

    def users(self) -> list[Entry]:
        return [entry for _, entry in self._store.every(USER)]

    def user(self, key: str) -> Entry | None:
        """By id, e-mail address or personal project."""
        return next((one for one in self.users() if key in (one["id"], one["email"], one["project"])), None)

    def add_user(self, email: str, role: str, first: str | None = None, last: str | None = None) -> Entry:
        now = self.now()
        entry = {
            "id": a_uuid(), "email": email, "firstName": first, "lastName": last, "createdAt": now,
            "updatedAt": now, "isPending": first is None, "mfaEnabled": False, "role": role, "project": an_id(),
        }  # fmt: skip
        self._store.put(USER, "", entry["id"], entry)
        return entry

    def drop_user(self, user: Entry) -> None:
        for workflow in self.workflows(user["project"]):
            self.drop_workflow(workflow)
        for credential in self.credentials(user["project"]):
            self.drop_credential(credential)
        self._store.drop(USER, "", user["id"])

    # -- workflows

    def workflows(self, project: str | None = None) -> list[Entry]:
        """Oldest first."""
        found = [entry for _, entry in self._store.every(WORKFLOW)]
        return found if project is None else [one for one in found if one["project"] == project]

    def workflow(self, workflow_id: str) -> Entry | None:
        found = self._store.thing(WORKFLOW, workflow_id)
        return found[1] if found else None

    def keep_workflow(self, entry: Entry) -> None:
        self._store.put(WORKFLOW, "", entry["id"], entry)

    def published(self, path: str = "") -> list[Entry]:
        """Those that are, or were until a moment ago; of a webhook's path those that may know it."""
        # every way to write a webhook's address begins with words that stand in its workflow
        rows = self._store.rows(
            "SELECT entry FROM things WHERE kind = ? AND entry->>'turns' != '[]' AND instr(entry, ?) ORDER BY n",
            WORKFLOW, path.partition("/")[0] or "{",
        )  # fmt: skip
        return [json.loads(row[0]) for row in rows]

    def fired(self, workflow: str, rule: str) -> float | None:
        """When a rule of a schedule last woke its workflow."""
        found = self._store.thing(FIRED, f"{workflow}:{rule}")
        return found[1]["at"] if found else None

    def keep_fired(self, workflow: str, rule: str, at: float) -> None:
        self._store.put(FIRED, workflow, f"{workflow}:{rule}", {"at": at})

    def drop_workflow(self, entry: Entry) -> None:
        for kind in (VERSION, FIRED):
            self._store.write("DELETE FROM things WHERE kind = ? AND owner = ?", kind, entry["id"])
        self._store.write("DELETE FROM n8n_runs WHERE workflow = ?", entry["id"])
        self._store.drop(WORKFLOW, "", entry["id"])

    def versions(self, workflow_id: str) -> list[Entry]:
        return self._store.things(VERSION, workflow_id)

    def version(self, workflow_id: str, version: str) -> Entry | None:
        found = self._store.thing(VERSION, version)
        return found[1] if found and found[0] == workflow_id else None

    def keep_version(self, entry: Entry) -> None:
        self._store.put(VERSION, entry["workflowId"], entry["versionId"], entry)

    # -- credentials

    def credentials(self, project: str | None = None) -> list[Entry]:
        found = [entry for _, entry in self._store.every(CREDENTIAL)]
        return found if project is None else [one for one in found if one["project"] == project]

    def credential(self, credential_id: str) -> Entry | None:
        found = self._store.thing(CREDENTIAL, credential_id)
        return found[1] if found else None

    def keep_credential(self, entry: Entry) -> None:
        self._store.put(CREDENTIAL, "", entry["id"], entry)

    def drop_credential(self, entry: Entry) -> None:
        self._store.drop(CREDENTIAL, "", entry["id"])

    # -- runs

    def open_run(self, entry: Entry) -> Entry:
        number = self._store.write(
            "INSERT INTO n8n_runs (workflow, status, entry) VALUES (?, ?, ?)",
            entry["workflowId"], entry["status"], json.dumps(entry),
        )  # fmt: skip
        self._store.write("DELETE FROM n8n_runs WHERE n <= ?", number - KEPT)
        return {**entry, "id": str(number)}

    def keep_run(self, entry: Entry) -> None:
        """Write a run's state, unless its workflow has gone with all its runs meanwhile."""
        self._store.write(
            "UPDATE n8n_runs SET status = ?, entry = ? WHERE n = ?",
            entry["status"], json.dumps(entry, ensure_ascii=False), int(entry["id"]),
        )  # fmt: skip

    def drop_run(self, number: str) -> None:
        self._store.write("DELETE FROM n8n_runs WHERE n = ?", int(number))

    def run(self, number: int) -> Entry | None:
        row = self._store.row("SELECT entry FROM n8n_runs WHERE n = ?", number)
        return {**json.loads(row[0]), "id": str(number)} if row else None

    def runs(
        self,
        wanted: Callable[[Entry], bool],
        workflow: str | None = None,
        status: str | None = None,
        most: int = -1,
    ) -> list[Entry]:
        """Newest first."""
        rows = self._store.rows(
            "SELECT n, entry FROM n8n_runs WHERE (? IS NULL OR workflow = ?) AND (? IS NULL OR status = ?)"
            " ORDER BY n DESC LIMIT ?",
            workflow, workflow, status, status, most,
        )  # fmt: skip
        found = ({**json.loads(entry), "id": str(n)} for n, entry in rows)
        return [one for one in found if wanted(one)]


def serving(workflow: Entry) -> str | None:
    """The version whose triggers are awake now: publishing, and its end, come through a moment later."""
    now = time.time()
    for turn in workflow["turns"]:
        if turn["since"] <= now and (turn["until"] is None or now < turn["until"]):
            return str(turn["version"])
    return None


def settling(workflow: Entry) -> bool:
    """Whether it is still being unpublished."""
    now = time.time()
    return workflow["activeVersionId"] is None and any(
        turn["until"] is not None and turn["until"] > now for turn in workflow["turns"]
    )


def turn_over(workflow: Entry, version: str | None) -> None:
    """Let this version answer from a moment later on, and the one before until then."""
    at = time.time() + SETTLES
    workflow["turns"] = [
        {**turn, "until": at if turn["until"] is None else turn["until"]}
        for turn in workflow["turns"]
        if turn["until"] is None or turn["until"] > time.time()
    ]
    if version is not None:
        workflow["turns"].append({"version": version, "since": at, "until": None})
    workflow["activeVersionId"] = version
