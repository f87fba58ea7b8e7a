"""The n8n that the contract is held against: the sandbox's, or the real one that REAL_N8N_URL names (`launch.py`)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import Sandbox
from vibekanban.clients.n8n.api import N8n
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
