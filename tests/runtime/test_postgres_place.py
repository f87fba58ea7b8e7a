"""Where the embedded PostgreSQL keeps its data when it runs as another user than root."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from vibekanban.runtime import postgres_user
from vibekanban.runtime.refusal import Refusal


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of a start as root, in a checkout that other users can enter."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(postgres_user, "_database_user", lambda: pwd.getpwuid(os.getuid()))
    monkeypatch.setattr(postgres_user, "ELSEWHERE", tmp_path / "var")
    monkeypatch.setattr(postgres_user, "_reachable", lambda folder: "closed" not in str(folder))
    (tmp_path / "var").mkdir()
    return tmp_path / "checkout" / ".data"


def test_data_lives_in_the_data_folder(data: Path) -> None:
    assert postgres_user.place(data).cluster == data / "postgres"


def test_a_folder_that_the_user_cannot_enter_sends_the_data_elsewhere(data: Path) -> None:
    closed = data.parent / "closed" / ".data"
    assert postgres_user.place(closed).moved
    assert postgres_user.place(closed).cluster.is_relative_to(data.parents[1] / "var")


def test_data_that_lives_elsewhere_stays_there_when_the_folder_opens(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = data.parent / "closed" / ".data"
    first = postgres_user.place(closed).cluster
    first.mkdir()
    monkeypatch.setattr(postgres_user, "_reachable", lambda _folder: True)
    assert postgres_user.place(closed).cluster == first


def test_a_folder_that_closes_over_its_data_is_refused_not_emptied(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres_user.place(data).cluster.mkdir()
    monkeypatch.setattr(postgres_user, "_reachable", lambda folder: folder != data)
    with pytest.raises(Refusal, match="cannot enter"):
        postgres_user.place(data)
