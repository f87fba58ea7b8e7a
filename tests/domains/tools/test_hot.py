"""The quick metric read answers what the tool answers, and refuses what it refuses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session

from tests.factories.access import a_caller, a_token
from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.factories.metrics import a_fact, write
from vibekanban.core import columns, db, pools
from vibekanban.core.errors import AppError
from vibekanban.domains.access.models import Scope
from vibekanban.domains.meta import metrics
from vibekanban.domains.tools import hot, numbers
from vibekanban.domains.tools.tool import Context

Database = Callable[[], AbstractContextManager[Session]]
TODAY = columns.now().date()


@dataclass(frozen=True)
class House:
    """A token with one campaign of its own, and one beyond its reach."""

    secret: str
    context: Context
    campaign_id: str
    meta_id: str
    beyond: str


def a_house(database: Database, *, currency: str = "EUR", days: int = 45, **token: Any) -> House:
    with database() as session:
        user = a_user(session)
        account = an_account(session, a_connection(session, user), currency=currency, timezone="Asia/Tokyo")
        campaign = a_campaign(session, account, name='Rebajas "5 %" \\ ñ')
        issued = a_token(session, user.id, account_ids=[account.id], **token)
        beyond = a_campaign(session, an_account(session, a_connection(session, user)))
    today = metrics.local_today(account)
    known = [today - timedelta(days=n) for n in range(days) if n != 3]
    with db.metrics_transaction() as store:
        facts = [a_fact(campaign.meta_id, day, spend=f"{n}.{n:02d}") for n, day in enumerate(known)]
        write(store, account.id, facts, since=known[-1] if known else today, until=today)
    caller = a_caller(issued.token)
    return House(issued.secret, Context(caller, "es"), str(campaign.id), campaign.meta_id, str(beyond.id))


def found(secret: str, reference: str, **asked: Any) -> hot.Found:
    arguments = hot.fits({"id": reference, **asked})
    assert arguments is not None

    async def answered() -> hot.Found:
        async with pools.opened():
            return await hot.metric_read(f"Bearer {secret}", arguments)

    return asyncio.run(answered())


def read(secret: str, reference: str, **asked: Any) -> hot.Read:
    return found(secret, reference, **asked).read()


def tool(house: House, reference: str, **asked: Any) -> dict[str, Any]:
    arguments = numbers.GetMetrics.model_validate({"id": reference, **asked})
    return numbers.get_metrics(house.context, arguments).result.model_dump(mode="json", by_alias=True)


def same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """The same but for the second that has passed."""
    ages = one.pop("ageSeconds"), other.pop("ageSeconds")
    assert one == other
    assert (ages[0] is None) == (ages[1] is None)


@pytest.mark.parametrize("currency", ["EUR", "JPY"])
@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"since": TODAY - timedelta(days=44)},
        {"since": TODAY - timedelta(days=44), "until": TODAY - timedelta(days=40)},
        {"until": TODAY - timedelta(days=20)},
        {"since": TODAY, "until": TODAY + timedelta(days=90)},
        {"limit": 7},
    ],
)
def test_the_answer_is_the_tools(database: Database, currency: str, asked: dict[str, Any]) -> None:
    house = a_house(database, currency=currency)
    answered = found(house.secret, house.campaign_id, **asked)
    same(json.loads(answered.read().text), tool(house, house.campaign_id, **asked))
    assert (answered.read().campaign_id, answered.caller) == (UUID(house.campaign_id), house.context.caller)


def test_a_campaign_without_numbers_is_answered_alike(database: Database) -> None:
    house = a_house(database, days=0)
    same(json.loads(read(house.secret, house.campaign_id).text), tool(house, house.campaign_id))


def test_metas_id_does_as_well(database: Database) -> None:
    house = a_house(database)
    same(json.loads(read(house.secret, house.meta_id).text), tool(house, house.meta_id))


def refused(secret: str, reference: str, **asked: Any) -> str:
    with pytest.raises(AppError) as error:
        read(secret, reference, **asked)
    return error.value.code


def test_a_token_that_is_nobodys_is_bad(database: Database) -> None:
    house = a_house(database)
    assert refused("vkm_nobody", house.campaign_id) == "bad_token"


def test_a_campaign_beyond_the_tokens_reach_is_not_found(database: Database) -> None:
    house = a_house(database)
    assert refused(house.secret, house.beyond) == "not_found"
    assert refused(house.secret, "'; --") == "not_found"


def test_another_tenants_campaign_is_not_found(database: Database) -> None:
    house, other = a_house(database), a_house(database)
    assert refused(house.secret, other.campaign_id) == "not_found"


def test_a_token_without_the_right_to_read_is_told_so(database: Database) -> None:
    house = a_house(database, scopes=[Scope.PAUSE])
    assert refused(house.secret, house.campaign_id) == "scope_missing"


def test_a_period_that_ends_before_it_begins_is_refused(database: Database) -> None:
    house = a_house(database)
    yesterday = TODAY - timedelta(days=1)
    assert refused(house.secret, house.campaign_id, since=TODAY, until=yesterday) == "invalid_arguments"
