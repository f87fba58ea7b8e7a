"""The routes of the board."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.domains.editing.graph import Graph, graph
from tests.factories.accounts import a_user, bearer
from tests.factories.board import a_task
from tests.factories.meta import a_campaign, a_connection, an_account
from vibekanban.core.settings import settings
from vibekanban.domains.accounts.models import User
from vibekanban.domains.currencies.models import ExchangeRate
from vibekanban.domains.meta import metrics
from vibekanban.domains.meta.models import Campaign


@pytest.fixture
def meta(monkeypatch: pytest.MonkeyPatch) -> Iterator[Graph]:
    with graph() as (origin, played):
        monkeypatch.setattr(settings(), "meta_graph_url", origin)
        yield played


@pytest.fixture
def user(database: Any) -> User:
    with database() as session:
        return a_user(session)


@pytest.fixture
def signed_in(database: Any, user: User) -> dict[str, str]:
    with database() as session:
        return bearer(session, user)


@pytest.fixture
def campaign(database: Any, user: User) -> Campaign:
    with database() as session:
        return a_campaign(session, an_account(session, a_connection(session, user)))


def stages(client: TestClient, signed_in: dict[str, str], **query: Any) -> dict[str, list[str]]:
    found = client.get("/api/board", params=query, headers=signed_in).json()["columns"]
    return {one["stage"]: [card["id"] for card in one["cards"]] for one in found if one["cards"]}


def test_the_board_has_every_column_and_the_cards_of_all_accounts(
    client: TestClient, database: Any, user: User, signed_in: dict[str, str], campaign: Campaign
) -> None:
    with database() as session:
        task = a_task(session, user)
    answer = client.get("/api/board", headers=signed_in).json()
    assert [one["stage"] for one in answer["columns"]] == [
        "running",
        "attention",
        "approval",
        "paused",
        "done",
    ]
    assert stages(client, signed_in) == {"running": [str(campaign.id)], "attention": [str(task.id)]}
    assert answer["columns"][0]["sums"] == [
        {"currency": "EUR", "spend": "0.00", "revenue": "0.00", "dailyBudget": "50.00"}
    ]


def test_moving_a_campaign_to_paused_pauses_it_at_meta(
    client: TestClient, signed_in: dict[str, str], campaign: Campaign, meta: Graph
) -> None:
    meta.statuses[campaign.meta_id] = "ACTIVE"
    moved = client.post(f"/api/board/cards/{campaign.id}/move", json={"stage": "paused"}, headers=signed_in)
    assert (moved.json()["stage"], moved.json()["targets"]) == ("paused", ["running"])
    assert meta.statuses[campaign.meta_id] == "PAUSED"
    back = client.post(f"/api/board/cards/{campaign.id}/move", json={"stage": "running"}, headers=signed_in)
    assert back.json()["stage"] == "running"


def test_what_meta_refuses_leaves_the_card_where_it_was(
    client: TestClient, signed_in: dict[str, str], campaign: Campaign, meta: Graph
) -> None:
    meta.statuses[campaign.meta_id] = "ARCHIVED"
    moved = client.post(f"/api/board/cards/{campaign.id}/move", json={"stage": "paused"}, headers=signed_in)
    assert (moved.status_code, moved.json()["code"]) == (409, "not_switchable")
    assert stages(client, signed_in) == {"running": [str(campaign.id)]}


def test_a_campaign_is_not_put_where_only_its_state_puts_it(
    client: TestClient, signed_in: dict[str, str], campaign: Campaign
) -> None:
    moved = client.post(f"/api/board/cards/{campaign.id}/move", json={"stage": "done"}, headers=signed_in)
    assert (moved.status_code, moved.json()["code"]) == (409, "board_not_movable")


def test_a_task_lives_from_written_to_thrown_away(client: TestClient, signed_in: dict[str, str]) -> None:
    made = client.post("/api/board/tasks", json={"title": " Mirar  frecuencia "}, headers=signed_in)
    task = made.json()
    assert (made.status_code, task["title"], task["stage"]) == (201, "Mirar frecuencia", "attention")
    changed = {"title": "Mirar alcance", "notes": "28 días", "dueOn": "2026-12-01"}
    assert client.put(f"/api/board/tasks/{task['id']}", json=changed, headers=signed_in).json()["dueOn"]
    client.post(f"/api/board/cards/{task['id']}/move", json={"stage": "done"}, headers=signed_in)
    assert stages(client, signed_in) == {"done": [task["id"]]}
    assert client.delete(f"/api/board/tasks/{task['id']}", headers=signed_in).status_code == 204
    assert stages(client, signed_in) == {}


def test_a_task_without_a_title_is_refused(client: TestClient, signed_in: dict[str, str]) -> None:
    answer = client.post("/api/board/tasks", json={"title": " "}, headers=signed_in)
    assert (answer.status_code, answer.json()["details"]["fields"][0]["field"]) == (422, "title")


def test_labels_sleep_and_assignee_belong_to_any_card(
    client: TestClient, user: User, signed_in: dict[str, str], campaign: Campaign
) -> None:
    card = f"/api/board/cards/{campaign.id}"
    client.put(f"{card}/labels", json={"labels": ["VIP"]}, headers=signed_in)
    client.put(f"{card}/assignee", json={"assigneeId": str(user.id)}, headers=signed_in)
    found = client.get(card, headers=signed_in).json()
    assert (found["labels"], found["assigneeId"]) == (["VIP"], str(user.id))
    mine = stages(client, signed_in, label="VIP", assignee="me", kind="campaign")
    assert mine == {"running": [str(campaign.id)]}
    client.post(f"{card}/snooze", json={"until": "2099-01-01T00:00:00Z"}, headers=signed_in)
    assert stages(client, signed_in) == {}
    assert stages(client, signed_in, snoozed=True) == {"running": [str(campaign.id)]}


def test_comments_are_said_read_and_taken_back(
    client: TestClient, user: User, signed_in: dict[str, str], campaign: Campaign
) -> None:
    place = f"/api/board/cards/{campaign.id}/comments"
    said = client.post(place, json={"text": f"@{user.name} ¿subimos?"}, headers=signed_in).json()
    assert said["mentions"] == [str(user.id)]
    assert client.get(place, headers=signed_in).json()["items"] == [said]
    assert client.delete(f"/api/board/comments/{said['id']}", headers=signed_in).status_code == 204
    assert client.get(place, headers=signed_in).json()["items"] == []


def test_views_are_saved_changed_and_forgotten(client: TestClient, signed_in: dict[str, str]) -> None:
    body = {"name": "Mías", "filters": {"assignee": "me", "sort": "manual"}}
    kept = client.post("/api/board/views", json=body, headers=signed_in).json()
    assert kept["filters"] == {"assignee": "me"}
    assert client.post("/api/board/views", json=body, headers=signed_in).status_code == 409
    changed = client.patch(f"/api/board/views/{kept['id']}", json={"name": "Todo mío"}, headers=signed_in)
    assert (changed.json()["name"], changed.json()["filters"]) == ("Todo mío", {"assignee": "me"})
    assert client.delete(f"/api/board/views/{kept['id']}", headers=signed_in).status_code == 204
    assert client.get("/api/board/views", headers=signed_in).json()["items"] == []


def test_totals_are_in_one_currency_and_say_by_which_rates(
    client: TestClient, database: Any, user: User, signed_in: dict[str, str]
) -> None:
    day = date(2026, 3, 11)
    with database() as session:
        for currency, rate in {"EUR": "1", "USD": "1.25"}.items():
            session.add(ExchangeRate(day=day, currency=currency, per_euro=Decimal(rate)))
        for currency, micros in {"EUR": 10_000_000, "USD": 25_000_000, "CLP": 9_000_000_000}.items():
            account = an_account(session, a_connection(session, user), currency=currency)
            today = metrics.local_today(account)
            a_campaign(session, account, name=currency, today=today, today_spend_micros=micros)
    totals = client.get("/api/board", params={"currency": "eur"}, headers=signed_in).json()["totals"]
    assert (totals["spend"], totals["currency"], totals["ratesOf"]) == ("30.00", "EUR", "2026-03-11")
    assert totals["rates"] == {"USD": "1.25"}
    assert totals["leftOut"] == {"CLP": "9000"}
    running = client.get("/api/board", headers=signed_in).json()["columns"][0]["cards"]
    assert [card["title"] for card in running] == ["USD", "EUR", "CLP"]  # what has no rate comes last


def test_a_target_is_set_read_and_taken_away(
    client: TestClient, user: User, signed_in: dict[str, str], campaign: Campaign
) -> None:
    body = {"accountId": str(campaign.account_id), "campaignId": str(campaign.id), "amount": "300.50"}
    made = client.put("/api/board/targets", json=body, headers=signed_in).json()
    assert (made["amount"], made["spent"], made["projected"], made["verdict"]) == ("300.50", "0.00", None, "")
    assert client.get("/api/board/targets", headers=signed_in).json()["items"] == [made]
    assert client.delete(f"/api/board/targets/{made['id']}", headers=signed_in).status_code == 204
    assert client.get("/api/board/targets", headers=signed_in).json()["items"] == []


def test_the_board_needs_a_session(client: TestClient) -> None:
    assert client.get("/api/board").status_code == 401
