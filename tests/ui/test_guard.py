"""The gate in front of every event: who may call what, and whose state it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import reflex as rx
from reflex.state import StateUpdate, UpdateVarsInternalState
from sqlmodel import Session, select

from tests.factories.accounts import a_browser_session, a_user
from tests.ui.browser import RULES, Tab, running
from vibekanban.domains.accounts import sessions
from vibekanban.domains.accounts.models import Role, User, UserSession
from vibekanban.ui import guard
from vibekanban.ui.base import Viewer
from vibekanban.ui.meta.dashboard_state import Dashboard

Database = Callable[[], AbstractContextManager[Session]]
OPEN = {
    "sign_in.load",
    "deletion.load",
    "unsubscribing.load",
    "unsubscribing.end",
    "report_leaving.load",
    "report_leaving.end",
}
DASHBOARD = f"{Dashboard.get_full_name()}.load"
USERS = next(name for name in RULES if name.endswith("users.load"))


class Forgotten(rx.State):
    """A state whose author forgot the rule."""

    async def act(self) -> None:
        raise AssertionError("an event without a rule was run")


def cookie(database: Database, **values: object) -> str:
    with database() as session:
        return a_browser_session(session, a_user(session, **values))


def target(update: StateUpdate | None) -> str:
    return str(update.events) if update else ""


def test_the_events_that_anybody_may_call_are_few_and_known() -> None:
    public = {name for name, rule in RULES.items() if rule is not None and rule(None)}
    assert {name.rpartition("____")[2] for name in public} == OPEN


@pytest.mark.parametrize("name", sorted(RULES))
def test_nobody_signed_in_reaches_only_what_is_public(database: Database, name: str) -> None:
    async def knock() -> StateUpdate | None:
        return await Tab().admits(name)

    answer = running(knock)
    if name.rpartition("____")[2] in OPEN:
        assert answer is None
    else:
        assert "/sign-in" in target(answer)


def test_an_event_without_a_rule_is_refused_to_everybody(database: Database) -> None:
    admin = cookie(database, role=Role.ADMIN)
    bare = [name for name, rule in RULES.items() if rule is None]
    assert bare

    async def knock() -> list[StateUpdate | None]:
        tab = Tab(admin)
        return [await tab.admits(name) for name in bare]

    assert all(running(knock))


def test_a_handler_whose_author_forgot_the_rule_is_refused(database: Database) -> None:
    admin = cookie(database, role=Role.ADMIN)
    name = f"{Forgotten.get_full_name()}.act"

    async def knock() -> StateUpdate | None:
        return await Tab(admin).admits(name)

    assert guard.rules()[name] is None
    assert running(knock) is not None


def test_an_event_nobody_knows_is_refused(database: Database) -> None:
    admin = cookie(database, role=Role.ADMIN)

    async def knock() -> StateUpdate | None:
        return await Tab(admin).admits(f"{Viewer.get_full_name()}._remember")

    assert running(knock) is not None


@pytest.mark.parametrize("role", Role)
def test_people_are_looked_after_by_administrators_alone(database: Database, role: Role) -> None:
    mine = cookie(database, role=role)

    async def knock() -> StateUpdate | None:
        return await Tab(mine).admits(USERS)

    answer = running(knock)
    assert (answer is None) == (role is Role.ADMIN)


def test_the_refused_are_sent_where_their_language_is_spoken(database: Database) -> None:
    mine = cookie(database)

    async def knock() -> list[str]:
        return [
            target(await Tab("", "/en/app").admits(DASHBOARD)),
            target(await Tab("", "/app").admits(DASHBOARD)),
            target(await Tab(mine, "/en/app").admits(USERS)),
        ]

    english, spanish, elsewhere = running(knock)
    assert "/en/sign-in" in english
    assert "/sign-in" in spanish
    assert "/en/" not in spanish
    assert "/en/app" in elsewhere


def test_who_takes_over_a_tab_finds_it_empty(database: Database) -> None:
    first, second = cookie(database, name="Primera"), cookie(database, name="Segunda")

    async def change() -> tuple[str, str, str]:
        tab = Tab(first)
        await tab.admits(DASHBOARD)
        (await tab.root.get_state(Dashboard)).search = "lo que buscaba la primera"
        before = tab.shown()
        tab.arrive(second)
        await tab.admits(DASHBOARD)
        viewer = await tab.root.get_state(Viewer)
        return before, tab.shown(), viewer.name

    before, after, name = running(change)
    assert "lo que buscaba la primera" in before
    assert "primera" not in after.lower()
    assert name == "Segunda"


def test_signing_out_empties_the_tab(database: Database) -> None:
    mine = cookie(database, name="Primera")

    async def leave() -> tuple[str, str]:
        tab = Tab(mine)
        await tab.admits(DASHBOARD)
        tab.arrive("")
        return target(await tab.admits(DASHBOARD)), tab.shown()

    sent, left = running(leave)
    assert "/sign-in" in sent
    assert "Primera" not in left


@pytest.mark.parametrize("loss", ["session", "person"])
def test_a_session_that_ended_is_noticed_at_the_next_event(database: Database, loss: str) -> None:
    mine = cookie(database)

    def end() -> None:
        with database() as session:
            if loss == "person":
                session.exec(select(User)).one().is_active = False
            else:
                session.delete(session.exec(select(UserSession)).one())

    async def lose() -> tuple[StateUpdate | None, StateUpdate | None]:
        tab = Tab(mine)
        before = await tab.admits(DASHBOARD)
        end()
        return before, await tab.admits(DASHBOARD)

    before, after = running(lose)
    assert before is None
    assert "/sign-in" in target(after)


def test_a_role_taken_away_counts_at_the_next_event(database: Database) -> None:
    mine = cookie(database, role=Role.ADMIN)

    def demote() -> None:
        with database() as session:
            session.exec(select(User)).one().role = Role.TRAFICER

    async def lose() -> tuple[StateUpdate | None, StateUpdate | None]:
        tab = Tab(mine)
        before = await tab.admits(USERS)
        demote()
        return before, await tab.admits(USERS)

    before, after = running(lose)
    assert before is None
    assert after is not None


def test_a_browser_can_not_write_who_it_is(database: Database) -> None:
    """Reflex's own event for values that a browser keeps is open, and reaches nothing of ours."""

    async def forge() -> str:
        tab = Tab()
        internal = tab.root.get_substate(UpdateVarsInternalState.get_full_name().split("."))
        name = Viewer.get_full_name()
        forged = {f"{name}.role": "ADMIN", f"{name}._user_id": "x", f"{name}.role_rx_state_": "ADMIN"}
        await internal.update_vars_internal(forged)  # pyright: ignore[reportAttributeAccessIssue]
        viewer = await tab.root.get_state(Viewer)
        return viewer.role + viewer._user_id

    assert running(forge) == ""


@pytest.mark.parametrize("odd", ["a/b=c; ", 'prefs={"a": "b"}; '])
def test_a_cookie_of_somebody_else_signs_nobody_out(database: Database, odd: str) -> None:
    tab = Tab(f"x; {odd}{sessions.cookie_name()}={cookie(database)}")

    async def knock() -> StateUpdate | None:
        return await tab.admits(DASHBOARD)

    assert running(knock) is None
