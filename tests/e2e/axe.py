"""axe-core, which finds what keeps people out of a page; installed once."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from playwright.sync_api import Page

from vibekanban.core.settings import Settings

PACKAGE = "axe-core@4.14.1"
GRAVE = {"serious", "critical"}


@lru_cache
def _source() -> str:
    folder: Path = Settings.model_fields["data_dir"].default / "clients" / "axe"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test processes start together
        ready = folder / PACKAGE
        if not ready.exists():
            (folder / "package.json").write_text('{"private": true}')
            bun = Path(sys.executable).with_name("bun")  # what the pages are built with
            subprocess.run([bun, "add", "--exact", PACKAGE], cwd=folder, check=True, timeout=120)
            ready.touch()
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text()


def barriers(page: Page) -> list[str]:
    """What is seriously wrong with the page as it is shown now."""
    page.evaluate(_source())
    found = page.evaluate("async () => (await axe.run({resultTypes: ['violations']})).violations")
    return [
        f"{one['id']} ({one['impact']}): {json.dumps(node['target'])} {node.get('failureSummary', '')}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]
