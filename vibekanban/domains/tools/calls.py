"""One call of a tool: rights, arguments, the work, the audit; the same through MCP and through plain JSON."""

from __future__ import annotations

import asyncio
import contextvars
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import psycopg

from vibekanban.core import db, i18n, metrics
from vibekanban.core.counting import Count
from vibekanban.core.errors import AppError, Invalid, NotFound
from vibekanban.core.logging import logger
from vibekanban.domains.access import allowance, audit, audit_reads
from vibekanban.domains.access.hot import Caller
from vibekanban.domains.access.models import Outcome
from vibekanban.domains.guarding import approvals
from vibekanban.domains.tools import hot, repeats
from vibekanban.domains.tools.catalogue import TOOLS
from vibekanban.domains.tools.following import NOBODY, Watch
from vibekanban.domains.tools.numbers import GetMetrics
from vibekanban.domains.tools.tool import Context, Done, definition

log = logger(__name__)

METRICS = "get_metrics"
# Calls may wait for Meta for up to a minute: threads of their own, so that pages and routes keep theirs
THREADS = ThreadPoolExecutor(max_workers=32, thread_name_prefix="tools")


class UnknownTool(NotFound):
    code = "unknown_tool"


@dataclass(frozen=True)
class Called:
    """How a call ended, for the audit."""

    outcome: Outcome
    error_code: str | None = None
    done: Done | None = None


def definitions(caller: Caller, locale: i18n.Locale) -> list[dict[str, Any]]:
    """The tools this token may use."""
    return [definition(tool, locale) for tool in TOOLS.values() if tool.offered(caller)]


async def call(
    caller: Caller,
    name: str,
    arguments: dict[str, Any],
    *,
    door: str,
    locale: i18n.Locale,
    watch: Watch = NOBODY,
) -> dict[str, Any]:
    """Run a tool off the event loop; a caller that hangs up does not stop the work nor its audit."""
    asked = hot.fits(arguments) if name == METRICS else None
    if asked is not None:
        started = time.perf_counter()
        try:
            found = await hot.metric_read_for(caller, asked)
        except psycopg.Error as error:
            log.warning("metric_read_failed", reason=type(error).__name__)  # the tool tries again, or fails
        else:
            return orjson.loads(_answered(found, arguments, door, started))
    here = contextvars.copy_context()
    return await asyncio.get_running_loop().run_in_executor(
        THREADS, lambda: here.run(_call, caller, name, arguments, door, locale, watch=watch)
    )


async def metrics_call(
    authorization: str | None, asked: GetMetrics, arguments: dict[str, Any], *, door: str
) -> tuple[Count, bytes]:
    """The same for `get_metrics` with arguments that fit, from the token on: small reads, nothing in threads.

    Answers what is left of the token's minute, and the result as JSON text. After a psycopg.Error nothing was
    counted nor written down: let the tool try again.
    """
    started = time.perf_counter()
    found = await hot.metric_read(authorization, asked)
    left = await allowance.take(found.caller.token_id)
    return left, _answered(found, arguments, door, started)


def _answered(found: hot.Found, arguments: dict[str, Any], door: str, started: float) -> bytes:
    """The result as JSON text; written down whether it is one or not."""
    called, read = Called(Outcome.FAILED, "unexpected"), None
    try:
        read = found.read()
        called = Called(Outcome.OK)
        return read.text
    except AppError as error:
        called = Called(Outcome.REFUSED if error.status < 500 else Outcome.FAILED, error.code)
        raise
    finally:
        metrics.mcp_tool_call(METRICS, called.outcome.value).inc()
        audit_reads.note(
            found.caller,
            door=door,
            tool=METRICS,
            arguments=arguments,
            outcome=called.outcome,
            error_code=called.error_code,
            duration_ms=round((time.perf_counter() - started) * 1000),
            account_id=read.account_id if read else None,
            object_id=str(read.campaign_id) if read else None,
        )


def _call(
    caller: Caller,
    name: str,
    arguments: dict[str, Any],
    door: str,
    locale: i18n.Locale,
    *,
    approved: bool = False,
    watch: Watch = NOBODY,
) -> dict[str, Any]:
    started = time.perf_counter()
    called = Called(Outcome.FAILED, "unexpected")
    try:
        done = _run(Context(caller, locale, approved, watch), name, arguments)
        called = Called(done.outcome, done=done)
        return done.result.model_dump(mode="json", by_alias=True)
    except AppError as error:
        called = Called(Outcome.REFUSED if error.status < 500 else Outcome.FAILED, error.code)
        raise
    finally:
        _write_down(caller, name, arguments, door, called, round((time.perf_counter() - started) * 1000))


def _run(context: Context, name: str, arguments: dict[str, Any]) -> Done:
    tool = TOOLS.get(name)
    if tool is None:
        raise UnknownTool(tool=name[:80])
    if not tool.offered(context.caller):
        context.caller.must(tool.scope)
    asked = tool.read(arguments)
    return repeats.once(context, tool, asked, lambda: tool.run(context, asked))


def run_approved(approval_id: UUID) -> None:
    """Run a call that a person approved, in the name of the token that asked; once, whoever calls how often."""
    with db.transaction() as session:
        waiting = approvals.to_run(session, approval_id)
    if waiting is None:
        return
    held, caller = waiting
    try:
        answer = _call(caller.admitted(), held.tool, held.arguments, "approval", i18n.DEFAULT, approved=True)
    except AppError as error:
        with db.transaction() as session:
            approvals.settle(session, approval_id, error_code=error.code)
    else:
        with db.transaction() as session:
            approvals.settle(session, approval_id, result=answer)


def _write_down(
    caller: Caller, name: str, arguments: dict[str, Any], door: str, called: Called, duration_ms: int
) -> None:
    known = name if name in TOOLS else "unknown"
    metrics.mcp_tool_call(known, called.outcome.value).inc()
    done = called.done
    with db.transaction() as session:
        audit.append(
            session,
            caller,
            door=door,
            tool=name,
            arguments=arguments,
            outcome=called.outcome,
            error_code=called.error_code,
            duration_ms=duration_ms,
            account_id=done.account_id if done else None,
            object_id=done.object_id if done else None,
            before=done.before if done else None,
            after=done.after if done else None,
        )


def explained(error: AppError, locale: i18n.Locale) -> dict[str, Any]:
    """An error as a model can use it: what is wrong, its code, and what to do next."""
    details = error.details
    if isinstance(error, Invalid) and error.fields:
        details["fields"] = [
            {"field": field, "message": said} for field, said in error.reasons(locale).items()
        ]
    return {
        "error": error.sentence(locale),
        "code": error.code,
        "hint": error.hint(locale),
        "details": details,
    }
