"""What is compared: windows in the account's time, mature hours, budgets, what is silent and what says nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.factories.accounts import a_user
from tests.factories.alerts import AT, a_reach, an_alert, fired, passed, read, spent, spent_by_hour
from tests.factories.meta import a_campaign, a_connection, an_account, an_ad, an_ad_set
from vibekanban.domains.alerts import people
from vibekanban.domains.meta import reach, troubles
from vibekanban.domains.meta.models import Campaign, Level, MetaAccount

SPEND_OVER_10 = {"metric": "spend", "operator": ">", "value": 10}


def test_a_window_of_days_ends_before_today(database: Any, account: MetaAccount, campaign: Campaign) -> None:
    with database() as session:
        an_alert(session, campaign, window="last_2d", condition={**SPEND_OVER_10, "operator": "="})
    days = [
        {"campaign": campaign.meta_id, "ago": ago, "spend": spend}
        for ago, spend in enumerate((900, 4, 6, 900))
    ]
    spent(account.id, AT, *days, days=4)
    assert passed(database, account, AT) == 1
    assert fired(database)[0].numbers[0]["value"] == 10


def test_a_day_that_was_read_before_it_was_over_says_nothing(
    database: Any, account: MetaAccount, campaign: Campaign
) -> None:
    with database() as session:
        an_alert(
            session, campaign, window="yesterday", condition={"metric": "spend", "operator": "<", "value": 50}
        )
    spent(account.id, AT - timedelta(days=1), {"campaign": campaign.meta_id, "spend": "20"})
    spent(account.id, AT, {"campaign": campaign.meta_id, "spend": "20"})
    assert passed(database, account, AT) == 0


def test_conversions_that_are_not_mature_are_not_looked_at(
    database: Any, account: MetaAccount, campaign: Campaign
) -> None:
    low = {"metric": "roas", "operator": "<", "value": 2}
    with database() as session:
        an_alert(session, campaign, window="yesterday", maturity_hours=24, condition=low)
    days = [
        {"campaign": campaign.meta_id, "ago": ago, "spend": 10, "revenue": revenue}
        for ago, revenue in ((1, 5), (2, 50))
    ]
    spent(account.id, AT, *days, days=4)
    assert passed(database, account, AT) == 0
    assert passed(database, account, AT + timedelta(days=1)) == 1


def test_today_is_compared_with_the_same_hours_of_other_days(
    database: Any, account: MetaAccount, campaign: Campaign
) -> None:
    doubled = {"metric": "spend", "operator": ">", "value": 100, "compare": "baseline", "periods": 2}
    with database() as session:
        an_alert(session, campaign, condition=doubled)
    at = AT.replace(minute=0)
    hours = [
        {"campaign": campaign.meta_id, "ago": ago, "hour": hour, "spend": 25 if ago == 0 else 10}
        for ago in range(3)
        for hour in range(14 if ago == 0 else 24)
    ]
    spent_by_hour(account.id, at, *hours, days=3)
    assert passed(database, account, at) == 1
    (number,) = fired(database)[0].numbers
    assert (number["value"], number["before"], number["change"]) == (350, 140, 150)


def test_fewer_than_half_of_the_periods_are_no_baseline(
    database: Any, account: MetaAccount, campaign: Campaign
) -> None:
    more = {"metric": "spend", "operator": ">", "value": 10, "compare": "baseline", "periods": 7}
    with database() as session:
        an_alert(session, campaign, window="yesterday", condition=more)
    days = [
        {"campaign": campaign.meta_id, "ago": ago, "spend": 100 if ago == 1 else 10} for ago in range(1, 5)
    ]
    spent(account.id, AT, *days, days=8)
    assert passed(database, account, AT) == 0
    spent(account.id, AT, *days, {"campaign": campaign.meta_id, "ago": 5, "spend": 10}, days=8)
    assert passed(database, account, AT + timedelta(minutes=5)) == 1


@pytest.mark.parametrize(("status", "fires"), [("ACTIVE", 1), ("PAUSED", 0)])
def test_no_delivery_is_zero_where_there_should_be_some(
    database: Any, account: MetaAccount, status: str, fires: int
) -> None:
    with database() as session:
        a_campaign(session, account, status=status, effective_status=status)
        an_alert(session, account, condition={"check": "zeroDelivery", "hours": 3})
    spent_by_hour(account.id, AT)
    assert passed(database, account, AT) == fires


def test_hours_that_were_not_read_are_not_silence(
    database: Any, account: MetaAccount, campaign: Campaign
) -> None:
    with database() as session:
        an_alert(session, campaign, condition={"check": "zeroDelivery", "hours": 3})
    spent_by_hour(account.id, AT - timedelta(hours=2))
    assert passed(database, account, AT) == 0


def test_spend_is_compared_with_the_part_of_the_budget_for_the_time_gone_by(database: Any) -> None:
    with database() as session:
        connection = a_connection(session, a_user(session))
        account = an_account(session, connection, currency="JPY")
        campaign = a_campaign(session, account, daily_budget=2400)
        condition = {"metric": "spend", "operator": ">", "value": 150, "compare": "pacing"}
        an_alert(session, campaign, condition=condition)
    at = AT.replace(hour=6, minute=0)
    spent(account.id, at, {"campaign": campaign.meta_id, "spend": "900"})
    assert passed(database, account, at) == 0
    spent(account.id, at, {"campaign": campaign.meta_id, "spend": "960"})
    assert passed(database, account, at + timedelta(minutes=1)) == 1
    assert fired(database)[0].numbers[0]["before"] == pytest.approx(601.67, abs=0.01)


def test_a_campaign_without_a_budget_has_that_of_its_ad_sets(database: Any, account: MetaAccount) -> None:
    with database() as session:
        campaign = a_campaign(session, account, daily_budget=None)
        an_ad_set(session, campaign, daily_budget=3000)
        an_ad_set(session, campaign, lifetime_budget=20000, start_time=AT, end_time=AT + timedelta(days=10))
        an_ad_set(session, campaign, daily_budget=90000, status="PAUSED")
        an_alert(
            session,
            campaign,
            condition={"metric": "spend", "operator": ">=", "value": 80, "compare": "budget"},
        )
    spent(account.id, AT, {"campaign": campaign.meta_id, "spend": "40"})
    assert passed(database, account, AT) == 1
    assert fired(database)[0].numbers[0]["before"] == 50


def test_frequency_is_what_meta_says_of_the_window(
    database: Any, account: MetaAccount, campaign: Campaign
) -> None:
    with database() as session:
        an_alert(
            session,
            campaign,
            window="last_2d",
            condition={"metric": "frequency", "operator": ">", "value": 2},
        )
    days = [{"campaign": campaign.meta_id, "ago": ago, "impressions": 1500} for ago in (1, 2)]
    spent(account.id, AT, *days, days=3)
    assert passed(database, account, AT) == 0
    a_reach(account.id, campaign.meta_id, AT, days=2, reach=1000)
    assert passed(database, account, AT + timedelta(minutes=5)) == 1
    assert fired(database)[0].numbers[0]["value"] == 3


@pytest.mark.parametrize(
    ("window", "since", "until"),
    [("today", 0, 0), ("yesterday", 1, 1), ("last_7d", 7, 1)],
)
def test_people_are_asked_for_over_the_windows_that_need_them(
    database: Any,
    account: MetaAccount,
    campaign: Campaign,
    monkeypatch: pytest.MonkeyPatch,
    window: str,
    since: int,
    until: int,
) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(reach, "bring", lambda *range_: asked.append(range_) or True)
    with database() as session:
        an_alert(
            session, campaign, window=window, condition={"metric": "frequency", "operator": ">", "value": 2}
        )
        an_alert(session, campaign, condition=SPEND_OVER_10)
        read(session, account.id, AT)
    assert people.bring(account.id) == 1
    assert asked == [
        (account.id, Level.CAMPAIGN, AT.date() - timedelta(days=since), AT.date() - timedelta(days=until))
    ]


def test_rejected_ads_fire_once_while_they_last(
    database: Any, account: MetaAccount, campaign: Campaign
) -> None:
    with database() as session:
        ad_set = an_ad_set(session, campaign)
        rejected = [an_ad(session, ad_set, effective_status="DISAPPROVED") for _ in range(2)]
        troubles.note(session, account, AT - timedelta(minutes=1))
        an_alert(session, account, condition={"check": "disapproval", "ads": 2}, cooldown_minutes=0)
    for hours in (0, 1, 24):
        passed(database, account, AT + timedelta(hours=hours))
    assert [event.numbers[0]["value"] for event in fired(database)] == [2]
    with database() as session:
        for ad in rejected:
            session.merge(ad).effective_status = "ACTIVE"
        session.flush()
        troubles.note(session, account, AT + timedelta(hours=25))
    passed(database, account, AT + timedelta(hours=26))
    with database() as session:
        for ad in rejected:
            session.merge(ad).effective_status = "DISAPPROVED"
        session.flush()
        troubles.note(session, account, AT + timedelta(hours=27))
    assert passed(database, account, AT + timedelta(hours=28)) == 1


def test_an_hour_of_the_day_comes_once_a_day(database: Any, account: MetaAccount) -> None:
    with database() as session:
        an_alert(
            session, account, level=Level.ACCOUNT, condition={"metric": "hour", "operator": ">=", "value": 8}
        )
    moments = [AT.replace(hour=7), AT.replace(hour=8), AT.replace(hour=12), AT + timedelta(days=1)]
    assert [passed(database, account, at) for at in moments] == [0, 1, 0, 1]


def test_it_fires_again_only_once_the_value_came_back_far_enough(
    database: Any, account: MetaAccount, campaign: Campaign
) -> None:
    low = {"metric": "roas", "operator": "<", "value": 2}
    with database() as session:
        an_alert(session, campaign, condition=low, hysteresis=25, cooldown_minutes=0)
    found = []
    for step, revenue in enumerate((19, 21, 19, 26, 19)):
        at = AT + timedelta(minutes=5 * step)
        spent(account.id, at, {"campaign": campaign.meta_id, "spend": 10, "revenue": revenue})
        found.append(passed(database, account, at))
    assert found == [1, 0, 0, 0, 1]


def test_it_stays_quiet_for_its_cooldown(database: Any, account: MetaAccount, campaign: Campaign) -> None:
    with database() as session:
        an_alert(session, campaign, condition=SPEND_OVER_10, cooldown_minutes=60)
    found = []
    for minutes, spend in ((0, 20), (10, 5), (20, 20), (59, 20), (60, 20)):
        at = AT + timedelta(minutes=minutes)
        spent(account.id, at, {"campaign": campaign.meta_id, "spend": spend})
        found.append(passed(database, account, at))
    assert found == [1, 0, 0, 0, 1]


def test_a_name_filter_chooses_among_the_objects(database: Any, account: MetaAccount) -> None:
    with database() as session:
        made = [a_campaign(session, account, name=name) for name in ("Rebajas AR", "Marca", "rebajas ES")]
        an_alert(session, account, condition=SPEND_OVER_10, name_filter="REBAJAS")
    spent(account.id, AT, *({"campaign": one.meta_id, "spend": 20} for one in made))
    assert passed(database, account, AT) == 2
    assert {event.object_name for event in fired(database)} == {"Rebajas AR", "rebajas ES"}
