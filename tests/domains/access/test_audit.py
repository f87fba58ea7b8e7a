from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from redis import Redis
from sqlmodel import Session

from tests.factories.access import a_caller, a_token
from tests.factories.accounts import a_user
from vibekanban.core import columns, events
from vibekanban.core.settings import settings
from vibekanban.domains.access import audit
from vibekanban.domains.access.hot import Caller
from vibekanban.domains.access.models import AuditEntry, Outcome


def caller(session: Session) -> Caller:
    return a_caller(a_token(session, a_user(session).id).token)


def noted(session: Session, who: Caller, **given: Any) -> AuditEntry:
    values = {"door": "mcp", "tool": "list_ads", "arguments": {}, "outcome": Outcome.OK, "duration_ms": 3}
    return audit.append(session, who, **{**values, **given})


def test_an_entry_remembers_the_call(session: Session) -> None:
    who = caller(session)
    entry = noted(
        session, who, arguments={"limit": 5}, before={"status": "ACTIVE"}, after={"status": "PAUSED"}
    )
    session.expire(entry)
    assert (entry.token_id, entry.token_name, entry.arguments) == (who.token_id, "n8n", {"limit": 5})
    assert (entry.before, entry.after) == ({"status": "ACTIVE"}, {"status": "PAUSED"})


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("1042", "1042"),
        ("run-7_b", "run-7_b"),
        (None, None),
        ("", None),
        ("7" * 21, None),
        ("7\n", None),
        ("ñ", None),
    ],
)
def test_what_a_caller_says_of_its_run_is_a_short_label(
    session: Session, said: str | None, kept: str | None
) -> None:
    entry = noted(session, caller(session).during(said))
    session.expire(entry)
    assert entry.run == kept


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        ({"accessToken": "EAAabc"}, {"accessToken": "***"}),
        ({"deep": {"password": "x"}}, {"deep": {"password": "***"}}),
        ({"q": "Bearer abcdefghijkl"}, {"q": "Bearer ***"}),
        ({"q": "a\x00b"}, {"q": "ab"}),
        ({"q": "\ud800"}, {"q": "?"}),
        ({"limit": 10**400}, {"limit": "a huge number"}),
        ({"limit": float("nan")}, {"limit": "not a number"}),
        ({"q": "x" * 1000}, {"q": "x" * 300}),
        ({"a": {"b": {"c": {"d": {"e": [1]}}}}}, {"a": {"b": {"c": {"d": {"e": "…"}}}}}),
        ({str(n): "x" * 300 for n in range(50)}, {"omitted": "too large"}),
    ],
)
def test_arguments_are_kept_without_secrets_or_poison(
    session: Session, arguments: dict[str, Any], kept: dict[str, Any]
) -> None:
    entry = noted(session, caller(session), arguments=arguments)
    session.expire(entry)
    assert entry.arguments == kept


def test_entries_are_paged_newest_first(session: Session) -> None:
    who = caller(session)
    made = [noted(session, who).id for _ in range(3)]
    first = [entry.id for entry in audit.entries(session, who.user_id, limit=2)]
    rest = [entry.id for entry in audit.entries(session, who.user_id, before=first[-1], limit=2)]
    assert first + rest == made[::-1]


def test_entries_of_one_token_or_of_another_person_are_kept_apart(session: Session) -> None:
    mine, theirs = caller(session), caller(session)
    entry = noted(session, mine)
    noted(session, theirs)
    assert audit.entries(session, mine.user_id) == [entry]
    assert audit.entries(session, mine.user_id, audit.Chosen(token_id=theirs.token_id)) == []


def test_the_export_has_a_value_under_every_heading(session: Session) -> None:
    who = caller(session)
    noted(session, who, arguments={"q": "verano"}, error_code="not_found", outcome=Outcome.REFUSED)
    (line,) = audit.lines(session, who.user_id)
    row = dict(zip(audit.HEADER, line, strict=True))
    assert (row["outcome"], row["errorCode"], row["arguments"]) == ("refused", "not_found", '{"q":"verano"}')


def test_an_open_page_hears_of_the_call(session: Session, redis: Redis) -> None:
    listener = redis.pubsub()
    listener.subscribe(events.CHANNEL)
    listener.get_message(timeout=5)
    who = caller(session)
    events.discard(session)  # what was told of the token itself
    entry = noted(session, who)
    events.release(session)
    message = listener.get_message(timeout=5)
    assert message is not None
    told = orjson.loads(message["data"])
    assert (told["topic"], told["data"]["id"]) == ("audit", str(entry.id))


def test_calls_are_chosen_by_tool_outcome_and_time(session: Session) -> None:
    mine = a_caller(a_token(session, a_user(session).id).token)
    for tool, outcome in (
        ("list_ads", Outcome.OK),
        ("pause_ad", Outcome.REFUSED),
        ("list_ads", Outcome.FAILED),
    ):
        audit.append(session, mine, door="mcp", tool=tool, arguments={}, outcome=outcome, duration_ms=1)

    def chosen(**by: Any) -> list[tuple[str, str]]:
        found = audit.entries(session, mine.user_id, audit.Chosen(**by))
        return [(one.tool, one.outcome.value) for one in found]

    assert chosen(tool="list_ads") == [("list_ads", "failed"), ("list_ads", "ok")]
    assert chosen(outcome=Outcome.REFUSED) == [("pause_ad", "refused")]
    assert chosen(since=columns.now() + timedelta(hours=1)) == []
    assert len(chosen(until=columns.now() + timedelta(hours=1))) == 3


def test_old_calls_are_forgotten_batch_by_batch(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "audit_retention_days", 30)
    mine = a_caller(a_token(session, a_user(session).id).token)
    for age in (0, 29, 31, 40, 50):
        entry = audit.append(
            session, mine, door="mcp", tool=f"t{age}", arguments={}, outcome=Outcome.OK, duration_ms=1
        )
        entry.created_at = columns.now() - timedelta(days=age)
    session.flush()
    assert [audit.forget_old(session, limit=2) for _ in range(3)] == [2, 1, 0]
    assert {one.tool for one in audit.entries(session, mine.user_id)} == {"t0", "t29"}


def test_the_audit_may_be_kept_for_ever(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "audit_retention_days", 0)
    mine = a_caller(a_token(session, a_user(session).id).token)
    entry = audit.append(session, mine, door="mcp", tool="t", arguments={}, outcome=Outcome.OK, duration_ms=1)
    entry.created_at = columns.now() - timedelta(days=9000)
    session.flush()
    assert audit.forget_old(session) == 0
