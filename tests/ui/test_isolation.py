"""Every event of every page, also one added tomorrow, is sent by somebody with another person's ids."""

from __future__ import annotations

import base64
import inspect
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, cast

import pytest
from reflex_base.event import EventHandler
from sqlmodel import Session

from tests.factories.accounts import a_browser_session, a_user
from tests.factories.sharing import a_member
from tests.factories.tenants import Tenant, a_tenant, everything_of
from tests.ui.browser import RULES, Tab, running
from vibekanban.core import columns
from vibekanban.domains.meta.models import MetaAccount

Database = Callable[[], AbstractContextManager[Session]]
MARK = "Ajeno"
_PACKED = re.compile(r"base64,([\w+/=]+)")  # a file to download
EVENTS = sorted(name for name, rule in RULES.items() if rule is not None)
KEPT = {  # which thing an id that a state keeps between two events is of, by state and variable
    "Detail.id": "campaign",
    "Parts.ad_set_id": "ad_set",
    "Editor.subject_id": "campaign",
    "Editor.account_id": "account",
    "Acting.subject_id": "campaign",
    "Hands.campaign_id": "campaign",
    "Showcase.account_id": "account",
    "Changelog.account_id": "account",
    "Changelog.undoing_id": "change",
    "Changelog.undoing_batch_id": "batch",
    "Bulk.account_id": "account",
    "Bulk.run_id": "bulk",
    "Dashboard.account_id": "account",
    "Explorer.account_id": "account",
    "Restated.account_id": "account",
    "Explorer.report_id": "report",
    "SavedReports.chosen_id": "report",
    "Connections.leaving_id": "account",
    "Counting.account_id": "account",
    "Quota.account_id": "account",
    "Tokens.ending_id": "token",
    "Activity.token_id": "token",
    "Tokens.limiting_id": "token",
    "Tokens.rotating_id": "token",
    "Alerts.editing_id": "alert",
    "OneAutomation.automation_id": "automation",
    "Alerts.removing_id": "alert",
    "Alerts.gone_id": "alert",
    "History.alert_id": "alert",
    "Approvals.chosen_id": "approval",
    "Authorize.asked_id": "request",
    "Channels.chosen_id": "channel",
    "Drawer.card_id": "card",
    "Sharing.ending_id": "link",
    "Sharing.leaving_id": "member",
    "Users.chosen_id": "user",
}


@dataclass(frozen=True)
class Sent:
    """What an event gave back, and all that the tab holds afterwards."""

    answers: str
    held: str


def a_guest(session: Session, theirs: Tenant, *, may_export: bool = True) -> str:
    """The cookie of somebody who may look at their account."""
    guest = a_user(session, name="Yo")
    a_member(session, guest, session.get_one(MetaAccount, theirs.ids["account"]), may_export=may_export)
    return a_browser_session(session, guest)


def arguments(name: str, theirs: Tenant) -> list[Any]:
    """The other person's ids where an event takes ids, something harmless elsewhere."""
    ids = {f"{kind}_id": str(value) for kind, value in theirs.ids.items()}
    known = {
        **ids,
        "_topic": "poll",
        "topic": "poll",
        "account": ids["account_id"],
        "_account": ids["account_id"],
        "data": "{}",
        "_data": "{}",
        "kind": "age",
        "action": "pause",
        "permission": "manage",
        "preset": "30",
        "subject": "alerts",
        "status": "",
        "column": "spend",
        "stage": "done",
        "person": ids["user_id"],
        "days": "3",
        "above": ids["campaign_id"],
        "name": "account",
        "value": ids["account_id"],
        "on": True,
        "text": MARK,
        "typed": '{"countries": ["CL"]}',
        "verb": "delete",
        "level": "campaign",
        "thing_id": ids["campaign_id"],
        "by": 1,
        "mode": "campaign",
        "meta_id": "1",
        "what": "plan",
        "cadence": "daily",
        "active": False,
        "form": {
            **ids,
            f"account-{ids['account_id']}": True,
            "email": "yo@example.com",
            f"pick-{ids['campaign_id']}": True,
            "account": ids["account_id"],
            "target_account": ids["account_id"],
            "target_campaign": ids["campaign_id"],
            "amount": "10",
            "id": ids["user_id"],
            "user_id": ids["user_id"],
            "name": "Yo",
            "locale": "es",
        },
    }
    state = Tab().root.get_substate(name.rpartition(".")[0].split("."))
    handler = cast(EventHandler, type(state).event_handlers[name.rpartition(".")[2]])
    asked = list(inspect.signature(handler.fn).parameters)[1:]
    assert set(asked) <= known.keys(), f"say what {name} is to be sent: {asked}"
    return [known[one] for one in asked]


async def sent(name: str, cookie: str, theirs: Tenant) -> Sent:
    """Send the event from an address with the ids in it, to a state that was made to keep them."""
    query = "&".join(f"{kind}={value}" for kind, value in theirs.ids.items())
    tab = Tab(cookie, f"/app/campaign?id={theirs.ids['campaign']}&{query}")
    await tab.admits(name)
    for place, kind in KEPT.items():
        state, _, variable = place.partition(".")
        setattr(tab.state(state), variable, str(theirs.ids[kind]))
    for variable in ("since", "until"):
        setattr(tab.state("Detail"), variable, columns.now().date().isoformat())
    answers = await tab.send(name, *arguments(name, theirs))
    return Sent(_PACKED.sub(lambda packed: base64.b64decode(packed[1]).decode(), str(answers)), tab.shown())


def test_every_id_that_a_state_keeps_is_known_here() -> None:
    kept = {
        f"{type(state).__name__}.{variable}"
        for state in Tab().states()
        for variable in type(state).get_fields()
        if type(state).__module__.startswith("vibekanban")
        and variable.rpartition("_")[2] == "id"
        and not variable.startswith("rx_")
    }
    assert kept - {"Viewer._user_id"} == KEPT.keys()


@pytest.mark.parametrize("name", EVENTS)
def test_another_persons_ids_open_and_change_nothing(database: Database, name: str) -> None:
    with database() as session:
        theirs = a_tenant(session, MARK)
        cookie = a_browser_session(session, a_user(session, name="Yo"))
    with database() as session:
        before = everything_of(session, theirs.user_id)
    found = running(lambda: sent(name, cookie, theirs))
    with database() as session:
        assert everything_of(session, theirs.user_id) == before
    assert MARK not in found.answers
    assert MARK not in found.held.replace(f"'search': '{MARK}'", "")


@pytest.mark.parametrize("name", [name for name in EVENTS if not name.endswith("sharing.leave")])
def test_who_may_only_look_changes_nothing(database: Database, name: str) -> None:
    with database() as session:
        theirs = a_tenant(session, MARK)
        cookie = a_guest(session, theirs)
    with database() as session:
        before = everything_of(session, theirs.user_id)
    running(lambda: sent(name, cookie, theirs))
    with database() as session:
        assert everything_of(session, theirs.user_id) == before


@pytest.mark.parametrize(
    ("event", "thing"),
    [
        ("dashboard.load", "Cuenta"),
        ("dashboard.load", "Campaña"),
        ("detail.load", "Campaña"),
        ("detail.load", "Conjunto"),
        ("explorer.choose", "Campaña"),
        ("board.load", "Campaña"),
    ],
)
def test_who_may_only_look_sees_by_the_same_event(database: Database, event: str, thing: str) -> None:
    with database() as session:
        theirs = a_tenant(session, MARK)
        cookie = a_guest(session, theirs)
    name = next(name for name in EVENTS if name.endswith(event))
    held = running(lambda: sent(name, cookie, theirs)).held
    assert f"{MARK} {thing}" in held
    assert not [word for word in ("Token", "Tarea", "Informe", "Vista", "Enlace") if f"{MARK} {word}" in held]


@pytest.mark.parametrize("may", [True, False])
@pytest.mark.parametrize("event", ["dashboard.export", "explorer.export"])
def test_a_guest_takes_files_away_when_the_owner_lets_them(database: Database, event: str, may: bool) -> None:
    with database() as session:
        theirs = a_tenant(session, MARK)
        cookie = a_guest(session, theirs, may_export=may)
    name = next(name for name in EVENTS if name.endswith(event))
    assert (f"{MARK} Campaña" in running(lambda: sent(name, cookie, theirs)).answers) == may


# The walk above would prove nothing if these did nothing for anybody.


@pytest.mark.parametrize(
    ("event", "thing"),
    [
        ("dashboard.load", "Cuenta"),
        ("dashboard.load", "Campaña"),
        ("explorer.load", "Campaña"),
        ("explorer.load", "Informe"),
        ("saved_reports.load", "Informe"),
        ("detail.load", "Campaña"),
        ("detail.load", "Conjunto"),
        ("editor.load", "Campaña"),
        ("connections.load", "Cuenta"),
        ("connections.ask_to_leave", "Cuenta"),
        ("counting.ask", "Cuenta"),
        ("channels.load", "Canal"),
        ("channels.ask_to_edit", "Canal"),
        ("tokens.load", "Token"),
        ("tokens.ask_to_revoke", "Token"),
        ("tokens.ask_to_rotate", "Token"),
        ("activity.load", "Campaña"),
        ("activity.load", "Token"),
        ("changelog.load", "Campaña"),
        ("bulk.load", "Campaña"),
        ("bulk.rehearse", "Campaña"),
        ("profile.load", "Persona"),
        ("board.load", "Cuenta"),
        ("board.load", "Campaña"),
        ("board.load", "Tarea"),
        ("board.ask_where", "Tarea"),
        ("drawer.open", "Tarea"),
        ("drawer.open", "Comentario"),
        ("views.load", "Vista"),
        ("automations.load", "Automatización"),
        ("one_automation.load", "Automatización"),
        ("sharing.load", "Cliente"),
        ("sharing.load", "Enlace"),
        ("sharing.ask_to_end", "Enlace"),
    ],
)
def test_the_owner_sees_by_the_same_event(database: Database, event: str, thing: str) -> None:
    with database() as session:
        mine = a_tenant(session, MARK)
    name = next(name for name in EVENTS if name.endswith(event))
    assert f"{MARK} {thing}" in running(lambda: sent(name, mine.cookie, mine)).held


@pytest.mark.parametrize(
    ("event", "thing"),
    [
        ("dashboard.export", "Campaña"),
        ("explorer.export", "Campaña"),
        ("activity.export", "Token"),
        ("changelog.export", "Campaña"),
    ],
)
def test_the_owner_takes_away_by_the_same_event(database: Database, event: str, thing: str) -> None:
    with database() as session:
        mine = a_tenant(session, MARK)
    name = next(name for name in EVENTS if name.endswith(event))
    assert f"{MARK} {thing}" in running(lambda: sent(name, mine.cookie, mine)).answers


@pytest.mark.parametrize("event", ["connections.leave", "tokens.revoke", "profile.end", "inbox.read_all"])
def test_the_owner_changes_by_the_same_event(database: Database, event: str) -> None:
    with database() as session:
        mine = a_tenant(session, MARK)
    with database() as session:
        before = everything_of(session, mine.user_id)
    name = next(name for name in EVENTS if name.endswith(event))
    running(lambda: sent(name, mine.cookie, mine))
    with database() as session:
        assert everything_of(session, mine.user_id) != before
