"""A write called twice with one idempotency key: the first answer is kept for a day and given again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import orjson

from vibekanban.core import db
from vibekanban.domains.accounts import idempotency
from vibekanban.domains.accounts.idempotency import Answer
from vibekanban.domains.editing.errors import Unconfirmed
from vibekanban.domains.tools.shapes import Arguments
from vibekanban.domains.tools.tool import Context, Done, Tool
from vibekanban.domains.tools.writing import Writing


def once(context: Context, tool: Tool[Any], asked: Arguments, run: Callable[[], Done]) -> Done:
    """Run it, or give what the first call with this key gave.

    A call that failed frees its key: edits compare with what Meta holds, so that trying again does no harm. What
    makes something keeps it while nobody knows whether it was made: a second try could make it twice.
    """
    if not isinstance(asked, Writing) or asked.idempotency_key is None:
        return run()
    caller = context.caller
    scoped = f"mcp:{caller.token_id}:{asked.idempotency_key}"
    digest = hashlib.sha256(orjson.dumps(asked.asked(), option=orjson.OPT_SORT_KEYS)).digest()
    with db.transaction() as session:
        first = idempotency.begin(session, caller.user_id, scoped, tool.name, digest)
    if first is not None:
        if first.status == Unconfirmed.status:
            raise Unconfirmed(service="meta")
        return Done(tool.result.model_validate_json(first.body))
    try:
        done = run()
    except Unconfirmed as error:
        with db.transaction() as session:
            if tool.hints.get("idempotentHint"):
                idempotency.release(session, caller.user_id, scoped)
            else:
                idempotency.finish(session, caller.user_id, scoped, Answer(error.status, {}, ""))
        raise
    except BaseException:
        with db.transaction() as session:
            idempotency.release(session, caller.user_id, scoped)
        raise
    body = done.result.model_dump_json(by_alias=True)
    with db.transaction() as session:
        idempotency.finish(session, caller.user_id, scoped, Answer(200, {}, body))
    return done
