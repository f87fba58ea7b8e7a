"""Numbers that were read before are given again while nothing changed, and never to anybody else."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session

from tests.domains.tools.test_hot import Database, House, a_house
from tests.factories.access import a_token
from tests.factories.meta import a_connection, an_account
from tests.factories.metrics import a_fact, write
from vibekanban.core import columns, db, kept, pools
from vibekanban.core.errors import AppError
from vibekanban.core.reads import Reads
from vibekanban.core.settings import ROOT
from vibekanban.domains.access import tokens
from vibekanban.domains.access.models import McpToken, Scope
from vibekanban.domains.accounts.models import User
from vibekanban.domains.guarding import stopping
from vibekanban.domains.meta import conversions, metrics_store
from vibekanban.domains.meta.models import Campaign, Level, MetaAccount
from vibekanban.domains.tools import hot

HOUSE: dict[str, Any] = {"days": 5}


@dataclass
class Asking:
    """Asks as a serving process does, and knows how often the days were read for it."""

    reads: int = 0

    def __call__(self, secret: str, reference: str, **asked: Any) -> dict[str, Any]:
        arguments = hot.fits({"id": reference, **asked})
        assert arguments is not None

        async def answered() -> hot.Read:
            async with pools.opened():
                return (await hot.metric_read(f"Bearer {secret}", arguments)).read()

        return json.loads(asyncio.run(answered()).text)

    def code(self, secret: str, reference: str, **asked: Any) -> str:
        with pytest.raises(AppError) as refused:
            self(secret, reference, **asked)
        return refused.value.code


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Asking:
    asking, rows = Asking(), Reads.rows

    def counted(reads: Reads, statement: str, values: Any) -> Any:
        asking.reads += statement == hot._READ
        return rows(reads, statement, values)

    monkeypatch.setattr(Reads, "rows", counted)
    return asking


def campaign_of(session: Session, house: House) -> Campaign:
    return session.get_one(Campaign, UUID(house.campaign_id))


def account_of(session: Session, house: House) -> MetaAccount:
    return session.get_one(MetaAccount, campaign_of(session, house).account_id)


def test_the_same_question_reads_the_days_once(database: Database, ask: Asking) -> None:
    house = a_house(database, **HOUSE)
    first, second = ask(house.secret, house.campaign_id), ask(house.secret, house.campaign_id)
    assert (ask.reads, first | {"ageSeconds": 0}) == (1, second | {"ageSeconds": 0})


def test_other_arguments_are_another_question(database: Database, ask: Asking) -> None:
    house = a_house(database, **HOUSE)
    yesterday = columns.now().date() - timedelta(days=1)
    asked = [
        {},
        {"limit": 2},
        {"since": yesterday},
        {"until": yesterday},
        {"since": yesterday, "until": yesterday},
    ]
    answers = [ask(house.secret, house.campaign_id, **one) for one in asked]
    assert (ask.reads, len({json.dumps(one["items"]) + one["since"] for one in answers})) == (5, 5)


def test_the_age_of_a_kept_answer_goes_on(
    database: Database, ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = a_house(database, **HOUSE)
    age = ask(house.secret, house.campaign_id)["ageSeconds"]
    later = columns.now().timestamp() + 3600
    monkeypatch.setattr(hot.time, "time", lambda: later)
    assert 3600 <= ask(house.secret, house.campaign_id)["ageSeconds"] - age <= 3700
    assert ask.reads == 1


def test_the_next_day_is_another_answer(
    database: Database, ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = a_house(database, **HOUSE)
    today = ask(house.secret, house.campaign_id)["until"]
    tomorrow = {
        key: look.replace("now() AT", "(now() + interval '1 day') AT") for key, look in hot._LOOKS.items()
    }
    monkeypatch.setattr(hot, "_LOOKS", tomorrow)
    monkeypatch.setattr(hot, "_READ", hot._READ.replace("now() AT", "(now() + interval '1 day') AT"))
    until = ask(house.secret, house.campaign_id)["until"]
    assert date.fromisoformat(until) - date.fromisoformat(today) == timedelta(days=1)


# -- whatever changes what was answered


def ingested(house: House, *, spend: str = "99.00", whole: bool = True) -> None:
    day = columns.now().date() - timedelta(days=1)
    with db.transaction() as session:
        account = account_of(session, house)
    with db.metrics_transaction() as store:
        facts = [a_fact(house.meta_id, day, spend=spend)] if spend else []
        write(store, account.id, facts, since=day, until=day, whole=whole)


def counting_leads(house: House) -> None:
    with db.transaction() as session:
        account = account_of(session, house)
    conversions.declare(account.user_id, account.id, "lead")


def recounted(house: House) -> None:
    with db.transaction() as session:
        account = account_of(session, house)
    with db.metrics_transaction() as store:
        assert conversions.recount(store, account.id, "lead", levels=(Level.CAMPAIGN,))


def forgotten(house: House) -> None:
    with db.transaction() as session:
        account = account_of(session, house)
    with db.metrics_transaction() as store:
        metrics_store.forget(store, account.id)


def renamed(house: House) -> None:
    with db.transaction() as session:
        campaign_of(session, house).name = "Otro nombre"


def in_dollars(house: House) -> None:
    with db.transaction() as session:
        account_of(session, house).currency = "USD"


def elsewhere(house: House) -> None:
    with db.transaction() as session:
        account_of(session, house).timezone = "Pacific/Honolulu"


CHANGES = [
    ingested,
    lambda house: ingested(house, spend=""),
    lambda house: ingested(house, spend="98.00", whole=False),
    counting_leads,
    recounted,
    forgotten,
    renamed,
    in_dollars,
    elsewhere,
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_seen_at_once(
    database: Database, ask: Asking, change: Callable[[House], None]
) -> None:
    house = a_house(database, **HOUSE)
    before = ask(house.secret, house.campaign_id)
    change(house)
    after = ask(house.secret, house.campaign_id)
    assert (ask.reads, before | {"ageSeconds": 0} != after | {"ageSeconds": 0}) == (2, True)


def test_an_ingest_of_the_same_numbers_is_a_newer_reading(database: Database, ask: Asking) -> None:
    house = a_house(database, **HOUSE)
    ingested(house)
    before = ask(house.secret, house.campaign_id)["fetchedAt"]
    ingested(house)
    assert ask(house.secret, house.campaign_id)["fetchedAt"] > before


def test_another_accounts_numbers_leave_an_answer_alone(database: Database, ask: Asking) -> None:
    house, other = a_house(database, **HOUSE), a_house(database, **HOUSE)
    ask(house.secret, house.campaign_id)
    ingested(other)
    ask(house.secret, house.campaign_id)
    assert ask.reads == 1


def test_a_change_that_is_undone_leaves_the_answer(database: Database, ask: Asking) -> None:
    house = a_house(database, **HOUSE)
    before = ask(house.secret, house.campaign_id)
    with (
        db.metrics_engine().connect() as connection,
        Session(connection) as store,
        db.transaction() as session,
    ):
        metrics_store.forget(store, account_of(session, house).id)
        store.rollback()
    assert ask(house.secret, house.campaign_id)["items"] == before["items"]


def test_every_module_that_writes_numbers_says_so() -> None:
    writing = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM|COPY) (metric_facts|metric_coverage)\b(?!_rest)")
    sources: dict[str, str] = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for folder in ("vibekanban", "workers")
        for path in Path(ROOT / folder).rglob("*.py")
    }
    writers = {name for name, source in sources.items() if writing.search(source)}
    assert writers == {"vibekanban/domains/meta/ingest.py", "vibekanban/domains/meta/conversions.py"}
    assert all("metrics_store.change(session, account_id)" in sources[name] for name in writers)


# -- who may not have it


def test_another_tenant_gets_nothing_of_a_kept_answer(database: Database, ask: Asking) -> None:
    house, other = a_house(database, **HOUSE), a_house(database, **HOUSE)
    ask(house.secret, house.campaign_id)
    assert ask.code(other.secret, house.campaign_id) == "not_found"
    assert ask.code(other.secret, house.meta_id) == "not_found"


def test_another_token_of_the_owner_gets_nothing_beyond_its_reach(database: Database, ask: Asking) -> None:
    house = a_house(database, **HOUSE)
    ask(house.secret, house.campaign_id)
    with database() as session:
        owner = session.get_one(User, campaign_of(session, house).user_id)
        beside = an_account(session, a_connection(session, owner))
        narrow = a_token(session, owner.id, account_ids=[beside.id]).secret
        blind = a_token(
            session, owner.id, account_ids=[account_of(session, house).id], scopes=[Scope.PAUSE]
        ).secret
    assert ask.code(narrow, house.campaign_id) == "not_found"
    assert ask.code(blind, house.campaign_id) == "scope_missing"


def token_of(session: Session, house: House) -> McpToken:
    return session.get_one(McpToken, house.context.caller.token_id)


def revoked(session: Session, house: House) -> None:
    tokens.revoke(session, house.context.caller.user_id, house.context.caller.token_id)


def rotated(session: Session, house: House) -> None:
    tokens.rotate(session, house.context.caller.user_id, house.context.caller.token_id)


def stopped(session: Session, house: House) -> None:
    tokens.change(session, house.context.caller.user_id, house.context.caller.token_id, stopped=True)


def all_stopped(session: Session, house: House) -> None:
    stopping.stop_everything(session, house.context.caller.user_id, stopped=True)


def expired(session: Session, house: House) -> None:
    token_of(session, house).expires_at = columns.now() - timedelta(seconds=1)


def narrowed(session: Session, house: House) -> None:
    token_of(session, house).account_ids = [columns.new_id()]


def blinded(session: Session, house: House) -> None:
    token_of(session, house).scopes = [Scope.PAUSE.value]


def deactivated(session: Session, house: House) -> None:
    session.get_one(User, house.context.caller.user_id).is_active = False


def deleted(session: Session, house: House) -> None:
    session.delete(campaign_of(session, house))


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (revoked, "bad_token"),
        (rotated, "bad_token"),
        (expired, "bad_token"),
        (deactivated, "bad_token"),
        (stopped, "token_stopped"),
        (all_stopped, "token_stopped"),
        (narrowed, "not_found"),
        (deleted, "not_found"),
        (blinded, "scope_missing"),
    ],
)
def test_who_lost_the_right_is_refused_though_the_answer_is_kept(
    database: Database, ask: Asking, end: Callable[[Session, House], None], code: str
) -> None:
    house = a_house(database, **HOUSE)
    ask(house.secret, house.campaign_id)
    with database() as session:
        end(session, house)
    assert ask.code(house.secret, house.campaign_id) == code


def test_a_period_that_is_wrong_stays_wrong(database: Database, ask: Asking) -> None:
    house = a_house(database, **HOUSE)
    today = columns.now().date()
    wrong = {"since": today, "until": today - timedelta(days=1)}
    assert [ask.code(house.secret, house.campaign_id, **wrong) for _ in range(2)] == ["invalid_arguments"] * 2


def test_memory_stays_bounded_however_many_questions_are_asked(
    database: Database, ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = kept.Answers(8_000)
    monkeypatch.setattr(kept, "answers", lambda: few)
    house = a_house(database, **HOUSE)
    for limit in range(1, 20):
        ask(house.secret, house.campaign_id, limit=limit)
        assert 0 < few.size <= 8_000
