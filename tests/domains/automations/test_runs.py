"""What a run reports and what n8n tells of it meet in one row, and a failure is told once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from tests.factories.access import a_caller
from tests.factories.accounts import a_user
from tests.factories.automations import a_run, a_running_automation
from tests.factories.meta import a_connection, an_account
from tests.questions import questions
from vibekanban.clients.n8n.shapes import Execution
from vibekanban.core import columns
from vibekanban.domains.access import audit
from vibekanban.domains.access.models import McpToken, Outcome
from vibekanban.domains.automations import runs, telling
from vibekanban.domains.automations.models import Automation, AutomationRun, RunStatus
from vibekanban.domains.automations.runs import Report
from vibekanban.domains.notifications.models import Email, Notification

Database = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def automation(database: Database) -> Automation:
    with database() as session:
        return a_running_automation(session, an_account(session, a_connection(session, a_user(session))))


def seen(automation: Automation, status: str, **values: Any) -> Execution:
    """What n8n tells."""
    given = {
        "id": "7",
        "workflow_id": str(automation.workflow_id),
        "status": status,
        "mode": "trigger",
        "started_at": columns.now(),
        "stopped_at": None if status == "running" else columns.now(),
        "error": "",
        "data": None,
        **values,
    }
    return Execution(**given)


def tell(database: Database, automation: Automation, *told: Execution | Report) -> AutomationRun:
    """Both ways, in this order; the one row that comes of it."""
    with database() as session:
        caller = a_caller(session.get_one(McpToken, automation.token_id))
        for one in told:
            if isinstance(one, Report):
                runs.report(session, caller, automation.id, one)
            else:
                runs.keep(session, automation, one)
    with database() as session:
        return session.exec(select(AutomationRun)).one()


FINE = Report("7", "success", {"checked": 2})
BAD = Report("7", "error", {"checked": 2}, "one campaign was refused")


def test_a_report_and_n8n_meet_in_one_row(database: Database, automation: Automation) -> None:
    for order in ([FINE, seen(automation, "success")], [seen(automation, "success"), FINE]):
        run = tell(database, automation, *order)
        assert (run.status, run.results, run.seen_ended) == (RunStatus.SUCCESS, {"checked": 2}, True)


def test_a_report_is_not_undone_by_what_n8n_listed_before_the_end(
    database: Database, automation: Automation
) -> None:
    run = tell(database, automation, FINE, seen(automation, "running"))
    assert (run.status, run.seen_ended) == (RunStatus.SUCCESS, False)


@pytest.mark.parametrize("first", ["report", "n8n"])
def test_a_run_failed_if_either_says_so(database: Database, automation: Automation, first: str) -> None:
    told = [BAD, seen(automation, "success")]
    run = tell(database, automation, *(told if first == "report" else told[::-1]))
    assert (run.status, run.error) == (RunStatus.FAILED, "one campaign was refused")


def test_an_end_that_n8n_told_is_not_told_again(database: Database, automation: Automation) -> None:
    run = tell(database, automation, seen(automation, "success"), seen(automation, "running"))
    assert (run.status, run.seen_ended) == (RunStatus.SUCCESS, True)


def test_secrets_in_n8ns_error_are_not_kept(database: Database, automation: Automation) -> None:
    run = tell(database, automation, seen(automation, "error", error="sent Bearer vkm_abcdefghijklmnopqrstu"))
    assert "abcdefghijklmnopqrstu" not in run.error


@pytest.mark.parametrize(
    ("error", "read"),
    [
        ("Unknown tool: nope", "Unknown tool: nope"),
        (
            "Could not connect to your MCP server. Authentication failed.: Streamable HTTP error: Error POSTing to"
            ' endpoint: {"error":"El token no es válido.","code":"bad_token","hint":"Pide otro"}',
            "Could not connect to your MCP server. Authentication failed. El token no es válido.",
        ),
        ('{"error": "The account is stopped.", "code": "account_stopped"}', "The account is stopped."),
        (r'{"error": "Rebajas \ud83d\udd25 est\u00e1n paradas"}', "Rebajas 🔥 están paradas"),
        (r'{"error": "C:\x is no path"}', r"C:\x is no path"),
    ],
)
def test_an_error_that_quotes_us_is_read_as_our_sentence(error: str, read: str) -> None:
    assert runs.told(error) == read


def test_what_a_text_cannot_hold_does_not_keep_an_error_from_being_kept(
    database: Database, automation: Automation
) -> None:
    run = tell(database, automation, seen(automation, "error", error=r'{"error": "no \u0000 and \ud83d"}'))
    assert run.error == "no  and ?"


# -- whose calls


def called(database: Database, automation: Automation, run: str | None) -> None:
    """One call of its token."""
    with database() as session:
        caller = a_caller(session.get_one(McpToken, automation.token_id)).during(run)
        audit.append(
            session, caller, door="mcp", tool="get_summary", arguments={}, outcome=Outcome.OK, duration_ms=1
        )


def an_old_run_and_one_now(database: Database, automation: Automation) -> None:
    """Executions 7, of two hours ago, and 8."""
    with database() as session:
        a_run(session, automation, execution_id="7", started_at=columns.now() - timedelta(hours=2))
        a_run(session, automation, execution_id="8")


def calls_of(database: Database, automation: Automation) -> dict[str, list[str | None]]:
    """What each run did, by its execution."""
    with database() as session:
        found = runs.runs(session, automation.user_id, automation.id)
        return {done.run.execution_id: [call.run for call in done.calls] for done in found}


def test_a_call_that_names_its_run_is_that_runs_whenever_it_was_made(
    database: Database, automation: Automation
) -> None:
    an_old_run_and_one_now(database, automation)
    for run in ("7", "8", "7", "9"):
        called(database, automation, run)
    assert calls_of(database, automation) == {"8": ["8"], "7": ["7", "7"]}


def test_calls_that_name_no_run_are_those_made_while_it_ran(
    database: Database, automation: Automation
) -> None:
    an_old_run_and_one_now(database, automation)
    called(database, automation, None)
    assert calls_of(database, automation) == {"8": [None], "7": []}


def test_another_tokens_word_makes_no_call_a_runs(database: Database, automation: Automation) -> None:
    with database() as session:
        a_run(session, automation, execution_id="7")
        other = a_running_automation(session, an_account(session, a_connection(session, a_user(session))))
    called(database, other, "7")
    assert calls_of(database, automation) == {"7": []}


def test_runs_are_read_with_their_calls_in_as_many_questions_however_many_they_are(
    database: Database, automation: Automation
) -> None:
    with database() as session:
        a_run(session, automation, execution_id="7")
    with questions() as one:
        calls_of(database, automation)
    with database() as session:
        for number in range(8, 13):
            a_run(session, automation, execution_id=str(number))
    with questions() as six:
        calls_of(database, automation)
    assert len(six) == len(one)


# -- telling


def lines(database: Database) -> list[tuple[str, Any]]:
    with database() as session:
        found = session.exec(select(Notification).order_by(Notification.id)).all()  # pyright: ignore[reportArgumentType]
        return [(line.kind, line.params["count"]) for line in found]


def failed(database: Database, automation: Automation, number: int, **values: Any) -> None:
    with database() as session:
        a_run(
            session,
            automation,
            execution_id=str(number),
            status=RunStatus.FAILED,
            started_at=columns.now() + timedelta(seconds=number),
            error="Authentication failed.",
            **values,
        )


def test_a_failure_is_told_once(database: Database, automation: Automation) -> None:
    failed(database, automation, 1)
    assert (telling.tell(), telling.tell()) == (1, 0)
    assert lines(database) == [("automation_failed", 1)]
    with database() as session:
        assert [one.kind for one in session.exec(select(Email))] == ["automation_failed"]


def test_failures_that_follow_are_told_together_a_day_later(
    database: Database, automation: Automation
) -> None:
    failed(database, automation, 1)
    telling.tell()
    failed(database, automation, 2)
    telling.tell()
    assert lines(database) == [("automation_failed", 1)]
    with database() as session:
        session.get_one(Automation, automation.id).told_at = columns.now() - timedelta(hours=25)
    failed(database, automation, 3)
    telling.tell()
    assert lines(database) == [("automation_failed", 1), ("automation_failing", 3)]


def test_a_failure_after_a_success_is_news_again(database: Database, automation: Automation) -> None:
    failed(database, automation, 1)
    telling.tell()
    with database() as session:
        a_run(session, automation, execution_id="2", started_at=columns.now() + timedelta(seconds=2))
    failed(database, automation, 3)
    telling.tell()
    assert lines(database) == [("automation_failed", 1), ("automation_failed", 1)]


def test_several_failures_found_together_are_one_notice(database: Database, automation: Automation) -> None:
    for number in (1, 2, 3):
        failed(database, automation, number)
    telling.tell()
    assert lines(database) == [("automation_failing", 3)]
