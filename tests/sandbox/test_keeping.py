"""What the sandbox must remember survives a restart; a reset forgets all of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from starlette.testclient import TestClient

from tests.conftest import Sandbox
from vibekanban.sandbox.app import create_app

CAMPAIGN = {
    "name": "Nueva", "objective": "OUTCOME_SALES", "special_ad_categories": "[]", "status": "PAUSED",
    "daily_budget": "2500",
}  # fmt: skip
NOON = 1_794_312_000.0
Caller = httpx.Client | TestClient


@contextmanager
def running(folder: Path, *, seed: int = 7) -> Iterator[TestClient]:
    app = create_app(seed=seed, data_dir=folder, app_id="1", app_secret="secret", mail_key="key")
    with TestClient(app) as client:
        yield client


def a_token(client: Caller) -> str:
    return client.post("/_sandbox/tokens", json={"person": "lucia"}).json()["token"]


def insights(client: Caller, token: str) -> list[dict[str, str]]:
    account = client.get("/v26.0/me/adaccounts", params={"access_token": token}).json()["data"][0]["id"]
    asked = {
        "access_token": token,
        "level": "campaign",
        "date_preset": "last_7d",
        "fields": "campaign_id,spend",
    }
    return client.get(f"/v26.0/{account}/insights", params=asked).json()["data"]


def test_tokens_edits_runs_mails_and_the_clock_survive(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        token = a_token(client)
        client.headers["authorization"] = f"Bearer {token}"
        client.post("/_sandbox/clock", json={"to": NOON, "speed": 0})
        account = client.get("/v26.0/me/adaccounts").json()["data"][0]["id"]
        made = client.post(f"/v26.0/{account}/campaigns", data=CAMPAIGN).json()["id"]
        first = client.get(f"/v26.0/{account}/campaigns").json()["data"][0]["id"]
        client.post(f"/v26.0/{first}", data={"name": "Otra", "status": "PAUSED"})
        run = client.post(f"/v26.0/{account}/insights", data={"level": "campaign"}).json()["report_run_id"]
        mail = {
            "personalizations": [{"to": [{"email": "a@example.com"}]}], "from": {"email": "b@example.com"},
            "subject": "Hola", "content": [{"type": "text/plain", "value": "Hola"}],
        }  # fmt: skip
        assert (
            client.post("/v3/mail/send", json=mail, headers={"authorization": "Bearer key"}).status_code
            == 202
        )
        before = insights(client, token)
    with running(tmp_path) as client:
        client.headers["authorization"] = f"Bearer {token}"
        assert client.get("/_sandbox/clock").json()["now"] == NOON
        assert client.get(f"/v26.0/{made}", params={"fields": "name"}).json()["name"] == "Nueva"
        assert client.get(f"/v26.0/{first}", params={"fields": "name,status"}).json().items() >= {
            "name": "Otra", "status": "PAUSED",
        }.items()  # fmt: skip
        assert client.get(f"/v26.0/{run}").json()["id"] == run
        assert client.get(f"/v26.0/{account}/activities").json()["data"]
        assert [one["subject"] for one in client.get("/mailbox.json").json()] == ["Hola"]
        assert insights(client, token) == before


def test_a_reset_forgets_everything(sandbox: Sandbox) -> None:
    token = a_token(sandbox.admin)
    sandbox.admin.post("/_sandbox/clock", json={"to": NOON, "speed": 0})
    sandbox.admin.post("/_sandbox/faults", json={"kind": "code1", "times": -1})
    sandbox.admin.post("/_sandbox/reset").raise_for_status()
    answer = sandbox.admin.get("/v26.0/me", params={"access_token": token})
    assert answer.json()["error"]["code"] == 190
    assert sandbox.admin.get("/_sandbox/clock").json()["moved"] is False
    assert sandbox.admin.get("/_sandbox/faults").json() == []


def test_the_seed_decides_every_number(tmp_path: Path) -> None:
    found = []
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        with running(tmp_path / name, seed=seed) as client:
            client.post("/_sandbox/clock", json={"to": NOON, "speed": 0})
            found.append(insights(client, a_token(client)))
    assert found[0] == found[1] != found[2]


def test_the_base_data_takes_no_space(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        token = client.post("/_sandbox/tokens", json={"person": "grande"}).json()["token"]
        params = {"access_token": token, "fields": "name", "limit": 100}
        for account in client.get("/v26.0/me/adaccounts", params=params).json()["data"]:
            assert len(client.get(f"/v26.0/{account['id']}/ads", params=params).json()["data"]) == 100
        assert (tmp_path / "sandbox" / "state.sqlite3").stat().st_size < 200_000


def test_the_test_hand_is_for_this_machine_only(tmp_path: Path) -> None:
    app = create_app(seed=7, data_dir=tmp_path, app_id="1", app_secret="secret")
    stranger = TestClient(app, client=("203.0.113.9", 50_000))
    assert stranger.get("/_sandbox/clock").status_code == 403
