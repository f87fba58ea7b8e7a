"""One call to Meta: what goes out, what comes back, how often it is tried and how it is counted."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from facebook_business.api import FacebookAdsApi
from redis import Redis

from tests.clients.meta.conftest import TOKEN, Open
from tests.clients.meta.scripted import Scripted
from vibekanban.clients.meta import errors, tally
from vibekanban.clients.meta.tally import Kind
from vibekanban.core.queue import Lane
from vibekanban.core.settings import settings

HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
BROKEN: list[tuple[bytes, int]] = [
    (HTML, 502),  # which the SDK takes for a success
    (b"<html>no success today</html>", 500),  # which makes it raise a TypeError
    (b"", 500),
    (HTML, 200),
    (b'{"error": "plain text"}', 500),
    (b"[1, 2", 200),
]


@pytest.fixture(autouse=True)
def no_default_api() -> Iterator[None]:
    """The tripwire: a process-wide api would send one tenant's token with another's call."""
    yield
    assert FacebookAdsApi.get_default_api() is None


# -- what goes out


def test_a_call_carries_token_proof_and_version(meta: Scripted, opened: Open) -> None:
    meta.say({"id": "1"})
    assert opened().get("1", fields="id", filtering=[{"field": "a"}], empty=None, flag=True) == {"id": "1"}
    (call,) = meta.heard
    proof = hmac.new(settings().meta_app_secret.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
    assert call.path == "/v26.0/1"
    assert call.query == {
        "access_token": TOKEN,
        "appsecret_proof": proof,
        "fields": "id",
        "filtering": '[{"field": "a"}]',
        "flag": "true",
    }


def test_a_write_sends_its_values_in_the_body(meta: Scripted, opened: Open) -> None:
    meta.say({"success": True})
    opened().post("1", status="PAUSED", targeting={"geo": ["ES"]})
    (call,) = meta.heard
    assert (call.method, call.form) == ("POST", {"status": "PAUSED", "targeting": '{"geo": ["ES"]}'})


def test_a_redirect_is_not_followed(meta: Scripted, opened: Open) -> None:
    meta.say({"id": "1"}, 302, {"Location": f"{meta.url}/elsewhere"})
    with pytest.raises(errors.UnknownOutcome):
        opened().post("1")
    assert [call.path for call in meta.heard] == ["/v26.0/1"]


# -- reads are tried again, what is final is not


@pytest.mark.parametrize(("content", "status"), BROKEN)
def test_a_broken_answer_is_tried_again(meta: Scripted, opened: Open, content: bytes, status: int) -> None:
    meta.say(content, status)
    meta.say({"id": "1"})
    assert opened().get("1") == {"id": "1"}
    assert len(meta.heard) == 2


def test_a_read_is_given_up_after_four_tries_with_growing_pauses(
    meta: Scripted, opened: Open, naps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vibekanban.clients.meta.gateway.random.uniform", lambda _low, high: high)
    meta.refuse(2, is_transient=True)
    with pytest.raises(errors.Transient):
        opened().get("1")
    assert len(meta.heard) == 4
    assert naps == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("code", [190, 200, 100, 2635, 368, 104])
def test_a_final_answer_is_not_tried_again(meta: Scripted, opened: Open, code: int) -> None:
    meta.refuse(code)
    with pytest.raises(errors.MetaError):
        opened().get("1")
    assert len(meta.heard) == 1


def test_a_dead_token_is_known_whatever_its_error_data_is(meta: Scripted, opened: Open) -> None:
    meta.refuse(190, 463, error_data="not JSON, over which the SDK stumbles")
    with pytest.raises(errors.NeedsReauth):
        opened().get("1")
    assert len(meta.heard) == 1


def test_an_unknown_code_is_tried_twice_more_when_reading_and_never_when_writing(
    meta: Scripted, opened: Open
) -> None:
    meta.refuse(987654)
    with pytest.raises(errors.Unrecognised):
        opened().get("1")
    assert len(meta.heard) == 3
    with pytest.raises(errors.Unrecognised):
        opened().post("1")
    assert len(meta.heard) == 4


def test_a_drip_that_never_ends_is_cut_off(
    meta: Scripted, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("META_READ_TIMEOUT", "0.2")
    monkeypatch.setenv("META_CONNECT_TIMEOUT", "0.1")
    settings.cache_clear()
    meta.drips = 1500  # half a minute of single bytes, none of them late
    with pytest.raises(errors.BadGateway):
        opened(lane=Lane.HUMAN).get("1")
    assert len(meta.heard) == 1  # the time of one answer is all that a person's call has
    assert meta.dripped < meta.drips / 2


# -- writes are tried once


@pytest.mark.parametrize(("content", "status"), [*BROKEN, (b'{"success": false}', 200)])
def test_a_write_without_a_clear_answer_is_an_unknown_outcome(
    meta: Scripted, opened: Open, content: bytes, status: int
) -> None:
    meta.say(content, status)
    with pytest.raises(errors.UnknownOutcome):
        opened().post("1", status="PAUSED")
    assert len(meta.heard) == 1


def test_a_lost_answer_is_read_back(meta: Scripted, opened: Open) -> None:
    meta.say(b"", 500)
    meta.say({"status": "PAUSED"})
    answer = opened().write_verified(
        "1", {"status": "PAUSED"}, lambda gateway: gateway.get("1")["status"] == "PAUSED"
    )
    assert answer == {"success": True}
    assert [call.method for call in meta.heard] == ["POST", "GET"]


def test_a_write_that_was_lost_is_written_once_more(meta: Scripted, opened: Open) -> None:
    meta.say(b"", 500)
    meta.say({"status": "ACTIVE"})
    meta.say({"success": True})
    opened().write_verified("1", {"status": "PAUSED"}, lambda gateway: gateway.get("1")["status"] == "PAUSED")
    assert [call.method for call in meta.heard] == ["POST", "GET", "POST"]


# -- limits, alarms, counters


def test_a_throttle_error_stops_the_next_call_before_it_is_made(meta: Scripted, opened: Open) -> None:
    meta.refuse(80004, 2446079)
    for _ in range(2):
        with pytest.raises(errors.Throttled):
            opened().get("act_701/campaigns")
    assert len(meta.heard) == 1


def test_a_person_waits_out_a_short_block(meta: Scripted, opened: Open, naps: list[float]) -> None:
    meta.refuse(17, headers={"x-ad-account-usage": {"acc_id_util_pct": 100, "reset_time_duration": 2}})
    meta.say({"data": []})
    with pytest.raises(errors.Throttled):
        opened().get("act_701/campaigns")
    opened(lane=Lane.HUMAN).get("act_701/campaigns")
    assert len(naps) == 1
    assert 0 < naps[0] <= 2


def test_a_limit_of_one_object_blocks_nobody(meta: Scripted, opened: Open) -> None:
    meta.refuse(613, 1487632)
    meta.say({"data": []})
    with pytest.raises(errors.Refused):
        opened().post("1", daily_budget=1)
    assert opened().get("act_701/campaigns") == {"data": []}


def test_calls_are_counted_by_connection_account_lane_and_outcome(
    meta: Scripted, opened: Open, redis: Redis
) -> None:
    meta.say({"id": "1"})
    meta.say({"id": "1"})
    meta.refuse(190)
    opened().get("1")
    opened(lane=Lane.HUMAN, account=None).get("1")
    with pytest.raises(errors.NeedsReauth):
        opened().get("1")
    for counted in (tally.last_hour(redis, "connection"), tally.reviewed(redis, "connection")):
        assert counted == {
            Kind("701", Lane.TODAY, "ok"): 1,
            Kind("701", Lane.TODAY, "NeedsReauth"): 1,
            Kind("-", Lane.HUMAN, "ok"): 1,
        }


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"code": 104}, "meta_app_misconfigured"),
        ({"code": 2635}, "meta_version_retired"),
        ({}, "version_warning"),
    ],
)
def test_an_operator_is_alarmed_once_an_hour(
    meta: Scripted, opened: Open, answer: dict[str, Any], kind: str
) -> None:
    if answer:
        meta.refuse(answer["code"])
    else:
        meta.say({"id": "1"}, headers={"X-Ad-Api-Version-Warning": "v26.0 ends soon"})
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            try:
                opened().get("1")
            except errors.MetaError as error:
                assert error.code == kind  # noqa: PT017 - only two of the three fail
    alarms = [line for line in lines if line["event"] == "meta.operator_alarm"]
    assert [(line["kind"], line["log_level"]) for line in alarms] == [(kind, "error")]
