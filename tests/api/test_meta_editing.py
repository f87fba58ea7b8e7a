"""Campaigns, ad sets, ads and creatives over the API, with the sandbox behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.types import Message

from tests.conftest import Sandbox
from tests.domains.meta.meta_sandbox import calls, fault, minted
from tests.factories.accounts import a_user, bearer
from tests.factories.meta import a_connection, an_account
from tests.mcp.conftest import Database
from vibekanban.core import columns
from vibekanban.core.columns import new_id
from vibekanban.core.queue import Lane
from vibekanban.domains.meta import connections, structure
from vibekanban.domains.meta.models import Level, MetaAccount

ROOT = "/api/meta"
CAMPAIGN = {"name": "Primavera", "objective": "OUTCOME_TRAFFIC", "specialAdCategories": []}
AD_SET = {
    "name": "Madrid",
    "optimizationGoal": "LINK_CLICKS",
    "targeting": {"geo_locations": {"countries": ["ES"]}},
}


@dataclass(frozen=True)
class Person:
    """Somebody with an account that the sandbox plays."""

    client: TestClient
    sandbox: Sandbox
    headers: dict[str, str]
    account_id: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        return self.client.request(method, ROOT + path, json=body, headers={**self.headers, **headers})

    def post(self, path: str, body: Any = None, **headers: str) -> Response:
        return self.call("POST", path, {} if body is None else body, **headers)

    def campaign(self, **values: Any) -> dict[str, Any]:
        body = {**CAMPAIGN, "accountId": self.account_id, "dailyBudget": "20.50", **values}
        answer = self.post("/campaigns", {name: value for name, value in body.items() if value is not None})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def ad_set(self, **values: Any) -> dict[str, Any]:
        campaign_id = self.campaign(dailyBudget=None)["id"]
        answer = self.post("/adsets", {**AD_SET, "campaignId": campaign_id, "dailyBudget": 5, **values})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def ad(self, **values: Any) -> dict[str, Any]:
        story = {"page_id": "100", "link_data": {"link": "https://example.com"}}
        creative = {"accountId": self.account_id, "name": "Foto", "objectStorySpec": story}
        creative_id = self.post("/creatives", creative).json()["id"]
        body = {"adsetId": self.ad_set()["id"], "name": "Foto", "creativeId": creative_id, **values}
        answer = self.post("/ads", body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def writes(self) -> list[dict[str, Any]]:
        return [
            one
            for one in calls(self.sandbox)
            if one["method"] != "GET" and "validate_only" not in one["params"].get("execution_options", "")
        ]


@pytest.fixture
def person(client: TestClient, database: Database, sandbox: Sandbox) -> Person:
    with database() as session:
        user = a_user(session)
        connection = a_connection(session, user, token=minted(sandbox))
        headers = bearer(session, user)
    with connections.calling(connection, Lane.HUMAN) as meta:
        seen = meta.get("me/adaccounts", fields="account_id,name,currency,timezone_name")["data"][0]
    with database() as session:
        account = an_account(
            session,
            connection,
            meta_account_id=seen["account_id"],
            currency=seen["currency"],
            timezone=seen["timezone_name"],
        )
    return Person(client, sandbox, headers, str(account.id))


def synced(database: Database, person: Person) -> None:
    """The campaigns that were there before."""
    with database() as session:
        account = session.get_one(MetaAccount, person.account_id)
    with connections.opened(account.id, Lane.HUMAN) as meta:
        edge = f"act_{account.meta_account_id}/campaigns"
        rows = [row for page in meta.pages(edge, fields=structure.FIELDS[Level.CAMPAIGN]) for row in page]
    with database() as session:
        structure.keep(session, account, Level.CAMPAIGN, rows, read_at=columns.now())


def wrong(answer: Response) -> set[str]:
    assert answer.status_code == 422, answer.text
    return {one["field"] for one in answer.json()["details"]["fields"]}


def test_a_campaign_is_created_paused_and_can_be_read_at_once(person: Person) -> None:
    made = person.campaign()
    assert (made["status"], made["dailyBudget"], made["budgetMode"]) == ("PAUSED", "20.50", "campaign")
    assert person.call("GET", f"/campaigns/{made['id']}").json() == made
    assert [item["id"] for item in person.call("GET", "/campaigns").json()["items"]] == [made["id"]]


def test_a_dry_run_of_a_creation_answers_200_and_writes_nothing(person: Person) -> None:
    body = {**CAMPAIGN, "accountId": person.account_id, "dailyBudget": 20, "dryRun": True}
    answer = person.post("/campaigns", body)
    assert answer.status_code == 200
    found = answer.json()
    assert (found["dryRun"], found["stake"]["dailyBudgetDelta"]) == (True, "20.00")
    assert {"field": "dailyBudget", "before": None, "after": "20.00"} in found["fields"]
    assert person.writes() == []
    assert person.call("GET", "/campaigns").json()["items"] == []


def test_a_repeated_creation_with_its_key_is_one_campaign(person: Person) -> None:
    body = {**CAMPAIGN, "accountId": person.account_id, "dailyBudget": 20}
    first, second = (person.post("/campaigns", body, **{"Idempotency-Key": "once"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len(person.writes()) == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"dailyBudget": "0.10"}, "dailyBudget"),
        ({"dailyBudget": "10.123"}, "dailyBudget"),
        ({"dailyBudget": -1}, "dailyBudget"),
        ({"dailyBudget": "1e400"}, "dailyBudget"),
        ({"lifetimeBudget": 500}, "lifetimeBudget"),
        ({"objective": "CONVERSIONS"}, "objective"),
        ({"status": "RUNNING"}, "status"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(person: Person, values: dict[str, Any], field: str) -> None:
    body = {**CAMPAIGN, "accountId": person.account_id, "dailyBudget": "20", **values}
    assert wrong(person.post("/campaigns", body)) == {field}
    assert person.writes() == []


def test_the_minimum_is_told_in_the_callers_language(person: Person) -> None:
    body = {**CAMPAIGN, "accountId": person.account_id, "dailyBudget": "0.10"}
    for language, sentence in (("es", "El mínimo es 1.00 EUR."), ("en", "The minimum is 1.00 EUR.")):
        answer = person.post("/campaigns", body, **{"Accept-Language": language})
        assert answer.json()["details"]["fields"][0]["message"] == sentence


def test_what_meta_says_when_it_refuses_is_shown(person: Person) -> None:
    made = person.campaign()
    fault(
        person.sandbox,
        "error",
        method="POST",
        path=made["metaCampaignId"],
        code=100,
        subcode=1885650,
        message="Your budget is below what was spent.",
    )
    answer = person.call("PATCH", f"/campaigns/{made['id']}", {"name": "Otra"})
    assert (answer.status_code, answer.json()["code"]) == (422, "meta_refused")
    assert "Your budget is below what was spent." in answer.json()["error"]


def test_a_campaign_is_edited(person: Person) -> None:
    made = person.campaign()
    answer = person.call("PATCH", f"/campaigns/{made['id']}", {"dailyBudget": 31, "name": "Verano"})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["dailyBudget"], found["name"], found["changed"]) == ("31.00", "Verano", True)
    changes = person.call("GET", f"/changes?objectId={made['id']}").json()["items"]
    assert [one["action"] for one in changes] == ["edit", "create"]
    assert changes[0]["id"] == found["changeId"]


def test_a_dry_run_of_an_edit_shows_before_and_after(person: Person) -> None:
    made = person.campaign()
    answer = person.call("PATCH", f"/campaigns/{made['id']}", {"dailyBudget": 31, "dryRun": True})
    assert answer.json()["fields"] == [{"field": "dailyBudget", "before": "20.50", "after": "31.00"}]
    assert answer.json()["stake"] == {
        "currency": "EUR",
        "dailyBudgetDelta": "10.50",
        "lifetimeBudgetDelta": None,
        "spendLast30Days": "0.00",
    }
    assert len(person.writes()) == 1


def test_a_spend_cap_is_set_and_taken_away(person: Person) -> None:
    path = f"/campaigns/{person.campaign()['id']}"
    assert person.call("PATCH", path, {"spendCap": "150"}).json()["spendCap"] == "150.00"
    assert person.call("PATCH", path, {"spendCap": None}).json()["spendCap"] is None
    assert wrong(person.call("PATCH", path, {"name": None})) == {"name"}


def test_a_campaign_gives_its_budget_to_its_ad_sets_and_takes_it_back(person: Person) -> None:
    campaign = person.campaign()["id"]
    ad_set = person.post("/adsets", {**AD_SET, "campaignId": campaign}).json()["id"]
    body = {"budgetMode": "adsets", "adSetBudgets": [{"adSetId": ad_set, "dailyBudget": "7.25"}]}
    dry = person.call("PATCH", f"/campaigns/{campaign}", {**body, "dryRun": True}).json()
    assert [one["field"] for one in dry["fields"]][:2] == ["budgetMode", "dailyBudget"]
    assert dry["stake"]["dailyBudgetDelta"] == "-20.50"  # the ad set is paused
    given = person.call("PATCH", f"/campaigns/{campaign}", body).json()
    assert (given["budgetMode"], given["dailyBudget"], given["changed"]) == ("adsets", None, True)
    assert person.call("GET", f"/adsets/{ad_set}").json()["dailyBudget"] == "7.25"
    undone = person.post(f"/changes/{given['changeId']}/revert")
    assert undone.json()["changed"]
    assert person.call("GET", f"/campaigns/{campaign}").json()["dailyBudget"] == "20.50"


def test_who_holds_the_budget_changes_in_a_request_of_its_own(person: Person) -> None:
    campaign = person.campaign()["id"]
    refused = person.call("PATCH", f"/campaigns/{campaign}", {"budgetMode": "adsets", "name": "Otra"})
    assert refused.status_code == 422
    assert refused.json()["details"]["fields"][0]["field"] == "budgetMode"


def test_pause_and_resume_answer_the_object(person: Person) -> None:
    path = f"/adsets/{person.ad_set()['id']}"
    resumed = person.post(f"{path}/resume").json()
    assert (resumed["status"], resumed["effectiveStatus"]) == ("ACTIVE", "CAMPAIGN_PAUSED")
    assert person.post(f"{path}/pause").json()["changed"] is True
    assert person.post(f"{path}/pause").json()["changed"] is False


def test_a_deleted_campaign_cannot_be_edited_any_more(person: Person) -> None:
    path = f"/campaigns/{person.campaign()['id']}"
    rehearsed = person.call("DELETE", f"{path}?dryRun=true")
    assert (rehearsed.status_code, rehearsed.json()["dryRun"]) == (200, True)
    assert [person.call("DELETE", path).status_code for _ in range(2)] == [204, 204]
    assert person.call("GET", path).json()["effectiveStatus"] == "DELETED"
    answer = person.call("PATCH", path, {"name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_editable")
    assert person.post(f"{path}/resume").json()["code"] == "not_switchable"


def test_an_ad_set_tells_whether_it_still_learns(person: Person) -> None:
    made = person.ad_set()
    assert made["learning"]["status"] == "LEARNING"
    assert (made["dailyBudget"], made["status"], made["currency"]) == ("5.00", "PAUSED", "EUR")
    listed = person.call("GET", f"/adsets?campaignId={made['campaignId']}&q=madr").json()
    assert listed == {"items": [made], "nextCursor": None}


def test_the_budget_of_an_ad_set_changes_four_times_an_hour(person: Person) -> None:
    path = f"/adsets/{person.ad_set()['id']}"
    answers = [person.call("PATCH", path, {"dailyBudget": 6 + n}) for n in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert answers[-1].json()["code"] == "budget_changed_too_often"
    assert 3000 < answers[-1].json()["retryAfter"] <= 3601


def test_an_ad_tells_where_it_stands_in_its_review(person: Person) -> None:
    made = person.ad(status="ACTIVE")
    assert (made["status"], made["effectiveStatus"]) == ("ACTIVE", "CAMPAIGN_PAUSED")
    campaign_id = made["campaignId"]
    for path in (f"/campaigns/{campaign_id}/resume", f"/adsets/{made['adsetId']}/resume"):
        person.post(path)
    paused = person.post(f"/ads/{made['id']}/pause")
    assert paused.json()["effectiveStatus"] == "PAUSED"
    assert person.post(f"/ads/{made['id']}/resume").json()["effectiveStatus"] in {"ACTIVE", "PENDING_REVIEW"}


def test_ads_are_listed_under_their_ad_set(person: Person) -> None:
    made = person.ad()
    found = person.call("GET", f"/ads?adsetId={made['adsetId']}").json()
    assert found == {"items": [made], "nextCursor": None}
    assert person.call("GET", f"/ads/{made['id']}").json() == made


def test_a_campaign_is_copied_with_all_that_is_in_it(person: Person) -> None:
    ad = person.ad()
    path = f"/campaigns/{ad['campaignId']}/copies"
    rehearsed = person.post(path, {"deep": True, "dryRun": True})
    assert (rehearsed.status_code, rehearsed.json()["id"]) == (200, None)
    answer = person.post(path, {"deep": True, "suffix": " (2)"})
    assert answer.status_code == 201
    assert answer.json()["objects"] == {"campaign": 1, "adset": 1, "ad": 1}
    copy = person.call("GET", f"/campaigns/{answer.json()['id']}").json()
    assert (copy["name"], copy["status"]) == ("Primavera (2)", "PAUSED")
    assert len(person.call("GET", f"/ads?campaignId={copy['id']}").json()["items"]) == 1


def test_an_ad_is_copied_into_another_ad_set(person: Person) -> None:
    ad, other = person.ad(), person.ad_set()
    answer = person.post(f"/ads/{ad['id']}/copies", {"adsetId": other["id"]})
    assert person.call("GET", f"/ads/{answer.json()['id']}").json()["adsetId"] == other["id"]


def test_creatives_are_listed_read_and_deleted(person: Person) -> None:
    story = {"page_id": "100", "link_data": {"link": "https://example.com"}}
    body = {"accountId": person.account_id, "name": "Foto", "objectStorySpec": story}
    made = person.post("/creatives", body).json()
    listed = person.call("GET", f"/creatives?accountId={person.account_id}&limit=100").json()
    assert len(listed["items"]) == 100
    assert listed["nextCursor"]
    path = f"/creatives/{made['id']}"
    assert person.call("GET", path).json()["content"] == {"object_story_spec": story}
    assert person.call("DELETE", path).status_code == 204
    assert person.call("GET", path).status_code == 404
    bad = person.call("GET", f"/creatives?accountId={person.account_id}&cursor=nonsense")
    assert (bad.status_code, bad.json()["code"]) == (400, "bad_cursor")


PNG = (
    b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4) + b"IHDR" + (9).to_bytes(4) + (8).to_bytes(4) + b"\x08\x02\0\0\0"
)


def test_a_picture_is_uploaded_and_an_ad_with_it_is_previewed(person: Person) -> None:
    path = f"{ROOT}/media?accountId={person.account_id}&name=foto.png"
    sent = person.client.post(path, content=PNG, headers=person.headers)
    assert (sent.status_code, sent.json()["width"], sent.json()["height"]) == (201, 9, 8)
    [page] = person.call("GET", f"/pages?accountId={person.account_id}").json()["items"]
    story = {
        "page_id": page["id"],
        "link_data": {"link": "https://example.com", "image_hash": sent.json()["hash"]},
    }
    seen = person.post("/creatives/preview", {"accountId": person.account_id, "objectStorySpec": story})
    assert seen.json()["url"].startswith(person.sandbox.url)


def test_what_is_neither_picture_nor_video_is_refused_before_it_is_read_whole(person: Person) -> None:
    path = f"{ROOT}/media?accountId={person.account_id}"
    refused = person.client.post(path, content=b"x" * 2_000_000, headers=person.headers)
    assert refused.status_code == 422
    assert refused.json()["details"]["fields"][0]["field"] == "file"


def test_a_picture_that_comes_in_small_pieces_is_a_picture(person: Person) -> None:
    pieces = [PNG[at : at + 3] for at in range(0, len(PNG), 3)]
    waiting = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})
    answered: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        answered.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "method": "POST",
        "path": f"{ROOT}/media",
        "query_string": f"accountId={person.account_id}".encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in person.headers.items()],
    }
    portal = person.client.portal
    assert portal
    portal.call(person.client.app, scope, receive, send)
    assert answered[0]["status"] == 201


def test_a_creative_that_is_not_yours_is_no_creative_of_an_ad(person: Person) -> None:
    answer = person.call("PATCH", f"/ads/{person.ad()['id']}", {"creativeId": str(new_id())})
    assert wrong(answer) == {"creativeId"}


def test_objects_that_a_sync_brought_are_edited_like_our_own(person: Person, database: Database) -> None:
    synced(database, person)
    first = person.call("GET", "/campaigns?sort=created").json()["items"][0]
    answer = person.call("PATCH", f"/campaigns/{first['id']}", {"status": "PAUSED", "dailyBudget": "77"})
    assert (answer.json()["status"], answer.json()["dailyBudget"]) == ("PAUSED", "77.00")


def test_a_change_is_undone_and_the_log_says_by_what(person: Person) -> None:
    campaign_id = person.campaign()["id"]
    person.call("PATCH", f"/campaigns/{campaign_id}", {"dailyBudget": "33.33"})
    change = person.call("GET", f"/changes?objectId={campaign_id}").json()["items"][0]
    rehearsed = person.post(f"/changes/{change['id']}/revert", {"dryRun": True}).json()
    assert rehearsed["fields"] == [{"field": "dailyBudget", "before": "33.33", "after": "20.50"}]
    assert rehearsed["stake"]["dailyBudgetDelta"] == "-12.83"
    undone = person.post(f"/changes/{change['id']}/revert").json()
    assert undone["change"]["revertsId"] == change["id"]
    assert person.call("GET", f"/campaigns/{campaign_id}").json()["dailyBudget"] == "20.50"
    again = person.post(f"/changes/{change['id']}/revert")
    assert (again.status_code, again.json()["code"]) == (409, "not_revertible")
