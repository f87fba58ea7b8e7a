"""Bulk edits over the API, with the sandbox behind it and rows on their way at the same time."""

from __future__ import annotations

from tests.api.test_meta_editing import Person, person

__all__ = ["person"]


def test_a_preview_a_bulk_edit_and_its_undoing(person: Person) -> None:
    ids = [person.campaign(name=f"Primavera {n}", dailyBudget=f"2{n}.37")["id"] for n in range(6)]
    body = {"action": "change_budget_percent", "ids": ids, "params": {"percent": "10"}}
    shown = person.post("/bulk", {**body, "dryRun": True}).json()
    assert [one["after"]["dailyBudget"] for one in shown["rows"]][:2] == ["22.41", "23.51"]
    assert shown["money"][0]["currency"] == "EUR"
    done = person.post("/bulk", body)
    assert (done.status_code, done.json()["done"]) == (200, 6), done.text
    assert person.call("GET", f"/campaigns/{ids[1]}").json()["dailyBudget"] == "23.51"
    assert person.call("GET", f"/bulk/{done.json()['id']}").json()["rows"][0]["state"] == "done"
    undone = person.post(f"/changes/batches/{done.json()['id']}/revert").json()
    assert (undone["done"], undone["failed"]) == (6, 0)
    assert person.call("GET", f"/campaigns/{ids[1]}").json()["dailyBudget"] == "21.37"


def test_one_bad_row_fails_alone_and_says_why(person: Person) -> None:
    good, bad = person.campaign()["id"], person.ad_set()["id"]
    person.call("PATCH", f"/adsets/{bad}", {"status": "ARCHIVED"})
    answer = person.post(
        "/bulk", {"action": "resume", "ids": [good, bad]}, **{"Accept-Language": "en"}
    ).json()
    assert [one["state"] for one in answer["rows"]] == ["done", "failed"]
    assert answer["rows"][1]["error"]["code"] == "not_switchable"
    assert answer["rows"][1]["error"]["message"]


def test_wrong_parameters_are_named(person: Person) -> None:
    body = {"action": "set_budget", "ids": [person.campaign()["id"]]}
    answer = person.post("/bulk", body)
    wrong = [one["field"] for one in answer.json()["details"]["fields"]]
    assert (answer.status_code, wrong) == (422, ["amount"])
