"""A gateway to a scripted Graph API, whose pauses are noted instead of slept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.clients.meta.scripted import Scripted, scripted
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core.queue import Lane
from vibekanban.core.settings import settings

TOKEN = "EAA" + "s3cr3t" * 8
Open = Callable[..., Gateway]


@pytest.fixture
def meta(redis: object) -> Iterator[Scripted]:
    with scripted() as script, pytest.MonkeyPatch.context() as environment:
        environment.setenv("META_GRAPH_URL", script.url)
        settings.cache_clear()
        yield script
    settings.cache_clear()


@pytest.fixture
def naps() -> list[float]:
    """The pauses that were made."""
    return []


@pytest.fixture
def opened(naps: list[float]) -> Open:
    """A gateway; of the account 701 and the lane of today unless told otherwise."""

    def open_gateway(**values: Any) -> Gateway:
        given = {"key": "connection", "lane": Lane.TODAY, "account": "701", "sleep": naps.append, **values}
        return Gateway(TOKEN, **given)

    return open_gateway
