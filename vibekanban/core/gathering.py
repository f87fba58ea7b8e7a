"""Many callers, one round trip: what is asked while one is under way goes together with the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

I = TypeVar("I")  # noqa: E741 - what is asked
O = TypeVar("O")  # noqa: E741 - what is answered


class Gathered(Generic[I, O]):
    """Answers in the order asked; when `work` fails, all whose questions went together hear of it.

    With `linger` each round trip waits so many seconds for company.
    """

    def __init__(
        self, work: Callable[[Sequence[I]], Awaitable[Sequence[O]]], *, most: int, linger: float = 0
    ) -> None:
        self._work = work
        self._most = most
        self._linger = linger
        self._waiting: list[tuple[I, asyncio.Future[O]]] = []
        self._running: asyncio.Task[None] | None = None

    def ask(self, item: I) -> asyncio.Future[O]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[O] = loop.create_future()
        self._waiting.append((item, answer))
        if self._running is None or self._running.done():
            self._running = loop.create_task(self._run())
        return answer

    async def finished(self) -> None:
        """Until everything asked so far is answered."""
        while self._running is not None and not self._running.done():
            await asyncio.wait({self._running})

    async def _run(self) -> None:
        try:
            while self._waiting:
                if self._linger:
                    await asyncio.sleep(self._linger)
                asked, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._answer(asked)
        finally:
            for _item, answer in self._waiting:  # only when the event loop ends
                answer.cancel()
            self._waiting = []

    async def _answer(self, asked: list[tuple[I, asyncio.Future[O]]]) -> None:
        try:
            answers = await self._work([item for item, _answer in asked])
        except Exception as error:  # whatever it is, it belongs to those who asked
            for _item, answer in asked:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_item, answer), found in zip(asked, answers, strict=True):
            if not answer.done():
                answer.set_result(found)
