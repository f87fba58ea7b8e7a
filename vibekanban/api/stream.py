"""The live stream: one subscriber to Redis a process, one queue a browser, one event a change.

A slow browser gets the newest message of each topic and account and never a backlog.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from types import FrameType
from typing import Any
from uuid import UUID

import orjson
import redis.exceptions
from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse, JSONServerSentEvent, ServerSentEvent
from sse_starlette.sse import AppStatus

from vibekanban.api.deps import SECURITY
from vibekanban.api.errors import responses
from vibekanban.api.middleware import cookie
from vibekanban.core import broker, events, logging, metrics
from vibekanban.core.errors import NotSignedIn
from vibekanban.domains.accounts import hot
from vibekanban.domains.sharing import hot as sharing

router = APIRouter(prefix="/api/stream", tags=["Live"])
log = logging.logger(__name__)

HEARTBEAT = 15  # seconds
CHECK_EVERY = 60.0  # seconds between two looks at the session
# what is told of an account to whoever may look at it
OF_ACCOUNTS = frozenset({events.Topic.METRICS, events.Topic.CAMPAIGNS, events.Topic.BOARD})
Shared = Mapping[str, frozenset[str]]
LONGEST_PAUSE = 10.0  # seconds between two tries to reach Redis


class Listener:
    """What waits for one browser: the newest message of each topic and account.

    `shared` are other people's accounts that are shown to its person, by whose they are.
    """

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self.shared: Shared = {}
        self.doubted = False  # the session or what is shared may have ended: look before sending more
        self.closed = False
        self._waiting: dict[tuple[str, str | None], dict[str, Any]] = {}
        self._something = asyncio.Event()

    def offer(self, message: dict[str, Any]) -> None:
        """Take a message in place of an older one of the same topic and account."""
        if message.get("user", self.user_id) != self.user_id:
            if not self._shows(message):
                return
            message = {**message, "data": {}} if message["topic"] == events.Topic.BOARD else message
        if message["topic"] in {events.Topic.SESSIONS, events.Topic.SHARING}:
            self.doubted = True
        self._waiting[(message["topic"], message["account"])] = message
        self._something.set()

    def _shows(self, message: dict[str, Any]) -> bool:
        """Whether another person's change is of an account that is shared with this one."""
        return message["topic"] in OF_ACCOUNTS and message["account"] in self.shared.get(message["user"], ())

    def close(self) -> None:
        self.closed = True
        self._something.set()

    async def take(self, patience: float) -> list[dict[str, Any]]:
        """What has come in, oldest topic first; empty after `patience` seconds of silence."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._something.wait(), patience)
        self._something.clear()
        taken, self._waiting = list(self._waiting.values()), {}
        return taken


class Hub:
    """Hands each message from Redis to the browsers of the person it is for."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = defaultdict(set)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Subscribe for the life of the process; streams end when it does."""
        tasks = [
            asyncio.create_task(self._read(), name="live changes"),
            asyncio.create_task(self._stay(), name="live presence"),
        ]
        try:
            yield
        finally:
            for task in tasks:
                await _end(task)
            for listener in {one for group in self._listeners.values() for one in group}:
                listener.close()

    @asynccontextmanager
    async def joined(self, user_id: UUID) -> AsyncIterator[Listener]:
        """A listener for one browser."""
        listener = Listener(str(user_id))
        group = self._listeners[listener.user_id]
        group.add(listener)
        metrics.live_streams.inc()
        try:
            await _noted([user_id])
            yield listener
        finally:
            metrics.live_streams.dec()
            self.share(listener, {})
            self._leave(listener, listener.user_id)

    async def _stay(self) -> None:
        """Keep it known who listens: what is only for pages is not sent to nobody."""
        while True:
            await asyncio.sleep(events.HERE_FOR / 3)
            await _noted(list(self._listeners))

    def share(self, listener: Listener, shared: Shared) -> None:
        """From now on a listener hears of these accounts of others, and of no more."""
        for owner in listener.shared.keys() - shared.keys():
            self._leave(listener, owner)
        listener.shared = shared
        for owner in shared:  # who listens to an owner's accounts counts as listening to the owner
            self._listeners[owner].add(listener)

    def _leave(self, listener: Listener, user_id: str) -> None:
        group = self._listeners[user_id]
        group.discard(listener)
        if not group:
            self._listeners.pop(user_id, None)

    async def _read(self) -> None:
        pause = 0.1
        while True:
            try:
                async with broker.async_connection().pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.subscribe(events.CHANNEL)
                    pause = 0.1
                    while True:
                        # a timeout of its own: silence is normal, a dead connection is not
                        message = await channel.get_message(timeout=HEARTBEAT)
                        if message is not None:
                            self._hand_out(message["data"])
            except (redis.exceptions.RedisError, OSError) as error:
                log.warning("live.disconnected", reason=type(error).__name__, pause=pause)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)

    def _hand_out(self, data: bytes) -> None:
        try:
            message = orjson.loads(data)
            listeners = self._listeners.get(message["user"], ())
        except (orjson.JSONDecodeError, KeyError, TypeError):
            log.warning("live.unreadable")
            return
        for listener in tuple(listeners):
            listener.offer(message)


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel until it is over: a connection that is just being made or timed can lose a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=0.1)


async def _noted(user_ids: Collection[UUID | str]) -> None:
    try:
        await events.stay(user_ids)
    except redis.exceptions.RedisError as error:  # the reader waits for Redis; the stream stays open
        log.warning("live.unnoted", reason=type(error).__name__)


HUB = Hub()


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """End every open stream when the process is told to stop: a server waits for its requests to end.

    A server's own handling goes on: an event loop is woken beside this handler, any other is called by it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def stop(number: int, frame: FrameType | None) -> None:
        AppStatus.should_exit = True
        previous = before[signal.Signals(number)]
        if callable(previous):
            previous(number, frame)

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


@router.get(
    "",
    response_class=EventSourceResponse,
    responses={
        200: {
            "description": "`event: change` with `{topic, account, at, data}`; `event: end` before it closes",
            "content": {
                "text/event-stream": {
                    "example": 'event: change\ndata: {"topic": "sync", "account": "0193a1f2-…", '
                    '"at": "2026-11-24T09:00:00Z", "data": {"progress": 40}}\n\n'
                }
            },
        },
        **responses(NotSignedIn),
    },
    dependencies=SECURITY,
)
async def stream(request: Request) -> EventSourceResponse:
    """Live changes of one's own things, for as long as the session lasts."""
    bearer, token = request.headers.get("authorization"), cookie(request.headers)
    seen = await hot.authenticate(bearer=bearer, cookie=token)
    if seen is None:
        raise NotSignedIn()

    async def still_signed_in() -> bool:
        found = await hot.authenticate(bearer=bearer, cookie=token)
        return found is not None and found.session_id == seen.session_id

    return EventSourceResponse(
        _changes(seen.user_id, still_signed_in), ping=HEARTBEAT, headers={"X-Accel-Buffering": "no"}
    )


async def _changes(user_id: UUID, still_signed_in: Any) -> AsyncIterator[ServerSentEvent]:
    loop = asyncio.get_running_loop()
    async with HUB.joined(user_id) as listener:
        HUB.share(listener, await sharing.shared_with(user_id))
        await _noted(listener.shared)
        yield ServerSentEvent(event="ready", data="{}", retry=2000)
        look_at = loop.time() + CHECK_EVERY
        while not listener.closed:
            messages = await listener.take(max(0.0, look_at - loop.time()))
            if listener.doubted or loop.time() >= look_at:
                listener.doubted = False
                look_at = loop.time() + CHECK_EVERY
                if not await still_signed_in():
                    yield JSONServerSentEvent(event="end", data={"reason": "signed_out"})
                    return
                HUB.share(listener, await sharing.shared_with(user_id))
            for message in messages:
                yield JSONServerSentEvent(
                    event="change", data={name: message[name] for name in ("topic", "account", "at", "data")}
                )
