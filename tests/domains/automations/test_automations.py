"""A person's automations as they are listed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.automations import a_run, a_running_automation
from tests.factories.meta import a_connection, an_account
from tests.questions import questions
from vibekanban.core import columns
from vibekanban.domains.automations import automations
from vibekanban.domains.automations.stopped import StopReason

Database = Callable[[], AbstractContextManager[Session]]


def test_automations_are_read_in_as_many_questions_however_many_they_are(database: Database) -> None:
    with database() as session:
        connection = a_connection(session, a_user(session))
    counts: list[int] = []
    for _ in range(2):
        for _ in range(2):
            with database() as session:
                a_run(session, a_running_automation(session, an_account(session, connection)))
        with questions() as asked, database() as session:
            assert automations.automations(session, connection.user_id)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_an_account_that_is_stopped_stops_only_the_automations_that_use_it(database: Database) -> None:
    with database() as session:
        connection = a_connection(session, a_user(session))
        stopped = an_account(session, connection, agents_stopped_at=columns.now())
        a_running_automation(session, stopped, name="Parada")
        a_running_automation(session, an_account(session, connection), name="En marcha")
    with database() as session:
        shown = automations.automations(session, connection.user_id)
    assert {one.automation.name: one.stops for one in shown} == {
        "Parada": [StopReason.ACCOUNT_STOPPED],
        "En marcha": [],
    }
