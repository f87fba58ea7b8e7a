"""Nothing of a list is lost or read for ever, and a batch answers for each of its calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.meta.conftest import Open
from tests.clients.meta.scripted import Scripted
from tests.conftest import Sandbox
from vibekanban.clients.meta import errors, gateway, paging
from vibekanban.clients.meta.gateway import Call, Gateway
from vibekanban.core.queue import Lane


@pytest.fixture
def live(sandbox: Sandbox, redis: object) -> Gateway:
    """A gateway to the sandbox as the owner of the tidy shop."""
    token = sandbox.admin.post("/_sandbox/tokens", json={"person": "lucia"}).json()["token"]
    return Gateway(token, key="tests", lane=Lane.HUMAN)


@pytest.fixture
def act(live: Gateway) -> str:
    return live.get("me/adaccounts", fields="id")["data"][0]["id"]


@pytest.mark.parametrize(
    "paging", [{}, {"short": True}, {"hole": True}, {"next_only": True}, {"short": True, "hole": True}]
)
def test_every_ad_is_seen_once_however_meta_pages(
    sandbox: Sandbox, live: Gateway, act: str, paging: dict[str, bool]
) -> None:
    sandbox.admin.post("/_sandbox/paging", json=paging).raise_for_status()
    seen = [ad["id"] for rows in live.pages(f"{act}/ads", limit=25, fields="id") for ad in rows]
    assert (len(seen), len(set(seen))) == (108, 108)


def test_a_list_goes_on_from_a_kept_place(live: Gateway, act: str) -> None:
    pages = live.cursored(f"{act}/ads", limit=40, fields="id")
    first, after = next(pages)
    rest = [ad["id"] for rows in live.pages(f"{act}/ads", limit=40, fields="id", after=after) for ad in rows]
    assert len({ad["id"] for ad in first} | set(rest)) == 108
    assert len(rest) == 68


def test_the_token_in_the_next_link_is_not_followed(meta: Scripted, opened: Open) -> None:
    meta.say(
        {"data": [{"id": "1"}], "paging": {"next": "http://evil.example/x?access_token=other&offset=25"}}
    )
    meta.say({"data": [{"id": "2"}]})
    assert list(opened().pages("act_701/ads")) == [[{"id": "1"}], [{"id": "2"}]]
    assert meta.heard[1].query["offset"] == "25"
    assert meta.heard[1].query["access_token"] != "other"


NEXT = {"paging": {"cursors": {"after": "c1"}, "next": "http://graph.example/?after=c1"}}


@pytest.mark.parametrize("code", [100, 2642])
def test_a_place_that_meta_forgot_is_no_wrong_question(meta: Scripted, opened: Open, code: int) -> None:
    meta.say({"data": [{"id": "1"}], **NEXT})
    meta.refuse(code)
    pages = opened().pages("act_701/ads")
    assert next(pages) == [{"id": "1"}]
    with pytest.raises(errors.CursorExpired):
        next(pages)


def test_a_refusal_of_the_first_page_is_a_wrong_question(meta: Scripted, opened: Open) -> None:
    meta.refuse(100)
    with pytest.raises(errors.Refused):
        list(opened().pages("act_701/ads"))


def test_a_listing_whose_place_is_lost_is_read_from_its_beginning(meta: Scripted, opened: Open) -> None:
    meta.say({"data": [{"id": "1"}], **NEXT})
    meta.refuse(2642)
    meta.say({"data": [{"id": "1"}, {"id": "2"}]})
    gateway = opened()
    assert paging.whole(lambda: list(gateway.pages("act_701/ads"))) == [[{"id": "1"}, {"id": "2"}]]


def test_a_listing_whose_place_is_lost_every_time_is_given_up(meta: Scripted, opened: Open) -> None:
    meta.refuse(2642)
    gateway = opened()
    with pytest.raises(errors.CursorExpired):
        paging.whole(lambda: list(gateway.pages("act_701/ads")))
    assert len(meta.heard) == paging.RESTARTS + 1


def test_a_list_that_stands_still_is_given_up(meta: Scripted, opened: Open) -> None:
    meta.say({"data": [], "paging": {"cursors": {"after": "A"}, "next": "http://x/?after=A"}})
    with pytest.raises(errors.BadGateway):
        list(opened().pages("act_701/ads"))
    assert len(meta.heard) == 2


def test_a_list_without_end_is_given_up(
    meta: Scripted, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "MOST_PAGES", 3)
    for after in "ABCD":
        meta.say({"data": [], "paging": {"cursors": {"after": after}, "next": "http://x/"}})
    with pytest.raises(errors.TooMuchData):
        list(opened().pages("act_701/ads"))
    assert len(meta.heard) == 3


# -- batches


def names(answers: list[Any]) -> list[str]:
    return [
        type(answer).__name__ if isinstance(answer, errors.MetaError) else answer["id"] for answer in answers
    ]


def test_more_calls_than_a_batch_may_hold_are_split(sandbox: Sandbox, live: Gateway, act: str) -> None:
    ids = [row["id"] for row in live.get(f"{act}/ads", fields="id", limit=60)["data"]]
    answers = live.batch([Call("GET", one, {"fields": "id"}) for one in ids])
    assert names(answers) == ids


def test_a_bad_call_fails_alone(live: Gateway, act: str) -> None:
    answers = live.batch(
        [Call("GET", act, {"fields": "id"}), Call("GET", "120000000000000"), Call("GET", act)]
    )
    assert names(answers) == [act, "Missing", act]


def test_reads_that_meta_did_not_get_to_are_asked_again(sandbox: Sandbox, live: Gateway, act: str) -> None:
    sandbox.admin.post("/_sandbox/batch", json={"nulls": 2}).raise_for_status()
    assert names(live.batch([Call("GET", act)] * 3)) == [act] * 3


def test_a_write_that_meta_did_not_get_to_is_an_unknown_outcome(
    sandbox: Sandbox, live: Gateway, act: str
) -> None:
    (campaign,) = live.get(f"{act}/campaigns", fields="id", limit=1)["data"]
    sandbox.admin.post("/_sandbox/batch", json={"nulls": 1}).raise_for_status()
    calls = [Call("GET", act), Call("POST", campaign["id"], {"status": "PAUSED"})]
    assert names(live.batch(calls)) == [act, "UnknownOutcome"]


def throttled_entry() -> dict[str, Any]:
    usage = {"701": [{"type": "ads_management", "estimated_time_to_regain_access": 4}]}
    error = {"code": 80004, "message": "too many", "fbtrace_id": "A"}
    return {
        "code": 400,
        "headers": [{"name": "X-Business-Use-Case-Usage", "value": json.dumps(usage)}],
        "body": json.dumps({"error": error}),
    }


def test_limits_told_inside_a_batch_count(meta: Scripted, opened: Callable[..., Gateway]) -> None:
    meta.say([throttled_entry()])
    assert names(opened().batch([Call("GET", "1")])) == ["Throttled"]
    with pytest.raises(errors.Throttled):
        opened(lane=Lane.HUMAN).get("act_701/ads")
    assert len(meta.heard) == 1
