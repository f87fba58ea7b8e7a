"""Automations over HTTP, and the reports of their runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from tests.domains.meta.meta_sandbox import queued
from tests.factories.access import a_token
from tests.factories.accounts import a_user, bearer
from tests.factories.automations import a_run, a_running_automation
from tests.factories.meta import a_connection, an_account
from vibekanban.core import settings
from vibekanban.core.queue import Job
from vibekanban.domains.access import tokens
from vibekanban.domains.access.models import McpToken
from vibekanban.domains.automations.models import Automation, AutomationRun, RunStatus

Database = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Person:
    headers: dict[str, str]
    account_id: UUID


@pytest.fixture
def person(database: Database) -> Person:
    with database() as session:
        user = a_user(session)
        account = an_account(session, a_connection(session, user))
        return Person(bearer(session, user), account.id)


def made(client: TestClient, person: Person, **more: Any) -> dict[str, Any]:
    body = {
        "template": "pause_without_results",
        "name": "Sin compras, fuera",
        "accountIds": [str(person.account_id)],
        **more,
    }
    return client.post("/api/automations", json=body, headers=person.headers).raise_for_status().json()


@dataclass(frozen=True)
class Reporting:
    """A running automation, and the secret that n8n holds of it."""

    automation: Automation
    secret: str

    def told(self, client: TestClient, **body: Any) -> Any:
        return client.post(
            f"/api/webhooks/n8n/{self.automation.id}",
            json={"executionId": "7", "status": "success", **body},
            headers={"Authorization": f"Bearer {self.secret}"},
        )


@pytest.fixture
def reporting(database: Database, person: Person) -> Reporting:
    from vibekanban.domains.meta.models import MetaAccount

    with database() as session:
        automation = a_running_automation(session, session.get_one(MetaAccount, person.account_id))
        issued = tokens.rotate(session, automation.user_id, automation.token_id)
        return Reporting(automation, issued.secret)


def test_an_automation_begins_dry_with_a_token_of_its_own(client: TestClient, person: Person) -> None:
    answer = made(client, person)
    assert (answer["state"], answer["wanted"], answer["settled"]) == ("PREPARING", "RUNNING", False)
    assert answer["policy"] == {"dryRun": True}
    assert answer["params"] == {"max_spend": 50, "max_conversions": 0, "days": 3, "hour": 8}
    listed = client.get("/api/mcp/tokens", headers=person.headers).json()["items"]
    assert [(one["id"], one["name"], one["scopes"]) for one in listed] == [
        (answer["tokenId"], "Sin compras, fuera", ["read", "pause"])
    ]
    assert queued(Job.FOLLOW_AUTOMATION) == [(answer["id"],)]


def test_nothing_secret_is_in_an_answer_or_in_a_job(
    client: TestClient, person: Person, database: Database
) -> None:
    answer = made(client, person)
    assert "vkm_" not in str(answer)
    with database() as session:
        row = session.get_one(Automation, UUID(answer["id"]))
        assert row.sealed_run_key not in str(answer)
        assert row.run_path not in str(answer)


def test_writing_for_real_is_asked_for_by_name(client: TestClient, person: Person) -> None:
    assert made(client, person, policy={"dryRun": False, "maxWritesPerDay": 5})["policy"] == {
        "maxWritesPerDay": 5
    }


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"params": {"max_spend": -1}}, "params.max_spend"),
        ({"params": {"max_spend": "50"}}, "params.max_spend"),
        ({"params": {"hour": 24}}, "params.hour"),
        ({"params": {"budget": 1}}, "params.budget"),
        ({"policy": {"maxWritesPerDay": -1}}, "policy.maxWritesPerDay"),
        ({"accountIds": []}, "accountIds"),
        ({"name": " "}, "name"),
    ],
)
def test_what_is_wrong_is_named(
    client: TestClient, person: Person, wrong: dict[str, Any], field: str
) -> None:
    body = {"template": "pause_without_results", "name": "x", "accountIds": [str(person.account_id)], **wrong}
    answer = client.post("/api/automations", json=body, headers=person.headers)
    assert answer.status_code == 422
    assert field in [one["field"] for one in answer.json()["details"]["fields"]]


def test_a_template_that_does_not_exist_is_not_found(client: TestClient, person: Person) -> None:
    body = {"template": "../models", "name": "x", "accountIds": [str(person.account_id)]}
    answer = client.post("/api/automations", json=body, headers=person.headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "automation_template_unknown")


def test_templates_are_told_in_the_readers_language(client: TestClient, person: Person) -> None:
    def titles(language: str) -> list[str]:
        headers = {**person.headers, "Accept-Language": language}
        items = client.get("/api/automations/templates", headers=headers).json()["items"]
        return [one["params"]["properties"]["days"]["title"] for one in items]

    assert len(titles("es")) >= 2
    assert titles("es") != titles("en")


def test_other_parameters_are_a_new_revision_and_other_limits_hold_at_once(
    client: TestClient, person: Person, database: Database
) -> None:
    automation = made(client, person)
    address = f"/api/automations/{automation['id']}"
    answer = client.patch(
        address, json={"params": {"max_spend": 80}, "policy": {"dryRun": False}}, headers=person.headers
    ).json()
    assert (answer["params"]["max_spend"], answer["params"]["hour"], answer["policy"]) == (80, 8, {})
    with database() as session:
        assert session.get_one(McpToken, UUID(automation["tokenId"])).policy == {}
        assert session.get_one(Automation, UUID(automation["id"])).revision == 2


def test_an_end_revokes_the_token_at_once_and_stays_an_end(
    client: TestClient, person: Person, database: Database
) -> None:
    automation = made(client, person)
    address = f"/api/automations/{automation['id']}"
    for _ in range(2):
        assert client.delete(address, headers=person.headers).json()["wanted"] == "ENDED"
    with database() as session:
        assert session.get_one(McpToken, UUID(automation["tokenId"])).revoked_at is not None
    for action in ("pause", "resume", "run"):
        assert client.post(f"{address}/{action}", headers=person.headers).status_code == 409
    assert client.patch(address, json={"name": "x"}, headers=person.headers).status_code == 409


def test_it_is_run_now_only_while_it_runs(client: TestClient, person: Person, reporting: Reporting) -> None:
    address = f"/api/automations/{reporting.automation.id}"
    assert client.post(f"{address}/run", headers=person.headers).status_code == 202
    assert queued(Job.RUN_AUTOMATION) == [(str(reporting.automation.id),)]
    client.post(f"{address}/pause", headers=person.headers)
    answer = client.post(f"{address}/run", headers=person.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "automation_not_running")


def test_a_revoked_token_and_every_kill_switch_say_why_it_is_stopped(
    client: TestClient, person: Person, reporting: Reporting
) -> None:
    address = f"/api/automations/{reporting.automation.id}"
    token = f"/api/mcp/tokens/{reporting.automation.token_id}"

    def stops() -> list[str]:
        return client.get(address, headers=person.headers).json()["stops"]

    client.patch(token, json={"stopped": True}, headers=person.headers)
    assert "token_stopped" in stops()
    client.delete(token, headers=person.headers)
    assert "token_revoked" in stops()
    again = client.post(f"{address}/resume", headers=person.headers).json()
    assert again["tokenId"] != str(reporting.automation.token_id)
    assert again["stops"] == []


def test_with_the_flag_off_there_are_none(
    client: TestClient, person: Person, reporting: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENABLE_COPY_STRATEGY", "false")
    settings.settings.cache_clear()
    try:
        for path in ("", "/templates", f"/{reporting.automation.id}"):
            assert client.get(f"/api/automations{path}", headers=person.headers).status_code == 404
        assert reporting.told(client).status_code == 404
    finally:
        monkeypatch.undo()
        settings.settings.cache_clear()


# -- reports


def test_a_report_is_kept_once(client: TestClient, person: Person, reporting: Reporting) -> None:
    first = reporting.told(client, results={"checked": 3})
    again = reporting.told(client, status="error", results={"checked": 99})
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    found = client.get(f"/api/automations/{reporting.automation.id}/executions", headers=person.headers)
    (run,) = found.json()["items"]
    assert (run["executionId"], run["status"], run["results"]) == ("7", "success", {"checked": 3})


def test_secrets_in_a_report_are_not_kept(
    client: TestClient, reporting: Reporting, database: Database
) -> None:
    reporting.told(
        client, status="error", error=f"Bearer {reporting.secret}", results={"token": "x", "a": "b"}
    )
    with database() as session:
        run = session.exec(select(AutomationRun)).one()
        assert reporting.secret not in run.error
        assert run.results == {"token": "***", "a": "b"}


def test_another_token_of_the_same_person_reports_nothing(
    client: TestClient, reporting: Reporting, database: Database
) -> None:
    with database() as session:
        other = a_token(session, reporting.automation.user_id).secret
    answer = Reporting(reporting.automation, other).told(client)
    assert answer.status_code == 404
    with database() as session:
        assert session.exec(select(AutomationRun)).all() == []


@pytest.mark.parametrize("secret", ["", "vkm_nobody"])
def test_no_token_and_an_unknown_one_are_the_same(
    client: TestClient, reporting: Reporting, secret: str
) -> None:
    assert Reporting(reporting.automation, secret).told(client).status_code == 401


def test_a_report_that_is_too_large_is_refused(client: TestClient, reporting: Reporting) -> None:
    assert reporting.told(client, results={"text": "x" * 70_000}).status_code == 413


@pytest.mark.parametrize("wrong", [{"executionId": "7; x"}, {"executionId": ""}, {"status": "fine"}])
def test_a_report_that_is_none_is_refused(
    client: TestClient, reporting: Reporting, wrong: dict[str, str]
) -> None:
    assert reporting.told(client, **wrong).status_code == 422


def test_runs_show_the_calls_that_their_token_made_meanwhile(
    client: TestClient, person: Person, reporting: Reporting, database: Database
) -> None:
    headers = {"Authorization": f"Bearer {reporting.secret}"}
    with database() as session:
        a_run(session, reporting.automation, status=RunStatus.RUNNING)
    client.post("/api/mcp/tools/list_accounts", json={"arguments": {}}, headers=headers).raise_for_status()
    found = client.get(f"/api/automations/{reporting.automation.id}/executions", headers=person.headers)
    (run,) = found.json()["items"]
    assert [(call["tool"], call["outcome"]) for call in run["calls"]] == [("list_accounts", "ok")]
