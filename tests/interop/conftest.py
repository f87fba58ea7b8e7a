"""Other people's MCP programs, installed by `launch.py`, and the application that they are pointed at."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import others
from tests.interop.proxy import proxied
from tests.mcp.conftest import Database, Server, a_tenant
from tests.mcp.limited import Limited, limited
from tests.mcp.test_sandbox import meta_token, tenant
from tests.served import served, server

__all__ = ["Limited", "limited", "meta_token", "served", "server", "tenant"]

PATIENCE = 120


@dataclass(frozen=True)
class Ended:
    """How a program ended."""

    status: int
    said: str
    complained: str

    @property
    def told(self) -> Any:
        """What it said, as JSON."""
        assert self.status == 0, self.said + self.complained
        return json.loads(self.said)


@dataclass(frozen=True)
class Programs:
    """The folder of `launch.py`, and one for what programs keep for themselves."""

    folder: Path
    home: Path

    def run(self, script: str, *arguments: str, given: Any = None) -> Ended:
        """A script by Node; `given` is JSON on its standard input."""
        done = subprocess.run(
            [others.NODE, self.folder / script, *arguments],
            cwd=self.folder,
            env=others.environment() | {"NO_COLOR": "1", "HOME": str(self.home)},
            input=json.dumps(given),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    return Programs(Path(os.environ["INTEROP_PROGRAMS"]), tmp_path_factory.mktemp("home"))


@pytest.fixture
def open_door(server: Server, database: Database) -> Iterator[str]:
    """The address of /mcp behind a proxy that shows the token, for programs that can not."""
    with proxied(f"{server.url}/mcp", a_tenant(database).token) as address:
        yield address
