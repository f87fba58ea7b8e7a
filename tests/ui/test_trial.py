"""Trying an alert on history goes on beside everything else, says how far it is, and ends with whoever wanted it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlmodel import Session, col, delete

from tests.factories.tenants import Tenant, a_tenant
from tests.ui.browser import RULES, Tab, running
from vibekanban.core import columns
from vibekanban.domains.accounts.models import UserSession
from vibekanban.domains.alerts import backtest, engine
from vibekanban.domains.meta.models import MetaAccount
from vibekanban.ui.alerts import trial_state
from vibekanban.ui.alerts.words import Line

Database = Callable[[], AbstractContextManager[Session]]
BEGIN, STOP, LOAD, PUT = (
    next(name for name in RULES if name.endswith(end))
    for end in ("trial.begin", "trial.stop", "alerts.load", "alerts.put")
)


@dataclass
class Judging:
    """The engine under the test's thumb: the first piece is judged, the second waits for `go`."""

    go: threading.Event
    looked: asyncio.Event
    pieces: int = 0
    wanted: bool = True

    async def until(self, shown: Callable[[], bool]) -> None:
        """The page has shown that, which it does when it looks how far the judging is."""
        while not shown():
            self.looked.clear()
            await asyncio.wait_for(self.looked.wait(), 20)


@pytest.fixture
def judging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Judging]:
    monkeypatch.setattr(backtest, "PIECE", 1)
    monkeypatch.setattr(backtest, "SHORTEST", 7)
    monkeypatch.setattr(trial_state, "LOOK", 0.01)
    held, adding_up = Judging(threading.Event(), asyncio.Event()), engine.add_up
    shown = trial_state._shown

    async def heard(*args: Any, **wanted: bool) -> bool:
        held.wanted = await shown(*args, **wanted)
        held.looked.set()
        return held.wanted

    def slowly(*args: Any) -> None:
        held.pieces += 1
        if held.pieces == 2:
            held.go.wait(20)
        adding_up(*args)

    monkeypatch.setattr(trial_state, "_shown", heard)
    monkeypatch.setattr(engine, "add_up", slowly)
    yield held
    held.go.set()


@pytest.fixture
def owner(database: Database) -> Tenant:
    with database() as session:
        owner = a_tenant(session, "Propia")
        session.get_one(MetaAccount, owner.ids["account"]).today_synced_at = columns.now()
    return owner


def drafted(owner: Tenant) -> Tab:
    tab = Tab(owner.cookie, "/app/alerts")
    draft = tab.state("Alerts")
    draft.draft |= {"name": "Gasto", "account": str(owner.ids["account"]), "window": "yesterday"}
    draft.lines = [Line(value="1")]
    return tab


async def under_way(tab: Tab, judging: Judging) -> asyncio.Task[Any]:
    """Trying that has judged a piece and is in the middle of the next one."""
    going = asyncio.ensure_future(tab.send(BEGIN))
    trial = tab.state("Trial")
    await judging.until(lambda: trial.percent > 0)
    assert (trial.running, trial.percent, trial.reached) == (True, 25, "7 de 28 momentos")
    return going


def test_it_is_followed_and_tells_what_it_found(owner: Tenant, judging: Judging) -> None:
    async def tried() -> Any:
        tab = drafted(owner)
        going = await under_way(tab, judging)
        judging.go.set()
        await going
        return tab.state("Trial")

    trial = running(tried)
    assert (trial.running, judging.pieces, trial.wrong) == (False, 4, "")
    assert trial.said.startswith("Del ")


def ended_by(owner: Tenant, judging: Judging, end: Callable[[Tab], Awaitable[object]]) -> Any:
    """The state of a trial that ended while its second piece was judged; no third was."""

    async def tried() -> Any:
        tab = drafted(owner)
        going = await under_way(tab, judging)
        under = tab.state("Trial")
        await end(tab)
        await judging.until(lambda: not judging.wanted)
        judging.go.set()
        await going
        return under

    trial = running(tried)
    assert (trial.running, trial.rows, judging.pieces) == (False, [], 2)
    return trial


def test_the_stop_button_really_stops_it(owner: Tenant, judging: Judging) -> None:
    trial = ended_by(owner, judging, lambda tab: tab.send(STOP))
    assert trial.said == "Prueba detenida: no se ha guardado nada."


def test_a_changed_draft_ends_it(owner: Tenant, judging: Judging) -> None:
    assert ended_by(owner, judging, lambda tab: tab.send(PUT, "window", "today")).said == ""


def test_arriving_anew_ends_it(owner: Tenant, judging: Judging) -> None:
    assert ended_by(owner, judging, lambda tab: tab.send(LOAD)).said == ""


def test_going_to_another_page_ends_it(owner: Tenant, judging: Judging) -> None:
    async def leave(tab: Tab) -> None:
        tab.arrive(owner.cookie, "/app/board")

    assert ended_by(owner, judging, leave).said == ""


def test_a_session_that_ended_ends_it(database: Database, owner: Tenant, judging: Judging) -> None:
    async def sign_out(_tab: Tab) -> None:
        with database() as session:
            session.execute(delete(UserSession).where(col(UserSession.user_id) == owner.user_id))

    assert ended_by(owner, judging, sign_out).said == ""


def test_one_that_takes_too_long_is_ended_and_says_so(
    owner: Tenant, judging: Judging, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def be_late(_tab: Tab) -> None:
        monkeypatch.setattr(trial_state, "LONGEST", 0.0)

    assert "tardaba demasiado" in ended_by(owner, judging, be_late).wrong
