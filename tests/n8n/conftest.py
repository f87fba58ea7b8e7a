"""The n8n that the contract is held against: the sandbox's, or the real one that REAL_N8N_URL names (`launch.py`)."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import Sandbox
from tests.n8n.platform import Platform, running
from vibekanban.clients.n8n.api import N8n
from vibekanban.clients.n8n.errors import Refused
from vibekanban.clients.n8n.shapes import Owner


def eventually(seen: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether it comes true: n8n answers before it has done what it was asked."""
    deadline = time.monotonic() + seconds
    while not (found := seen()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@dataclass(frozen=True)
class Place:
    """Where n8n is, and what opens it."""

    url: str
    key: str
    owner: Owner


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Place:
    """The server of these tests; the sandbox's is as new."""
    if url := os.environ.get("REAL_N8N_URL"):
        owner = Owner(os.environ["REAL_N8N_OWNER_EMAIL"], os.environ["REAL_N8N_OWNER_PASSWORD"])
        return Place(url, os.environ["REAL_N8N_KEY"], owner)
    sandbox: Sandbox = request.getfixturevalue("sandbox")
    return Place(f"{sandbox.url}/n8n/api/v1", sandbox.n8n_key, Owner(*sandbox.n8n_owner))


@pytest.fixture
def n8n(place: Place) -> Iterator[N8n]:
    """A client of a server that keeps nothing of this test afterwards."""
    with N8n(place.url, place.key, owner=place.owner) as client:
        yield client
        for workflow in list(client.workflows()):
            client.delete_workflow(workflow.id)
        for credential in list(client.credentials()):
            client.delete_credential(credential["id"])


@pytest.fixture
def platform() -> Iterator[Platform]:
    """Somebody's API that workflows call."""
    with running() as found:
        yield found


@dataclass(frozen=True)
class Outcome:
    """How a run ended: what each node gave, by output, and the error."""

    status: str
    error: str
    data: dict[str, list[dict[str, Any]]]

    def gave(self, node: str, output: int = 0) -> list[Any]:
        """The items of a node's last run."""
        outputs = self.data[node][-1]["data"]["main"]
        return [item["json"] for item in outputs[output]] if output < len(outputs) else []

    @property
    def ran(self) -> set[str]:
        return set(self.data)


@pytest.fixture
def outcome(n8n: N8n) -> Callable[..., Outcome]:
    """Runs a document once through its webhook and tells how it went."""

    def of(document: dict[str, Any], payload: Any = None, **settings: Any) -> Outcome:
        document["settings"] |= settings
        made = n8n.create_workflow(document)
        n8n.publish(made.id)
        path = document["nodes"][0]["parameters"]["path"]
        with contextlib.suppress(Refused):
            n8n.run(path, {} if payload is None else payload)
        assert eventually(lambda: any(run.stopped_at for run in n8n.executions(workflow_id=made.id)))
        run = n8n.execution(next(iter(n8n.executions(workflow_id=made.id))).id)
        return Outcome(run.status, run.error, run.data or {})

    return of
