"""The money that an automation's runs may move."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal

from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account
from vibekanban.domains.automations import stakes
from vibekanban.domains.meta import metrics

Database = Callable[[], AbstractContextManager[Session]]


def test_what_was_spent_on_a_day_that_is_over_is_not_todays(database: Database) -> None:
    with database() as session:
        account = an_account(session, a_connection(session, a_user(session)))
        today = metrics.local_today(account)
        for day, micros in ((today, 5_000_000), (today - timedelta(days=1), 80_000_000)):
            a_campaign(session, account, effective_status="ACTIVE", today=day, today_spend_micros=micros)
        (found,) = stakes.stakes(session, account.user_id, [account.id])
    assert (found.campaigns, found.today) == (2, Decimal(5))
