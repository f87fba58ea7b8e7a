"""Ten thousand calls that nobody should make, at both doors: nothing breaks, nothing leaks, nobody else's row moves."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as how
from hypothesis import strategies as st

from tests.conftest import Sandbox, empty_tables
from tests.factories.access import a_token
from tests.factories.accounts import a_session
from tests.factories.tenants import a_tenant, everything_of
from tests.mcp.hostile import Known
from tests.mcp.hostile_calls import Call, calls
from vibekanban import serving
from vibekanban.core import columns, db
from vibekanban.core.settings import settings
from vibekanban.domains.access import tokens
from vibekanban.domains.access.models import Scope
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta.models import Ad, AdSet, Campaign, MetaAccount

SEEDS = (20261124, 20261125, 20261126, 20261127)  # apart, so that test processes may share them
CALLS, AT_ONCE = 10_000 // len(SEEDS), 25
MARK = "Ajeno"
INSIDES = re.compile(
    r"Traceback|File \"|site-packages|\.py\b|psycopg|sqlalchemy|pydantic|redis\.|<class '| object at 0x"
    r"|SELECT .* FROM|INSERT INTO|UPDATE \w+ SET|relation \"|token_hash"
)


@dataclass
class Place:
    """The application in this process, what the attacker knows, and what no answer may hold."""

    portal: BlockingPortal
    http: httpx.AsyncClient
    known: Known
    their_id: UUID
    secrets: tuple[str, ...]
    theirs: tuple[str, ...]
    before: dict[str, str]
    made: int = 0

    def answers(self, batch: list[Call]) -> list[httpx.Response]:
        async def all_at_once() -> list[httpx.Response]:
            return await asyncio.gather(*(self._answer(call) for call in batch))

        self.made += len(batch)
        return self.portal.call(all_at_once)

    async def _answer(self, call: Call) -> httpx.Response:
        request = self.http.build_request(call.method, call.path, content=call.body)
        named = {name for name, _ in call.headers}
        request.headers = httpx.Headers(
            [
                *((name, value) for name, value in request.headers.raw if name.lower() not in named),
                *call.headers,
            ]
        )
        return await asyncio.wait_for(self.http.send(request), 60)


@asynccontextmanager
async def application() -> AsyncIterator[httpx.AsyncClient]:
    api = serving.create_api()
    transport = httpx.ASGITransport(app=api, raise_app_exceptions=False)
    async with (
        serving.resources(),
        httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as http,
    ):
        yield http


@pytest.fixture
def place(redis: object, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr(settings(), "mcp_rate_limit_per_minute", 10**6)
    with db.transaction() as session:
        mine, theirs = a_tenant(session, "Propio"), a_tenant(session, MARK)
        accounts = [mine.ids["account"]]
        full = a_token(session, mine.user_id, account_ids=accounts, scopes=tuple(Scope))
        reader = a_token(session, mine.user_id, account_ids=accounts, scopes=[Scope.READ])
        expired = a_token(
            session, mine.user_id, account_ids=accounts, expires_at=columns.now() - timedelta(seconds=1)
        )
        revoked = a_token(session, mine.user_id, account_ids=accounts)
        tokens.revoke(session, mine.user_id, revoked.token.id)
        stopped = a_token(session, mine.user_id, account_ids=accounts, stopped_at=columns.now())
        other = a_token(session, theirs.user_id, account_ids=[theirs.ids["account"]])
        signed_in = a_session(session, session.get_one(User, mine.user_id)).token
    with db.transaction() as session:
        before = everything_of(session, theirs.user_id)
        email = session.get_one(User, theirs.user_id).email
        metas = [
            session.get_one(MetaAccount, theirs.ids["account"]).meta_account_id,
            *(
                session.get_one(model, theirs.ids[thing]).meta_id
                for model, thing in ((Campaign, "campaign"), (AdSet, "ad_set"), (Ad, "ad"))
            ),
        ]
    foreign = [*map(str, theirs.ids.values()), *metas, str(theirs.user_id)]
    known = Known(
        tokens=[full.secret, full.secret, reader.secret],
        dead=[expired.secret, revoked.secret, stopped.secret, signed_in],
        own=[str(mine.ids[name]) for name in ("account", "campaign", "ad_set", "ad", "approval")],
        foreign=foreign,
    )
    secrets = (*known.tokens, *known.dead, other.secret, "EAAnobody")
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(application()) as http:
        yield Place(portal, http, known, theirs.user_id, secrets, (MARK, email, *foreign), before)
    empty_tables()


def wrong(place: Place, call: Call, answer: httpx.Response) -> list[str]:
    """What the answer is or holds that it must not; what the caller said themself is no leak."""
    shown, said = f"{answer.headers.raw}\n{answer.text}", call.said
    found = [f"status {answer.status_code}"] if answer.status_code >= 500 else []
    found += [
        one
        for one in (*place.secrets, *place.theirs, *INSIDES.findall(shown))
        if one in shown and one not in said
    ]
    return found + [
        f"header {name!r}" for name, value in answer.headers.raw if re.search(rb"[\r\n\x00]", name + value)
    ]


@pytest.mark.parametrize("number", SEEDS)
def test_nothing_breaks_nothing_leaks_and_nobody_elses_row_moves(place: Place, number: int) -> None:
    faults: list[tuple[str, Call, str]] = []

    @seed(number)
    @how(
        max_examples=CALLS // AT_ONCE,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
        ],
    )
    @given(st.lists(calls(place.known), min_size=AT_ONCE, max_size=AT_ONCE))
    def under_fire(batch: list[Call]) -> None:
        for call, answer in zip(batch, place.answers(batch), strict=True):
            faults.extend((fault, call, answer.text) for fault in wrong(place, call, answer))

    under_fire()
    assert not faults, "\n".join(str(fault)[:3_000] for fault in faults[:5])
    with db.transaction() as session:
        assert everything_of(session, place.their_id) == place.before
    assert place.made >= CALLS
