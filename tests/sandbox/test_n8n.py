"""What only the sandbox's n8n promises; the contract it shares with the real one is in `tests/n8n`."""

from __future__ import annotations

from vibekanban.clients.n8n import documents
from vibekanban.sandbox.n8n import known


def test_the_sandbox_runs_what_strategies_may_use() -> None:
    assert known.RUNS == documents.ALLOWED


def test_every_version_that_runs_is_one_of_n8n() -> None:
    assert known.NODES.keys() == known.RUNS.keys()
    assert all(set(versions) <= set(known.NODES[kind]) for kind, versions in known.RUNS.items())
