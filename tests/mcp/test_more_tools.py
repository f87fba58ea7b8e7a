"""Alerts, reports, the board, syncs and the quota with tools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from tests.factories import tenants
from tests.factories.access import a_token
from tests.factories.metrics import a_row, write
from tests.mcp.conftest import Database, Server
from vibekanban.core import columns, db
from vibekanban.domains.access import tokens
from vibekanban.domains.access.models import McpToken
from vibekanban.domains.alerts.models import Alert
from vibekanban.domains.board.models import BoardComment, BoardTask
from vibekanban.domains.meta import insights
from vibekanban.domains.meta.models import Level, Sync

CONDITION = {"metric": "spend", "operator": ">", "value": 5}


@dataclass(frozen=True)
class House:
    """Somebody with one of everything, and a token for their account."""

    user_id: UUID
    ids: dict[str, UUID]
    token_id: UUID
    token: str

    def id(self, kind: str) -> str:
        return str(self.ids[kind])


@pytest.fixture
def house(database: Database) -> House:
    return a_house(database)


def a_house(database: Database, mark: str = "Casa", **token: Any) -> House:
    with database() as session:
        owner = tenants.a_tenant(session, mark)
        issued = a_token(session, owner.user_id, account_ids=[owner.ids["account"]], **token)
        return House(owner.user_id, owner.ids, issued.token.id, issued.secret)


def limit(database: Database, house: House, **policy: Any) -> None:
    with database() as session:
        tokens.change(session, house.user_id, house.token_id, policy=policy)


def alerts_of(database: Database, house: House) -> list[Alert]:
    with database() as session:
        return list(session.exec(select(Alert).where(Alert.user_id == house.user_id)))


def test_an_alert_is_made_changed_switched_and_deleted(
    server: Server, database: Database, house: House
) -> None:
    made = server.call(
        house.token, "create_alert", accountId=house.id("account"), name="Gasto", condition=CONDITION
    ).result["item"]
    changed = server.call(house.token, "update_alert", alertId=made["id"], cooldownMinutes=30).result["item"]
    assert (changed["cooldownMinutes"], changed["name"]) == (30, "Gasto")
    off = server.call(house.token, "pause_alert", alertId=made["id"]).result["item"]
    on = server.call(house.token, "resume_alert", alertId=made["id"]).result["item"]
    assert (off["isActive"], on["isActive"]) == (False, True)
    server.call(house.token, "delete_alert", alertId=made["id"])
    listed = server.call(house.token, "list_alerts").result["items"]
    assert [one["id"] for one in listed] == [house.id("alert")]
    back = server.call(house.token, "restore_alert", alertId=made["id"]).result["item"]
    assert back == on
    listed = server.call(house.token, "list_alerts").result["items"]
    assert [one["id"] for one in listed] == [made["id"], house.id("alert")]


def test_a_restored_alert_that_acts_needs_the_right_to_act(
    server: Server, database: Database, house: House
) -> None:
    wanted = {"accountId": house.id("account"), "name": "Gasto", "condition": CONDITION}
    made = server.call(house.token, "create_alert", **wanted, action={"kind": "pause"}).result["item"]
    server.call(house.token, "delete_alert", alertId=made["id"])
    with database() as session:
        session.get_one(McpToken, house.token_id).scopes = ["read", "alerts"]
    assert server.call(house.token, "restore_alert", alertId=made["id"]).code == "scope_missing"


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("create_alert", {"name": "Gasto", "condition": CONDITION}),
        ("update_alert", {"cooldownMinutes": 30}),
        ("pause_alert", {}),
        ("delete_alert", {}),
        ("restore_alert", {}),
    ],
)
def test_a_rehearsed_write_of_an_alert_keeps_nothing(
    server: Server, database: Database, house: House, tool: str, arguments: dict[str, Any]
) -> None:
    place = {"accountId": house.id("account")} if tool == "create_alert" else {"alertId": house.id("alert")}
    before = [one.model_dump() for one in alerts_of(database, house)]
    answer = server.call(house.token, tool, dryRun=True, **place, **arguments)
    assert answer.result["outcome"] == "dry_run", answer
    assert [one.model_dump() for one in alerts_of(database, house)] == before


def test_an_alert_that_acts_needs_the_right_to_act(server: Server, database: Database, house: House) -> None:
    with database() as session:
        session.get_one(McpToken, house.token_id).scopes = ["read", "alerts"]
    wanted = {"accountId": house.id("account"), "name": "Gasto", "condition": CONDITION}
    acting = server.call(house.token, "create_alert", **wanted, action={"kind": "pause"})
    assert (acting.code, server.call(house.token, "create_alert", **wanted).code) == ("scope_missing", "")


def test_an_alert_that_may_raise_a_budget_beyond_the_ceiling_is_refused(
    server: Server, database: Database, house: House
) -> None:
    limit(database, house, maxDailyBudget={"EUR": "100", "USD": "100"})
    wanted = {"accountId": house.id("account"), "name": "Sube", "condition": CONDITION}
    action = {"kind": "changeBudget", "percent": 20, "atMost": 500}
    assert server.call(house.token, "create_alert", **wanted, action=action).code == "policy_refused"
    assert len(alerts_of(database, house)) == 1


def test_an_alert_with_a_wrong_condition_is_refused_with_the_place(server: Server, house: House) -> None:
    answer = server.call(
        house.token,
        "create_alert",
        accountId=house.id("account"),
        name="Mal",
        condition={"metric": "suerte", "operator": ">", "value": 1},
    )
    assert answer.error
    assert answer.error["details"]["fields"][0]["field"] == "condition.metric"


def test_a_backtest_looks_at_the_objects_and_keeps_nothing(
    server: Server, database: Database, house: House
) -> None:
    tried = server.call(
        house.token,
        "backtest_alert",
        campaignId=house.id("campaign"),
        name="Gasto",
        condition=CONDITION,
        window="yesterday",
    ).result
    assert (tried["objects"], tried["count"], tried["firings"]) == (1, 0, [])
    assert len(alerts_of(database, house)) == 1


def test_a_report_adds_up(server: Server, house: House) -> None:
    today = columns.now().date()
    whole = insights.fact(a_row("79", today), Level.ACCOUNT)
    with db.metrics_transaction() as store:
        write(store, house.ids["account"], [whole], since=today, until=today, level=Level.ACCOUNT)
    report = server.call(house.token, "run_report", accountId=house.id("account"), metrics=["spend"]).result
    rows = sum(float(row["numbers"]["spend"]) for row in report["items"])
    rest = float(report["hidden"]["numbers"]["spend"]) + float(report["unlisted"]["numbers"]["spend"])
    assert rows + rest == float(report["totals"]["numbers"]["spend"]) > 0


def test_a_kept_report_is_listed_and_run(server: Server, house: House) -> None:
    (listed,) = server.call(house.token, "list_reports").result["items"]
    assert listed["id"] == house.id("report")
    run = server.call(house.token, "run_saved_report", reportId=listed["id"]).result
    assert run["accountId"] == house.id("account")


def test_a_report_with_a_wrong_bound_names_it(server: Server, house: House) -> None:
    answer = server.call(house.token, "run_report", accountId=house.id("account"), where=["suerte>1"])
    assert answer.code == "invalid_arguments"


def test_nothing_restated_is_nothing_told(server: Server, house: House) -> None:
    answer = server.call(house.token, "get_restatements", accountId=house.id("account")).result
    assert (answer["items"], answer["hasMore"]) == ([], False)


def test_a_task_lands_on_the_board_and_is_commented(server: Server, database: Database, house: House) -> None:
    made = server.call(
        house.token, "create_task", accountId=house.id("account"), title="Mirar el ROAS"
    ).result["item"]
    said = server.call(house.token, "comment_card", cardId=made["id"], text="Va bien").result["item"]
    board = server.call(house.token, "list_cards", accountId=house.id("account"), kind="task").result
    shown = {one["title"]: one["comments"] for one in board["items"]}
    assert shown["Mirar el ROAS"] == 1
    assert said["author"].endswith("n8n")
    with database() as session:
        assert session.get_one(BoardComment, UUID(said["id"])).card_id == UUID(made["id"])


def test_a_rehearsed_task_is_not_on_the_board(server: Server, database: Database, house: House) -> None:
    limit(database, house, dryRun=True)
    answer = server.call(house.token, "create_task", accountId=house.id("account"), title="Mirar")
    assert (answer.result["outcome"], answer.result["item"]["id"]) == ("dry_run", None)
    with database() as session:
        assert session.exec(select(BoardTask).where(BoardTask.title == "Mirar")).first() is None


def test_a_sync_is_asked_for_and_followed(server: Server, database: Database, house: House) -> None:
    asked = server.call(house.token, "sync_account", accountId=house.id("account")).result
    with database() as session:
        session.get_one(Sync, UUID(asked["id"])).progress = 40
    assert server.call(house.token, "get_sync", syncId=asked["id"]).result["progress"] == 40


def test_the_quota_of_an_account_is_told(server: Server, house: House) -> None:
    answer = server.call(house.token, "get_quota", accountId=house.id("account")).result
    assert {one["pace"] for one in answer["lanes"]} == {"free"}


FOREIGN = {
    "get_alert_events": ("alertId", "alert"),
    "update_alert": ("alertId", "alert"),
    "pause_alert": ("alertId", "alert"),
    "resume_alert": ("alertId", "alert"),
    "delete_alert": ("alertId", "alert"),
    "restore_alert": ("alertId", "alert"),
    "run_saved_report": ("reportId", "report"),
    "get_sync": ("syncId", "job"),
    "get_job": ("jobId", "job"),
    "cancel_job": ("jobId", "job"),
    "comment_card": ("cardId", "task"),
}


@pytest.mark.parametrize("tool", FOREIGN)
def test_what_is_anothers_or_beyond_the_tokens_reach_is_not_found(
    server: Server, database: Database, tool: str
) -> None:
    theirs = a_house(database, "Ajena")
    mine = a_house(database)
    narrow = a_house(database, "Propia")
    with database() as session:
        session.get_one(McpToken, narrow.token_id).account_ids = [mine.ids["account"]]
    argument, kind = FOREIGN[tool]
    more = {"update_alert": {"cooldownMinutes": 30}, "comment_card": {"text": "hola"}}.get(tool, {})
    assert server.call(mine.token, tool, **{argument: theirs.id(kind)}, **more).code == "not_found"
    assert server.call(narrow.token, tool, **{argument: narrow.id(kind)}, **more).code == "not_found"
