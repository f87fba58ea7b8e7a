"""The n8n that the contract is held against: the server that REAL_N8N_URL names; see `launch.py`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import pytest

from vibekanban.clients.n8n.api import N8n
from vibekanban.clients.n8n.shapes import Owner


def eventually(seen: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether it comes true: n8n answers before it has done what it was asked."""
    deadline = time.monotonic() + seconds
    while not (found := seen()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@pytest.fixture
def n8n() -> Iterator[N8n]:
    """A client of a server that keeps nothing of this test afterwards."""
    owner = Owner(os.environ["REAL_N8N_OWNER_EMAIL"], os.environ["REAL_N8N_OWNER_PASSWORD"])
    with N8n(os.environ["REAL_N8N_URL"], os.environ["REAL_N8N_KEY"], owner=owner) as client:
        yield client
        for workflow in list(client.workflows()):
            client.delete_workflow(workflow.id)
        for credential in list(client.credentials()):
            client.delete_credential(credential["id"])
