"""What wakes a workflow from outside: calls of its webhooks."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from vibekanban.sandbox.n8n.known import WEBHOOK
from vibekanban.sandbox.n8n.publishing import path_of
from vibekanban.sandbox.n8n.runs import Runs
from vibekanban.sandbox.n8n.shelf import Entry, Shelf, serving

HINT = (
    "The workflow must be active for a production URL to run successfully. You can activate the workflow using"
    " the toggle in the top-right of the editor. Note that unlike test URL calls, production URL calls aren't"
    " shown on the canvas (only in the executions list)"
)


class Webhooks:
    """The door of /webhook/…"""

    def __init__(self, shelf: Shelf, runs: Runs) -> None:
        self._shelf = shelf
        self._runs = runs

    async def __call__(self, request: Request) -> Response:
        path = request.path_params["path"].strip("/")
        found, methods = self._listening(request.method, path)
        if found is None:
            return _unregistered(request.method, path, methods)
        workflow, version, node, params = found
        refused = self._refused(node, request)
        if refused is not None:
            return refused
        item = {
            "headers": dict(request.headers), "params": params, "query": dict(request.query_params),
            "body": _body(request.headers.get("content-type", ""), await request.body()),
            "webhookUrl": f"{self._runs.origin}/webhook/{path}", "executionMode": "production",
        }  # fmt: skip
        _, task = self._runs.begin(
            workflow, version, node, [{"json": item, "pairedItem": {"item": 0}}], "webhook"
        )
        parameters = node["parameters"]
        status = _status(parameters)
        if parameters.get("responseMode", "onReceived") == "onReceived":
            return JSONResponse({"message": "Workflow was started"}, status)
        done = await asyncio.shield(task)
        return _answer(done, str(parameters.get("responseData", "firstEntryJson")), status)

    def _listening(
        self, method: str, path: str
    ) -> tuple[tuple[Entry, Entry, Entry, dict[str, str]] | None, list[str]]:
        """Who answers this call; and the methods that would be answered there."""
        methods: list[str] = []
        for workflow in self._shelf.published(path):
            number = serving(workflow)
            version = self._shelf.version(workflow["id"], number) if number else None
            for node in version["nodes"] if version else []:
                if node["type"] != WEBHOOK or node.get("disabled"):
                    continue
                params = _matched(path_of(node), path)
                if params is None or version is None:
                    continue
                own = str(node["parameters"].get("httpMethod", "GET"))
                if own == method:
                    return (workflow, version, node, params), methods
                methods.append(own)
        return None, methods

    def _refused(self, node: Entry, request: Request) -> Response | None:
        if node["parameters"].get("authentication", "none") != "headerAuth":
            return None
        named = node.get("credentials", {}).get("httpHeaderAuth", {})
        credential = self._shelf.credential(str(named.get("id")))
        if credential is None:
            return _wrong(500, "No authentication data defined on node!")
        wanted = str(credential["data"].get("value", ""))
        given = request.headers.get(str(credential["data"].get("name", "")), "")
        if not secrets.compare_digest(given.encode(), wanted.encode()):
            return _wrong(403, "Authorization data is wrong!")
        return None


def _matched(pattern: str, path: str) -> dict[str, str] | None:
    """The values of a path's `:names`; None when it is another path."""
    wanted, given = pattern.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    params = {}
    for one, other in zip(wanted, given, strict=True):
        if one.startswith(":"):
            params[one[1:]] = other
        elif one != other:
            return None
    return params


def _body(kind: str, content: bytes) -> Any:
    if not content:
        return {}
    if "json" in kind:
        try:
            return json.loads(content)
        except ValueError:
            return {}
    if "form-urlencoded" in kind:
        return dict(parse_qsl(content.decode("utf-8", "replace")))
    return content.decode("utf-8", "replace") if kind.startswith("text/") else {}


def _status(parameters: Entry) -> int:
    chosen = parameters.get("options", {}).get("responseCode", {}).get("values", {})
    number = chosen.get("responseCode", 200)
    return int(chosen.get("customCode", 200) if number == "customCode" else number)


def _answer(done: Entry, wanted: str, status: int) -> Response:
    result = done["data"]["resultData"]
    if done["status"] != "success":
        return JSONResponse({"message": "Error in workflow"}, 500)
    last = result["runData"][result["lastNodeExecuted"]][-1]
    items = last["data"]["main"][0] if last["data"]["main"] else []  # of its first output only
    if wanted == "noData":
        return Response(status_code=status)
    if wanted == "allEntries":
        return JSONResponse([item["json"] for item in items], status)
    if not items:
        return JSONResponse({"code": 0, "message": "No item to return was found"}, 500)
    return JSONResponse(items[0]["json"], status)


def _unregistered(method: str, path: str, methods: list[str]) -> Response:
    if methods:
        said = f"This webhook is not registered for {method} requests. Did you mean to make a {methods[0]} request?"
        return JSONResponse({"code": 404, "message": said}, 404)
    message = f'The requested webhook "{method} {path}" is not registered.'
    return JSONResponse({"code": 404, "message": message, "hint": HINT}, 404)


def _wrong(status: int, message: str) -> Response:
    return Response(message, status, media_type="text/html")
