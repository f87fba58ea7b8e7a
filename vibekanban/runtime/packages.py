"""Where installed packages that carry programs live."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from vibekanban.runtime.refusal import Refusal


def folder(package: str) -> Path:
    """The folder of a package, found without importing it: its wrappers are slow to load and not used."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise Refusal(f"The Python package {package} is missing: run `make run`, which installs it.")
    return Path(spec.origin).parent
