"""Meta's five headers fill the meter; the meter says who may call."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from redis import Redis

from vibekanban.clients.meta import errors, pacing, throttles
from vibekanban.clients.meta.pacing import Pacing
from vibekanban.core.columns import now
from vibekanban.core.queue import Lane

BUC = "x-business-use-case-usage"


def usage(kind: str, percent: float, *, minutes: int = 0) -> dict[str, str]:
    entry = {
        "type": kind, "call_count": percent, "total_cputime": 1, "total_time": 2,
        "estimated_time_to_regain_access": minutes,
    }  # fmt: skip
    return {BUC: json.dumps({"701": [entry]})}


def app(percent: float) -> dict[str, str]:
    return {"x-app-usage": json.dumps({"call_count": 1, "total_cputime": percent, "total_time": 3})}


@pytest.fixture
def meter(redis: Redis) -> Pacing:
    return Pacing(redis, app_id="1", account="701", key="connection")


def lanes_that_may_call(meter: Pacing, **values: Any) -> set[Lane]:
    free = set()
    for lane in Lane:
        try:
            meter.wait(lane, **values)
        except errors.Throttled:
            continue
        free.add(lane)
    return free


def test_all_five_headers_are_read() -> None:
    found = throttles.readings(
        {
            "x-app-usage": '{"call_count": 12, "total_cputime": 30, "total_time": 25}',
            "x-ad-account-usage": '{"acc_id_util_pct": 9.5, "reset_time_duration": 40}',
            BUC: '{"701": [{"type": "ads_insights", "call_count": 8, "total_cputime": 3, "total_time": 2,'
            ' "estimated_time_to_regain_access": 0}, {"type": "ads_management", "call_count": 101,'
            ' "total_cputime": 3, "total_time": 2, "estimated_time_to_regain_access": 19}]}',
            "x-fb-ads-insights-throttle": '{"app_id_util_pct": 5, "acc_id_util_pct": 6}',
            "x-fb-ads-insights-reach-throttle": '{"app_id_util_pct": 1, "acc_id_util_pct": 2}',
        }
    )
    assert {reading.bucket: (reading.percent, reading.regain) for reading in found} == {
        "app": (30, None),
        "score": (9.5, timedelta(seconds=40)),
        "ads_insights": (8, None),
        "ads_management": (101, timedelta(minutes=19)),
        "app_insights": (5, None),
        "insights": (6, None),
        "reach": (2, None),
    }


@given(
    some.dictionaries(
        some.sampled_from(["x-app-usage", "x-ad-account-usage", BUC, "x-fb-ads-insights-throttle"]),
        some.text(max_size=30)
        | some.recursive(
            some.none() | some.floats() | some.text(max_size=5),
            lambda inner: some.lists(inner) | some.dictionaries(some.text(max_size=5), inner),
            max_leaves=5,
        ).map(json.dumps),
    )
)
def test_a_malformed_header_tells_nothing(headers: dict[str, str]) -> None:
    assert all(reading.percent >= 0 for reading in throttles.readings(headers))


@pytest.mark.parametrize(
    ("percent", "free"),
    [
        (49, set(Lane)),
        (74, set(Lane)),
        (75, {Lane.HUMAN, Lane.ALERT}),
        (95, {Lane.HUMAN, Lane.ALERT}),
    ],
)
def test_the_fuller_the_bucket_the_fewer_may_call(meter: Pacing, percent: float, free: set[Lane]) -> None:
    meter.learn(usage("ads_management", percent))
    assert lanes_that_may_call(meter) == free


def test_the_background_slows_down_before_it_stops(meter: Pacing) -> None:
    meter.learn(usage("ads_management", 70))
    assert 0.4 <= meter.wait(Lane.TODAY) <= 2.0
    assert meter.wait(Lane.HUMAN) == 0


def test_a_full_bucket_of_insights_leaves_the_structure_alone(meter: Pacing) -> None:
    meter.learn(usage("ads_insights", 95))
    assert lanes_that_may_call(meter, insights=True) == {Lane.HUMAN, Lane.ALERT}
    assert lanes_that_may_call(meter, insights=False) == set(Lane)


def test_the_app_is_shared_by_its_accounts_and_an_account_is_not(meter: Pacing, redis: Redis) -> None:
    other = Pacing(redis, app_id="1", account="702", key="other")
    meter.learn(usage("ads_management", 95))
    assert lanes_that_may_call(other) == set(Lane)
    meter.learn(app(95))
    assert lanes_that_may_call(other) == {Lane.HUMAN, Lane.ALERT}


def test_calls_without_an_account_are_metered_by_connection(redis: Redis) -> None:
    mine, other = (Pacing(redis, app_id="1", account=None, key=key) for key in ("mine", "other"))
    mine.block({}, 17, 2446079)
    assert (lanes_that_may_call(mine), lanes_that_may_call(other)) == (set(), set(Lane))


def test_meta_naming_a_time_blocks_everybody_until_then(meter: Pacing) -> None:
    meter.learn(usage("ads_management", 60, minutes=19))
    with pytest.raises(errors.Throttled) as throttled:
        meter.wait(Lane.HUMAN)
    assert timedelta(minutes=18) < throttled.value.until - now() <= timedelta(minutes=19)


def test_a_throttle_error_blocks_its_bucket_until_the_headers_estimate(meter: Pacing) -> None:
    until = meter.block(usage("ads_management", 60, minutes=7), 80004, 2446079)
    assert timedelta(minutes=6) < until - now() <= timedelta(minutes=7)
    assert lanes_that_may_call(meter, insights=False) == set()
    assert lanes_that_may_call(meter, insights=True) == set(Lane)


def test_without_an_estimate_a_block_is_five_minutes(meter: Pacing) -> None:
    until = meter.block(
        {"x-ad-account-usage": '{"acc_id_util_pct": 1, "reset_time_duration": 3}'}, 80004, None
    )
    assert timedelta(minutes=4) < until - now() <= timedelta(minutes=5)


def test_a_late_answer_of_another_process_does_not_lift_a_block(meter: Pacing) -> None:
    meter.block({}, 80004, None)
    meter.learn(usage("ads_management", 3))
    assert lanes_that_may_call(meter) == set()


def test_a_reading_ends_by_itself(meter: Pacing, monkeypatch: pytest.MonkeyPatch) -> None:
    meter.learn({"x-ad-account-usage": '{"acc_id_util_pct": 90, "reset_time_duration": 200}'})
    assert lanes_that_may_call(meter) == {Lane.HUMAN, Lane.ALERT}
    later = now() + timedelta(seconds=201)
    monkeypatch.setattr(pacing, "now", lambda: later)
    assert lanes_that_may_call(meter) == set(Lane)


def test_the_background_is_told_when_to_come_back(meter: Pacing) -> None:
    meter.learn({"x-ad-account-usage": '{"acc_id_util_pct": 92, "reset_time_duration": 120}'})
    with pytest.raises(errors.Throttled) as throttled:
        meter.wait(Lane.HISTORY)
    assert timedelta(seconds=110) < throttled.value.until - now() <= timedelta(seconds=120)
