"""The gateway against the sandbox when things go wrong: silence, lost answers, limits that fill up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Sandbox
from vibekanban.clients.meta import errors
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core.queue import Lane
from vibekanban.core.settings import settings


def told(sandbox: Sandbox, path: str, **body: Any) -> Any:
    return sandbox.admin.post(f"/_sandbox/{path}", json=body).raise_for_status().json()


def calls(sandbox: Sandbox, method: str = "GET") -> list[dict[str, Any]]:
    return [call for call in sandbox.admin.get("/_sandbox/calls").json() if call["method"] == method]


@pytest.fixture
def account(sandbox: Sandbox) -> str:
    return sandbox.admin.get("/_sandbox/world").json()["lucia"]["accounts"][0]["id"]


@pytest.fixture
def token(sandbox: Sandbox, redis: object) -> str:
    return told(sandbox, "tokens", person="lucia")["token"]


def opened(token: str, account: str, lane: Lane = Lane.HUMAN) -> Gateway:
    return Gateway(token, key="tests", lane=lane, account=account, sleep=lambda _seconds: None)


def read_on(meta: Gateway, account: str) -> None:
    for _ in range(100):
        meta.get(f"act_{account}/campaigns", fields="id")


def test_silence_costs_a_person_one_call(
    sandbox: Sandbox, account: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "meta_read_timeout", 0.2)
    monkeypatch.setattr(settings(), "meta_connect_timeout", 0.1)
    told(sandbox, "faults", kind="hang", times=2, seconds=2)
    with pytest.raises(errors.BadGateway):
        opened(token, account).get(f"act_{account}")
    (rule,) = sandbox.admin.get("/_sandbox/faults").json()
    assert rule["times"] == 1


@pytest.mark.parametrize("kind", ["html502", "empty500", "not_json", "reset", "code1", "code2"])
def test_a_stumble_is_overcome(sandbox: Sandbox, account: str, token: str, kind: str) -> None:
    told(sandbox, "faults", kind=kind, times=3)
    assert opened(token, account, Lane.TODAY).get(f"act_{account}")["id"] == f"act_{account}"


def test_a_write_whose_answer_was_lost_is_made_once(sandbox: Sandbox, account: str, token: str) -> None:
    meta = opened(token, account)
    (campaign,) = meta.get(f"act_{account}/campaigns", fields="id", limit=1)["data"]
    told(sandbox, "faults", kind="reset_after_write", method="POST")
    meta.write_verified(
        campaign["id"],
        {"name": "Otra"},
        lambda gateway: gateway.get(campaign["id"], fields="name")["name"] == "Otra",
    )
    assert len(calls(sandbox, "POST")) == 1
    assert meta.get(campaign["id"], fields="name")["name"] == "Otra"


def test_a_write_that_never_arrived_is_made_once_more(sandbox: Sandbox, account: str, token: str) -> None:
    meta = opened(token, account)
    (campaign,) = meta.get(f"act_{account}/campaigns", fields="id", limit=1)["data"]
    told(sandbox, "faults", kind="reset", method="POST")
    meta.write_verified(
        campaign["id"],
        {"name": "Otra"},
        lambda gateway: gateway.get(campaign["id"], fields="name")["name"] == "Otra",
    )
    assert meta.get(campaign["id"], fields="name")["name"] == "Otra"


@pytest.mark.parametrize("lane", [Lane.TODAY, Lane.HISTORY])
def test_the_background_stops_before_meta_stops_it(
    sandbox: Sandbox, account: str, token: str, lane: Lane
) -> None:
    told(sandbox, "limits", tier="development_access")
    meta = opened(token, account, lane)
    with pytest.raises(errors.Throttled):
        read_on(meta, account)
    made = calls(sandbox)
    assert 30 < len(made) < 60
    assert {call["code"] for call in made} == {None}


def test_a_person_may_go_on_where_the_background_stops(sandbox: Sandbox, account: str, token: str) -> None:
    told(sandbox, "limits", tier="development_access")
    meta = opened(token, account, Lane.HISTORY)
    with pytest.raises(errors.Throttled):
        read_on(meta, account)
    assert opened(token, account).get(f"act_{account}", fields="id")["id"] == f"act_{account}"


def test_a_throttle_of_meta_is_not_hammered(sandbox: Sandbox, account: str, token: str) -> None:
    told(sandbox, "faults", kind="throttle", times=-1)
    for lane in Lane:
        with pytest.raises(errors.Throttled):
            opened(token, account, lane).get(f"act_{account}/campaigns")
    assert len(calls(sandbox)) == 1
