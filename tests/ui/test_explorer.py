"""The explorer of somebody who was let look: what happens to the open page when that ends."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlmodel import Session

from tests.factories.accounts import a_browser_session, a_user
from tests.factories.meta import a_connection, an_account
from tests.factories.sharing import a_member
from tests.ui.browser import RULES, Tab, running
from vibekanban.core.i18n import say
from vibekanban.domains.sharing import members

Database = Callable[[], AbstractContextManager[Session]]
LOAD, CHANGED = (
    next(name for name in RULES if name.endswith(f"explorer.{one}")) for one in ("load", "changed")
)


def test_an_account_that_is_shared_no_longer_says_so_and_makes_way_for_ones_own(database: Database) -> None:
    with database() as session:
        owner, guest = a_user(session, name="Olga"), a_user(session)
        shared = an_account(session, a_connection(session, owner))
        own = an_account(session, a_connection(session, guest))
        a_member(session, guest, shared)
        cookie = a_browser_session(session, guest)

    async def looked() -> tuple[str, str, str, str]:
        tab = Tab(cookie, f"/app/reports?account={shared.id}")
        await tab.send(LOAD)
        before = tab.state("Explorer").account_id
        with database() as session:
            members.remove(session, owner.id, guest.id)
        answers = str(await tab.send(CHANGED, "sharing", "", "{}"))
        again = str(await tab.send(CHANGED, "sharing", "", "{}"))
        return before, tab.state("Explorer").account_id, answers, again

    before, after, answers, again = running(looked)
    assert (before, after) == (str(shared.id), str(own.id))
    said = say("es", "sharing.over", owner="Olga")
    assert said in answers
    assert said not in again
