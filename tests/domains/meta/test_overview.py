from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account
from vibekanban.domains.meta import metrics, overview

FAR_APART = ("Pacific/Kiritimati", "Europe/Madrid", "Pacific/Pago_Pago")


@pytest.mark.parametrize("timezone", FAR_APART)
@pytest.mark.parametrize(("days_ago", "shown"), [(0, 12_340_000), (1, 0), (-1, 0)])
def test_what_was_spent_on_another_day_of_the_account_is_not_today_s(
    session: Session, timezone: str, days_ago: int, shown: int
) -> None:
    account = an_account(session, a_connection(session, a_user(session)), timezone=timezone)
    counted = metrics.local_today(account) - timedelta(days=days_ago)
    campaign = a_campaign(session, account, today=counted, today_spend_micros=12_340_000)
    (line,) = overview.overview(session, account.user_id, account.id).campaigns
    assert line.spent_today_micros == shown
    assert overview.detail(session, account.user_id, campaign.id).spent_today_micros == shown
