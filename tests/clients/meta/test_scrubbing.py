"""No token gets into the text of an exception, a log line or a failed job."""

from __future__ import annotations

import io
import logging as stdlib
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, redirect_stderr
from typing import Any

import pytest
import structlog
from rq import Queue
from rq.job import Job as Ticket
from rq.registry import FailedJobRegistry
from sqlmodel import Session

from tests.clients.meta.conftest import TOKEN, Open
from tests.clients.meta.scripted import Scripted
from tests.factories.accounts import a_user
from tests.factories.meta import a_connection
from vibekanban.clients.meta import errors, oauth
from vibekanban.core import broker, logging, queue
from vibekanban.core.queue import Job, Lane
from vibekanban.core.settings import settings
from workers import main

Database = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def unreachable(redis: object) -> Iterator[None]:
    """Nobody listens where Meta should be: requests and httpx put the whole address into their errors."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("META_GRAPH_URL", "http://127.0.0.1:1")
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the product's own logging writes, at its most talkative."""
    root, config = stdlib.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    written = io.StringIO()
    with redirect_stderr(written):
        logging.configure()
        root.setLevel("DEBUG")
        yield written
    root.handlers, root.level = handlers, level
    structlog.configure(**config)


def told(error: BaseException) -> str:
    """Everything that a traceback, or a reporter that walks the chain, could show of it."""
    text = "".join(traceback.format_exception(error)) + repr(error) + str(error)
    hidden = error.__context__
    while hidden is not None:
        text += repr(hidden) + str(hidden)
        hidden = hidden.__context__
    return text


def assert_clean(text: str) -> None:
    assert text
    for secret in (TOKEN, settings().meta_app_secret, "s3cr3ts3cr3t"):
        assert secret not in text


def test_a_failed_connection_tells_no_token(unreachable: None, opened: Open, lines: io.StringIO) -> None:
    with pytest.raises(errors.BadGateway) as read:
        opened().get("me", fields="id")
    with pytest.raises(errors.UnknownOutcome) as written:
        opened().post("1", status="PAUSED")
    stdlib.getLogger("anything").exception("failed", exc_info=read.value)
    assert_clean(told(read.value) + told(written.value))
    assert_clean(lines.getvalue())


def test_a_failed_sign_in_tells_no_token_code_or_secret(unreachable: None, lines: io.StringIO) -> None:
    failures = []
    for ask in (oauth.inspect, oauth.long_lived, oauth.renewed_system_user, oauth.person, oauth.revoke):
        with pytest.raises(errors.BadGateway) as failed:
            ask(TOKEN)
        failures.append(told(failed.value))
        stdlib.getLogger("anything").exception("failed", exc_info=failed.value)
    assert_clean("".join(failures))
    assert_clean(lines.getvalue())


def test_a_refusal_that_repeats_the_token_is_scrubbed(
    meta: Scripted, opened: Open, lines: io.StringIO
) -> None:
    meta.refuse(100, message=f"Malformed access token {TOKEN}", error_user_msg=f"access_token={TOKEN}")
    with pytest.raises(errors.Refused) as refused:
        opened().get("1")
    assert_clean(told(refused.value) + str(refused.value.details))
    assert_clean(lines.getvalue())


def test_a_failed_job_keeps_no_token(unreachable: None, database: Database) -> None:
    with database() as session:
        connection = a_connection(session, a_user(session), token=TOKEN)
    order = queue.Order(Job.DISCOVER_ACCOUNTS, (str(connection.id),), Lane.HUMAN, None, None, (), 60)
    queue.send(order)
    main.worker().work(burst=True, logging_level="ERROR")
    lane = Queue(Lane.HUMAN.value, connection=broker.connection(), serializer=queue.SERIALIZER)
    (job_id,) = FailedJobRegistry(queue=lane).get_job_ids()
    ticket = Ticket.fetch(job_id, connection=broker.connection(), serializer=queue.SERIALIZER)
    result = ticket.latest_result()
    assert result is not None
    assert "BadGateway" in str(result.exc_string)
    redis: Any = broker.connection()
    stored = b"".join(redis.dump(key) for key in redis.keys("rq:*"))
    assert_clean(str(result.exc_string) + str(ticket.args) + stored.decode("latin-1"))
