"""The live stream, over a real socket: a test client would wait for the end of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from prometheus_client import REGISTRY
from sse_starlette.sse import AppStatus

from tests.factories.accounts import a_browser_session, a_user
from tests.factories.meta import a_connection, an_account
from tests.factories.sharing import a_member
from tests.ports import free_port
from vibekanban.api.app import standalone
from vibekanban.api.stream import Hub, Listener, ended_by_signals
from vibekanban.core import broker, events, pools
from vibekanban.domains.accounts import people, sessions
from vibekanban.domains.accounts.models import Role, User
from vibekanban.domains.meta.models import MetaAccount
from vibekanban.domains.sharing import hot, members


class Failed(Exception):
    """Something after the telling goes wrong."""


Events = Iterator[tuple[str, dict[str, Any]]]


@pytest.fixture
def server(database: Any) -> Iterator[str]:
    """The API on a port of its own."""
    port = free_port()
    config = uvicorn.Config(standalone(), port=port, log_level="warning", timeout_graceful_shutdown=1)
    running = uvicorn.Server(config)
    started = threading.Event()
    startup = running.startup

    async def announced(sockets: Any = None) -> None:
        await startup(sockets)
        started.set()

    running.startup = announced  # pyright: ignore[reportAttributeAccessIssue]
    thread = threading.Thread(target=running.run)
    thread.start()
    assert started.wait(20)
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join(20)


@contextmanager
def _listening(server: str, cookie: str) -> Iterator[Events]:
    """The events of one browser; the first, `ready`, says that it is connected."""

    def read(answer: httpx.Response) -> Events:
        name = ""
        for line in answer.iter_lines():
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                yield name, json.loads(value)

    headers = {"Cookie": f"{sessions.cookie_name()}={cookie}"}
    with httpx.stream("GET", f"{server}/api/stream", headers=headers, timeout=20) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        changes = read(answer)
        assert next(changes)[0] == "ready"
        yield changes


def _somebody(database: Callable[[], Any]) -> tuple[User, str]:
    with database() as session:
        user = a_user(session)
        return user, a_browser_session(session, user)


def _tell(database: Callable[[], Any], user: User, **data: Any) -> None:
    with database() as session:
        events.publish(session, user.id, events.Topic.SYNC, **data)


def _tell_and_fail(database: Callable[[], Any], user: User) -> None:
    with database() as session:
        events.publish(session, user.id, events.Topic.SYNC, progress=1)
        raise Failed


def test_a_change_arrives_at_its_owner_alone(server: str, database: Any) -> None:
    (user, cookie), (other, others) = _somebody(database), _somebody(database)
    with _listening(server, cookie) as mine, _listening(server, others) as theirs:
        _tell(database, user, progress=40)
        _tell(database, other, progress=7)
        name, change = next(mine)
        assert (name, change["topic"], change["account"], change["data"]) == (
            "change",
            "sync",
            None,
            {"progress": 40},
        )
        assert set(change) == {"topic", "account", "at", "data"}
        assert next(theirs)[1]["data"] == {"progress": 7}


def test_nothing_is_told_when_the_transaction_fails(server: str, database: Any) -> None:
    user, cookie = _somebody(database)
    with _listening(server, cookie) as changes:
        with pytest.raises(Failed):
            _tell_and_fail(database, user)
        _tell(database, user, progress=2)
        assert next(changes)[1]["data"] == {"progress": 2}


def test_signing_out_ends_the_stream(server: str, database: Any) -> None:
    user, cookie = _somebody(database)
    with _listening(server, cookie) as changes:
        with database() as session:
            sessions.end_all(session, user.id)
        assert list(changes) == [("end", {"reason": "signed_out"})]


def test_signing_out_elsewhere_does_not(server: str, database: Any) -> None:
    user, cookie = _somebody(database)
    with database() as session:
        found = sessions.authenticate(session, bearer=None, cookie=cookie)
        assert found is not None
        a_browser_session(session, user)
    with _listening(server, cookie) as changes:
        with database() as session:
            sessions.end_all(session, user.id, but=found.session.id)
        assert next(changes)[1]["topic"] == "sessions"
        _tell(database, user, progress=3)
        assert next(changes)[1]["data"] == {"progress": 3}


def test_letting_somebody_out_ends_their_stream(server: str, database: Any) -> None:
    user, cookie = _somebody(database)
    with _listening(server, cookie) as changes:
        with database() as session:
            people.change(session, a_user(session, role=Role.ADMIN), user.id, is_active=False)
        assert list(changes)[-1][0] == "end"


def test_a_lost_connection_to_redis_is_made_again(server: str, database: Any) -> None:
    user, cookie = _somebody(database)
    with _listening(server, cookie) as changes:
        redis: Any = broker.connection()
        assert redis.client_kill_filter(_type="pubsub", skipme=True) >= 1
        heard = threading.Event()

        def tell_until_heard() -> None:
            """What is told before the hub is back reaches nobody."""
            while not heard.wait(0.1):
                _tell(database, user, progress=9)

        telling = threading.Thread(target=tell_until_heard)
        telling.start()
        try:
            assert next(changes)[1]["data"] == {"progress": 9}
        finally:
            heard.set()
            telling.join()


def test_open_streams_are_counted(server: str, database: Any) -> None:
    _, cookie = _somebody(database)
    before = REGISTRY.get_sample_value("live_streams") or 0
    with _listening(server, cookie):
        assert REGISTRY.get_sample_value("live_streams") == before + 1


@pytest.mark.parametrize("cookie", ["", "vks_nobody"])
def test_the_stream_needs_a_session(server: str, cookie: str) -> None:
    headers = {"Cookie": f"{sessions.cookie_name()}={cookie}"}
    answer = httpx.get(f"{server}/api/stream", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_a_slow_browser_gets_the_newest_of_each_topic_and_account() -> None:
    async def scenario() -> list[dict[str, Any]]:
        listener = Listener("user")
        for account, number in [("a", 1), ("b", 2), ("a", 3)]:
            listener.offer({"topic": "metrics", "account": account, "data": number})
        listener.offer({"topic": "sync", "account": "a", "data": 4})
        return await listener.take(1)

    assert [message["data"] for message in asyncio.run(scenario())] == [3, 2, 4]


def test_silence_gives_nothing() -> None:
    assert asyncio.run(_nothing()) == []


async def _nothing() -> list[dict[str, Any]]:
    return await Listener("user").take(0.01)


def test_a_stop_signal_ends_streams_and_still_reaches_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AppStatus, "should_exit", False)
    heard: list[int] = []

    def server(number: int, _frame: Any) -> None:
        heard.append(number)

    before = signal.signal(signal.SIGTERM, server)
    try:
        with ended_by_signals():
            signal.raise_signal(signal.SIGTERM)
        assert AppStatus.should_exit
        assert heard == [signal.SIGTERM]
        assert signal.getsignal(signal.SIGTERM) is server
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_process_ends_although_its_reader_lost_the_first_order_to(monkeypatch: pytest.MonkeyPatch) -> None:
    hub, heard = Hub(), list[str]()

    async def deaf_once() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        heard.append("lost")
        await asyncio.Event().wait()

    async def lived() -> None:
        async with asyncio.timeout(30), hub.listening():
            await asyncio.sleep(0)

    monkeypatch.setattr(hub, "_read", deaf_once)
    asyncio.run(lived())
    assert heard == ["lost"]


def test_whoever_looks_at_an_account_hears_of_it_until_they_no_longer_do(server: str, database: Any) -> None:
    (owner, _), (client, cookie) = _somebody(database), _somebody(database)
    with database() as session:
        connection = a_connection(session, owner)
        shown, hidden = an_account(session, connection), an_account(session, connection)

    def tell(topic: events.Topic, account: MetaAccount | None, **data: Any) -> None:
        with database() as session:
            events.publish(session, owner.id, topic, account_id=account.id if account else None, **data)

    with _listening(server, cookie) as changes:
        with database() as session:
            a_member(session, client, shown)
        assert {next(changes)[1]["topic"] for _ in range(2)} == {"sharing", "notifications"}
        tell(events.Topic.METRICS, hidden, secret=1)
        tell(events.Topic.BOARD, None, secret=2)
        tell(events.Topic.ALERTS, shown, secret=3)
        tell(events.Topic.BOARD, shown, card="secret")
        told = next(changes)[1]
        assert (told["topic"], told["account"], told["data"]) == ("board", str(shown.id), {})
        with database() as session:
            members.remove(session, owner.id, client.id)
        assert next(changes)[1]["topic"] == "sharing"
        tell(events.Topic.METRICS, shown, secret=4)
        with database() as session:
            events.publish(session, client.id, events.Topic.SYNC, progress=1)
        assert next(changes)[1]["topic"] == "sync"


def test_whoever_looks_at_an_account_already_hears_of_it_when_they_come(server: str, database: Any) -> None:
    (owner, _), (client, cookie) = _somebody(database), _somebody(database)
    with database() as session:
        account = an_account(session, a_connection(session, owner))
        a_member(session, client, account)
    with _listening(server, cookie) as changes:
        with database() as session:
            events.publish(session, owner.id, events.Topic.CAMPAIGNS, account_id=account.id)
        assert next(changes)[1]["account"] == str(account.id)


def test_the_stream_and_the_page_agree_on_what_is_shared(database: Any) -> None:
    with database() as session:
        owner, client = a_user(session), a_user(session)
        gone = a_user(session)
        account = an_account(session, a_connection(session, owner))
        a_member(session, client, account)
        a_member(session, client, an_account(session, a_connection(session, gone)))
        gone.is_active = False
    with database() as session:
        listed = [(str(one.owner_id), str(one.account.id)) for one in members.shared_with(session, client.id)]

    async def heard() -> dict[str, frozenset[str]]:
        async with pools.opened():
            return await hot.shared_with(client.id)

    assert asyncio.run(heard()) == {owner: frozenset({one}) for owner, one in listed}
