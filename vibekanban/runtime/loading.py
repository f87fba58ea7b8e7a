"""The applications as server processes load them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


def web() -> Any:
    """Pages, events, API, MCP and webhooks."""
    return _made("vibekanban.vibekanban", "app")


def api() -> Any:
    """API, MCP and webhooks without the pages."""
    return _made("vibekanban.serving", "standalone")


def sandbox() -> Any:
    """The servers that play the outside services."""
    return _made("vibekanban.sandbox.app", "app")


def _made(module: str, factory: str) -> Any:
    with to_stay():
        return getattr(import_module(module), factory)()


@contextmanager
def to_stay() -> Iterator[None]:
    """What is loaded in the block stays until the process ends, so nobody looks for garbage in it.

    Neither in between, which is a quarter of the start, nor later, when it would only make requests wait.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
