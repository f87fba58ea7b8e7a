"""Runs from their start to what is kept of them: limits, stopping, retrying, the workflow of errors."""

from __future__ import annotations

import asyncio
from typing import Any

from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.n8n.engine import Course, Turn
from vibekanban.sandbox.n8n.known import ERRORS
from vibekanban.sandbox.n8n.problems import NodeFailed, Problem
from vibekanban.sandbox.n8n.shelf import Entry, Shelf
from vibekanban.sandbox.n8n.steps import Item

ENDED = ("success", "error", "canceled", "crashed")


class Runs:
    """Everything that runs, and ran."""

    def __init__(self, shelf: Shelf, clock: Clock) -> None:
        self._shelf = shelf
        self._clock = clock
        self._tasks: dict[str, asyncio.Task[Entry]] = {}
        self.origin = ""  # where n8n's own addresses begin; known with the first request

    def start(
        self,
        workflow: Entry,
        version: Entry,
        turn: Turn,
        mode: str,
        *,
        retry_of: str | None = None,
        before: dict[str, list[dict[str, Any]]] | None = None,
    ) -> tuple[Entry, asyncio.Task[Entry]]:
        """Begin at a node; the run as it stands, and the task that gives it when it has ended."""
        now = self._shelf.now()
        document = {
            "id": workflow["id"], "name": workflow["name"], "nodes": version["nodes"],
            "connections": version["connections"], "settings": workflow["settings"], "active": True,
        }  # fmt: skip
        run = self._shelf.open_run(
            {
                "finished": False, "mode": mode, "retryOf": retry_of, "retrySuccessId": None,
                "status": "running", "createdAt": now, "startedAt": now, "stoppedAt": None, "deletedAt": None,
                "workflowId": workflow["id"], "waitTill": None, "workflowVersionId": version["versionId"],
                "data": None, "workflowData": document, "customData": {}, "project": workflow["project"],
            }
        )  # fmt: skip
        course = self._course(run, document)
        course.turns.append(turn)
        course.run_data.update(before or {})
        task = asyncio.create_task(self._through(run, course))
        self._tasks[run["id"]] = task
        task.add_done_callback(lambda _: self._tasks.pop(run["id"], None))
        return run, task

    def begin(
        self, workflow: Entry, version: Entry, trigger: Entry, items: list[Item], mode: str
    ) -> tuple[Entry, asyncio.Task[Entry]]:
        """Begin at a trigger, with what woke it."""
        return self.start(workflow, version, Turn(trigger["name"], [items], []), mode)

    async def retry(self, number: str, *, newest: bool) -> Entry:
        """Run a failed one again from the node that failed on, with the workflow of then or the newest."""
        old = self._shelf.run(int(number))
        if old is None:
            raise Problem(404, f'The execution with the ID "{number}" does not exist.')
        if old["status"] not in ("error", "canceled", "crashed"):
            raise Problem(409, "The execution succeeded, so it cannot be retried.")
        workflow = self._shelf.workflow(old["workflowId"])
        if workflow is None or not old["data"]:
            raise Problem(409, "The execution cannot be retried.")
        result = old["data"]["resultData"]
        before = {name: list(runs) for name, runs in result["runData"].items()}
        failed = result["lastNodeExecuted"]
        last = before[failed].pop() if before.get(failed) else {"source": []}
        before = {name: runs for name, runs in before.items() if runs}
        inputs = [_given(before, source) for source in last["source"]] or [[{"json": {}}]]
        version = workflow if newest else {**old["workflowData"], "versionId": old["workflowVersionId"]}
        turn = Turn(failed, inputs, last["source"])
        _, task = self.start(workflow, version, turn, "retry", retry_of=number, before=before)
        done = await asyncio.shield(task)
        if done["status"] == "success":
            self._shelf.keep_run({**old, "retrySuccessId": done["id"]})
        return done

    async def stop(self, number: str) -> Entry:
        task = self._tasks.get(number)
        run = self._shelf.run(int(number))
        if run is None:
            raise Problem(404, "Failed to find execution to stop")
        if task is None:
            raise Problem(
                409,
                f"Only running or waiting executions can be stopped and {number} is currently {run['status']}",
            )
        task.cancel()
        return await task

    def recover(self) -> None:
        """What ran when the server was killed has crashed."""
        for run in self._shelf.runs(lambda one: one["status"] == "running", status="running"):
            self._shelf.keep_run({**run, "status": "crashed", "stoppedAt": self._shelf.now()})

    def abandon(self) -> None:
        """Everything ends where it stands."""
        for task in list(self._tasks.values()):
            task.cancel()

    def _course(self, run: Entry, document: dict[str, Any]) -> Course:
        settings = document["settings"]
        constants = {
            "nodes": [node["name"] for node in document["nodes"]],
            "parameters": {node["name"]: node["parameters"] for node in document["nodes"]},
            "workflow": {"id": document["id"], "name": document["name"], "active": True},
            "execution": {
                "id": run["id"],
                "mode": "production",
                "resumeUrl": f"{self.origin}/webhook-waiting/{run['id']}",
            },
            "timezone": settings.get("timezone") or "UTC",
            "now": int(self._clock.now() * 1000),
        }
        return Course(
            document,
            constants,
            lambda node, kind: self._credential(run["project"], node, kind),
            self._clock.now,
        )

    def _credential(self, project: str, node: dict[str, Any], kind: str) -> dict[str, Any]:
        """The data of the credential that a node names, if its project has it."""
        named = node.get("credentials", {}).get(kind)
        if not named:
            raise NodeFailed("Credentials not found")
        found = self._shelf.credential(str(named.get("id")))
        if found is None or found["type"] != kind:
            raise NodeFailed(f'Credential with ID "{named.get("id")}" does not exist for type "{kind}".')
        # what belongs to the one who set the server up is theirs alone, and theirs may use everything
        if found["project"] != project and project != self._shelf.owner["project"]:
            raise NodeFailed(
                f'Node "{node["name"]}" does not have access to the credential', name="CredentialAccessError"
            )
        return found["data"]

    async def _through(self, run: Entry, course: Course) -> Entry:
        limit = course.document["settings"].get("executionTimeout")
        status = "success"
        try:
            async with asyncio.timeout(limit if limit and limit > 0 else None):
                await course.run()
            status = "error" if course.error else "success"
        except (TimeoutError, asyncio.CancelledError):
            status = "canceled"
        except Exception as error:
            status, course.error = "error", {"message": f"{type(error).__name__}: {error}", "name": "Error"}
        done = {
            **run,
            "status": status,
            "finished": status == "success",
            "stoppedAt": self._shelf.now(),
            "data": course.data,
        }
        self._keep(done, course)
        if status == "error":
            self._tell(done, course)
        return done

    def _keep(self, done: Entry, course: Course) -> None:
        wanted = "saveDataSuccessExecution" if done["status"] == "success" else "saveDataErrorExecution"
        if course.document["settings"].get(wanted, "all") == "none":
            self._shelf.drop_run(done["id"])
        else:
            self._shelf.keep_run(done)

    def _tell(self, done: Entry, course: Course) -> None:
        """Start the workflow that wants to know of this one's failures."""
        number = course.document["settings"].get("errorWorkflow")
        told = self._shelf.workflow(number) if number else None
        version = (
            told and told["activeVersionId"] and self._shelf.version(told["id"], told["activeVersionId"])
        )
        if not told or not version or done["mode"] == "error":
            return
        trigger = next((node for node in version["nodes"] if node["type"] == ERRORS), None)
        if trigger is None:
            return
        error = course.error or {}
        item = {
            "execution": {
                "id": done["id"], "url": f"{self.origin}/workflow/{done['workflowId']}/executions/{done['id']}",
                "retryOf": done["retryOf"], "error": error, "lastNodeExecuted": course.last, "mode": done["mode"],
            },
            "workflow": {"id": done["workflowId"], "name": course.document["name"]},
        }  # fmt: skip
        self.begin(told, version, trigger, [{"json": item, "pairedItem": {"item": 0}}], "error")


def _given(run_data: dict[str, list[dict[str, Any]]], source: dict[str, Any]) -> list[Item]:
    """What a node had given to the one that failed."""
    runs = run_data.get(source.get("previousNode", ""), [])
    number, output = source.get("previousNodeRun", 0), source.get("previousNodeOutput", 0)
    main = runs[number]["data"]["main"] if number < len(runs) else []
    return main[output] if output < len(main) else []
