"""How applications are loaded."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from vibekanban.runtime import loading


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_loaded_to_stay_is_not_collected_over_and_over() -> None:
    with loading.to_stay():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_a_failure_to_load_leaves_the_collector_on() -> None:
    with pytest.raises(ImportError), loading.to_stay():
        raise ImportError("no such module")
    assert gc.isenabled()
