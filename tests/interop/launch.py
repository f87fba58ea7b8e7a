"""Other people's MCP programs for tests: the conformance suite, the Inspector and the TypeScript SDK, pinned.

`python -m tests.interop.launch -- pytest tests/interop` runs a command with INTEROP_PROGRAMS set to their folder.
Needs the npm registry for the first start (about 200 MB), then nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests import others

HERE = Path(__file__).resolve().parent
ABSENT = HERE.parents[1] / ".interop-absent"


def main() -> int:
    """Run the command after `--`; its exit status, or 3 when the programs could not be had."""
    command = sys.argv[sys.argv.index("--") + 1 :]

    def run() -> int:
        folder = others.packages("interop", HERE)
        return subprocess.run(command, env={**os.environ, "INTEROP_PROGRAMS": str(folder)}).returncode

    return others.told("The tests against other people's MCP programs", ABSENT, run)


if __name__ == "__main__":
    sys.exit(main())
