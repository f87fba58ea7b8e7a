"""The environment that the product's processes are started with."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from vibekanban.core.settings import ROOT, Settings


def for_product(current: Settings) -> dict[str, str]:
    """This environment, with the virtual environment first on PATH and Reflex kept quiet and local."""
    programs = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath)
    return {
        **os.environ,
        "PATH": path if path.split(os.pathsep)[0] == programs else programs + os.pathsep + path,
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),
        "PROMETHEUS_MULTIPROC_DIR": os.environ.get("PROMETHEUS_MULTIPROC_DIR") or str(counters(current)),
        "REFLEX_DIR": str(current.data_dir.resolve() / "reflex"),
        "REFLEX_USE_SYSTEM_BUN": "1",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
    }


def adopt(current: Settings) -> None:
    """Give this process the environment of the product, before modules that read it are imported."""
    counters(current).mkdir(parents=True, exist_ok=True)
    os.environ.update(for_product(current))


def counters(current: Settings) -> Path:
    """The folder in which the processes of this machine add up their metrics."""
    return current.data_dir.resolve() / "metrics"


def for_serving(current: Settings) -> dict[str, str]:
    """The environment of a web process: serve the front end that was built, and compile nothing.

    The two names with `__` are internal to the pinned Reflex; `tests/e2e` would notice a change.
    """
    return {
        **for_product(current),
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_SKIP_COMPILE": "1",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "1",
        "REFLEX_LOG_JSON": "1" if current.json_logs else "0",
    }
