"""Executions over the public API: listing, detail, retry, stop."""

from __future__ import annotations

from datetime import datetime

from vibekanban.sandbox.n8n.calls import Call
from vibekanban.sandbox.n8n.problems import Problem, not_found
from vibekanban.sandbox.n8n.runs import Runs
from vibekanban.sandbox.n8n.shelf import Entry, Shelf

STATES = ("canceled", "crashed", "error", "new", "running", "success", "unknown", "waiting")


class Executions:
    """Handlers of /executions."""

    def __init__(self, shelf: Shelf, runs: Runs) -> None:
        self._shelf = shelf
        self._runs = runs

    def listing(self, call: Call) -> Entry:
        query = call.query
        status, project = query.get("status"), query.get("projectId")
        if status is not None and status not in STATES:
            named = " | ".join(f"'{one}'" for one in STATES)
            raise Problem(
                400, f"request/query/status Invalid enum value. Expected {named}, received '{status}'"
            )
        since = _moment(query.get("startedAfter"), "startedAfter")
        until = _moment(query.get("startedBefore"), "startedBefore")

        def wanted(run: Entry) -> bool:
            started = datetime.fromisoformat(run["startedAt"])
            return (
                # what still runs is listed to those only who ask for it
                (run["status"] == status or (status is None and run["status"] != "running"))
                and (project is None or run["project"] == project)
                and (since is None or started > since)
                and (until is None or started < until)
            )

        found = self._shelf.runs(wanted, query.get("workflowId"), status)
        with_data = bool(call.flag("includeData"))
        return call.page([_shown(run, with_data=with_data) for run in found])

    def read(self, call: Call, number: str) -> Entry:
        run = self._shelf.run(_id(number))
        if run is None:
            raise not_found()
        return _shown(run, with_data=bool(call.flag("includeData")))

    async def retry(self, call: Call, number: str) -> Entry:
        self._any_workflow()
        newest = bool(call.body and call.body.get("loadWorkflow"))
        return _shown(await self._runs.retry(str(_id(number)), newest=newest), with_data=False)

    def _any_workflow(self) -> None:
        """Whose key sees no workflow at all is told no more than that."""
        if not self._shelf.workflows():
            raise not_found()

    async def stop(self, _call: Call, number: str) -> Entry:
        self._any_workflow()
        run = await self._runs.stop(str(_id(number)))
        shown = ("mode", "startedAt", "stoppedAt", "status", "finished")
        return {key: run[key] for key in shown}


def _id(number: str) -> int:
    if not number.isdigit() or not int(number):
        raise Problem(400, "request/params/executionId must be a positive integer")
    return int(number)


def _moment(text: str | None, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Problem(400, f"request/query/{name} Invalid datetime")
    return found


def _shown(run: Entry, *, with_data: bool) -> Entry:
    hidden = {"project"} if with_data else {"project", "data", "workflowData", "customData"}
    return {key: value for key, value in run.items() if key not in hidden}
