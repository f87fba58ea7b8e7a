"""A tab as the server sees it: the state tree, the gate in front of it, and what events give back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import reflex as rx
from reflex.event import Event
from reflex.state import State, StateUpdate
from reflex_base.event import EventHandler

import vibekanban.ui.pages  # noqa: F401 - the states of every page are what the rules are about
from vibekanban.core import pools
from vibekanban.domains.accounts import sessions
from vibekanban.ui import guard

T = TypeVar("T")
RULES = guard.rules()


class Tab:
    """One browser tab, with a cookie or without."""

    def __init__(self, cookie: str = "", address: str = "/app") -> None:
        self.root = State(_reflex_internal_init=True)  # pyright: ignore[reportCallIssue]
        self._known: dict[str, Any] = {}
        self.gate = guard.Gate()
        self.arrive(cookie, address)

    def arrive(self, cookie: str = "", address: str = "/app") -> None:
        """A new connection: another cookie or another address."""
        headers = {"cookie": f"{sessions.cookie_name()}={cookie}"} if cookie else {"cookie": ""}
        told = {
            "headers": {"origin": "http://localhost:8000", **headers},
            "pathname": address.partition("?")[0],
            "asPath": address,
        }
        self._known = self.root._update_router_vars(told, self._known)

    async def admits(self, name: str, **payload: Any) -> StateUpdate | None:
        """What the gate answers to an event; None lets it pass."""
        return await self.gate.preprocess(cast(rx.App, None), self.root, Event(name=name, payload=payload))

    async def send(self, name: str, *arguments: Any) -> list[Any]:
        """Everything an event gives back, with the gate's own answer when it refuses."""
        refused = await self.admits(name)
        if refused is not None:
            return [refused]
        path, _, handler_name = name.rpartition(".")
        state = self.root.get_substate(path.split("."))
        handler = cast(EventHandler, type(state).event_handlers[handler_name])
        called = handler.fn(state, *arguments)
        if hasattr(called, "__aiter__"):
            return [step async for step in called]
        return [await called]

    def states(self) -> list[Any]:
        return _tree(self.root)

    def state(self, name: str) -> Any:
        """The state of that class name."""
        return next(state for state in self.states() if type(state).__name__ == name)

    def shown(self) -> str:
        """All that the browser holds, and what the server keeps for it."""
        return str([(type(state).__name__, _everything(state)) for state in self.states()])


def _tree(state: Any) -> list[Any]:
    return [state, *(below for child in state.substates.values() for below in _tree(child))]


def _everything(state: Any) -> dict[str, Any]:
    own = type(state).get_fields().keys() - {"parent_state", "substates", "router_data"}
    return {
        name: getattr(state, name) for name in own if not name.startswith(("rx_router", "_reflex", "dirty"))
    }


def running(work: Callable[[], Awaitable[T]]) -> T:
    """Run a scenario as a serving process would."""

    async def serve() -> T:
        async with pools.opened():
            return await work()

    return asyncio.run(serve())
