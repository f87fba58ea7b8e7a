"""A list of campaigns that was read before is given again while nothing changed, and never to anybody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from tests.domains.meta.test_hot_campaigns import Database, a_full_house
from tests.factories.meta import a_campaign
from vibekanban.core import kept, pools, security
from vibekanban.core.security import Claims
from vibekanban.domains.accounts import sessions
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta import hot_campaigns, metrics, today
from vibekanban.domains.meta.models import Campaign, MetaAccount


class Asking:
    """Asks as a serving process does, and knows how often the page was read for it."""

    reads = 0

    def __call__(self, claims: Claims) -> dict[str, Any] | None:
        async def answered() -> bytes | None:
            async with pools.opened():
                return await hot_campaigns.first_page(claims)

        page = asyncio.run(answered())
        return None if page is None else json.loads(page)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Asking:
    asking, campaigns = Asking(), hot_campaigns.campaigns

    async def counted(user_id: UUID) -> str:
        asking.reads += 1
        return await campaigns(user_id)

    monkeypatch.setattr(hot_campaigns, "campaigns", counted)
    return asking


def signed_in(session: Session, user_id: UUID) -> Claims:
    opened = sessions.open_api_session(session, session.get_one(User, user_id), address="", user_agent="")
    claims = security.read(opened.token)
    assert claims is not None
    return claims


@pytest.fixture
def claims(database: Database) -> Claims:
    """Of somebody with fifteen campaigns in three accounts."""
    with database() as session:
        user_id, _accounts = a_full_house(session)
        return signed_in(session, user_id)


def test_the_same_list_is_read_once(claims: Claims, ask: Asking) -> None:
    first, second = ask(claims), ask(claims)
    assert first is not None
    assert (ask.reads, first, len(first["items"])) == (1, second, 15)


def test_without_campaigns_every_look_reads(database: Database, claims: Claims, ask: Asking) -> None:
    with database() as session:
        for row in session.exec(select(Campaign).where(Campaign.user_id == claims.user_id)):
            session.delete(row)
    assert [ask(claims) for _ in range(2)] == [{"items": [], "nextCursor": None}] * 2
    assert ask.reads == 2


def first(session: Session, claims: Claims) -> Campaign:
    query = select(Campaign).where(Campaign.user_id == claims.user_id).order_by(col(Campaign.id).desc())
    return session.exec(query.limit(1)).one()


def paused(session: Session, claims: Claims) -> None:
    first(session, claims).effective_status = "PAUSED"


def renamed(session: Session, claims: Claims) -> None:
    first(session, claims).name = "Otro nombre"


def raised(session: Session, claims: Claims) -> None:
    first(session, claims).daily_budget = 7777


def in_trouble(session: Session, claims: Claims) -> None:
    first(session, claims).issues = [{"error_code": 2}]


def spent(session: Session, claims: Claims) -> None:
    campaign = first(session, claims)
    account = session.get_one(MetaAccount, campaign.account_id)
    today.keep(session, account.id, metrics.local_today(account), [Counted(campaign.meta_id)])


class Counted:
    """A day's counts of a campaign."""

    spend_micros = 55_000_000
    impressions = clicks = conversions_micros = revenue_micros = 1

    def __init__(self, object_id: str) -> None:
        self.object_id = object_id


def made(session: Session, claims: Claims) -> None:
    a_campaign(session, session.get_one(MetaAccount, first(session, claims).account_id))


def gone(session: Session, claims: Claims) -> None:
    session.delete(first(session, claims))


def disconnected(session: Session, claims: Claims) -> None:
    session.delete(session.get_one(MetaAccount, first(session, claims).account_id))


def in_yen(session: Session, claims: Claims) -> None:
    session.get_one(MetaAccount, first(session, claims).account_id).currency = "JPY"


@pytest.mark.parametrize(
    "change", [paused, renamed, raised, in_trouble, spent, made, gone, disconnected, in_yen]
)
def test_what_changed_is_seen_at_once(
    database: Database, claims: Claims, ask: Asking, change: Callable[[Session, Claims], None]
) -> None:
    before = ask(claims)
    with database() as session:
        change(session, claims)
    after = ask(claims)
    assert (ask.reads, before != after) == (2, True)


def test_where_a_new_day_began_the_list_is_read_again(
    claims: Claims, ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(claims)
    tomorrow = hot_campaigns._STATE.replace("now() AT", "(now() + interval '1 day') AT")
    monkeypatch.setattr(hot_campaigns, "_STATE", tomorrow)
    ask(claims)
    assert ask.reads == 2


def test_a_change_beyond_the_first_page_leaves_it(database: Database, ask: Asking) -> None:
    with database() as session:
        user_id, accounts = a_full_house(session)
        for _ in range(30):
            a_campaign(session, accounts[0])
        mine = signed_in(session, user_id)
    ask(mine)
    with database() as session:
        oldest = session.exec(
            select(Campaign).where(Campaign.user_id == user_id).order_by(col(Campaign.id))
        ).first()
        assert oldest is not None
        oldest.name = "Muy vieja"
    ask(mine)
    assert ask.reads == 1


def test_somebody_else_gets_their_own(database: Database, claims: Claims, ask: Asking) -> None:
    mine = ask(claims)
    with database() as session:
        user_id, _accounts = a_full_house(session)
        other = signed_in(session, user_id)
    theirs = ask(other)
    assert mine is not None
    assert theirs is not None
    assert not {item["id"] for item in mine["items"]} & {item["id"] for item in theirs["items"]}


def ended(session: Session, claims: Claims) -> None:
    sessions.end_all(session, claims.user_id)


def deactivated(session: Session, claims: Claims) -> None:
    session.get_one(User, claims.user_id).is_active = False


@pytest.mark.parametrize("end", [ended, deactivated])
def test_who_is_no_longer_signed_in_gets_nothing_though_the_list_is_kept(
    database: Database, claims: Claims, ask: Asking, end: Callable[[Session, Claims], None]
) -> None:
    assert ask(claims) is not None
    with database() as session:
        end(session, claims)
    assert ask(claims) is None


def test_claims_of_another_person_open_nothing(database: Database, claims: Claims, ask: Asking) -> None:
    """A session is good for its own person only, whoever signs."""
    ask(claims)
    with database() as session:
        user_id, _accounts = a_full_house(session)
        theirs = signed_in(session, user_id)
    assert ask(Claims(theirs.session_id, claims.user_id, theirs.expires_at)) is None


def test_memory_stays_bounded_however_many_people_ask(
    database: Database, ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = kept.Answers(20_000)
    monkeypatch.setattr(kept, "answers", lambda: few)
    for _ in range(5):
        with database() as session:
            user_id, _accounts = a_full_house(session)
            person = signed_in(session, user_id)
        ask(person)
        assert 0 < few.size <= 20_000
