"""Nodes that decide, divide and join, as the real n8n runs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories.n8n import a_failure, a_name, a_set, a_webhook, a_workflow
from tests.factories.n8n_nodes import a_condition, a_filter, a_merge, a_node, a_switch, an_if, fields, joined
from tests.n8n.conftest import Outcome

Run = Callable[..., Outcome]
ROAS = "={{ $json.body.roas }}"


def decided(outcome: Run, node: dict[str, Any], payload: Any) -> Outcome:
    return outcome(a_workflow(a_webhook(a_name()), node), payload)


@pytest.mark.parametrize(
    ("kind", "operation", "value", "right", "expected"),
    [
        ("number", "lt", 1.5, 2, True),
        ("number", "gte", 2, 2, True),
        ("number", "equals", 2.0, 2, True),
        ("number", "gt", None, -1, True),  # null counts as 0
        ("number", "lt", None, 1, True),
        ("number", "exists", None, "", False),
        ("number", "notEmpty", 0, "", True),
        ("string", "equals", "a", "a", True),
        ("string", "contains", "campaign", "paig", True),
        ("string", "notContains", "campaign", "x", True),
        ("string", "startsWith", "campaign", "camp", True),
        ("string", "notEndsWith", "campaign", "n", False),
        ("string", "regex", "ROAS 12", "/roas \\d+/i", True),
        ("string", "empty", "", "", True),
        ("string", "equals", "A", "a", False),
        ("boolean", "true", True, "", True),
        ("boolean", "false", True, "", False),
        ("boolean", "equals", False, False, True),
        ("array", "contains", ["a", "b"], "b", True),
        ("array", "lengthGt", [1, 2], 1, True),
        ("array", "empty", [], "", True),
        ("object", "empty", {}, "", True),
        ("object", "notEmpty", {"a": 1}, "", True),
        ("dateTime", "after", "2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z", True),
        ("dateTime", "before", "2026-03-02", "2026-03-01", False),
    ],
)
def test_a_condition_is_judged(
    outcome: Run, kind: str, operation: str, value: Any, right: Any, expected: bool
) -> None:
    found = decided(outcome, an_if(a_condition(ROAS, kind, operation, right)), {"roas": value})
    assert (found.status, found.error) == ("success", "")
    assert len(found.gave("If", 0 if expected else 1)) == 1


def test_a_value_that_is_not_there_fulfils_no_comparison(outcome: Run) -> None:
    found = decided(outcome, an_if(a_condition(ROAS, "number", "lt", 2)), {})
    assert found.gave("If", 0) == []
    assert len(found.gave("If", 1)) == 1


def test_a_value_of_another_type_fails_a_strict_comparison(outcome: Run) -> None:
    found = decided(outcome, an_if(a_condition(ROAS, "number", "lt", 2)), {"roas": "low"})
    assert found.status == "error"
    assert "Wrong type: 'low' is a string but was expecting a number [condition 0, item 0]" in found.error


def test_a_number_in_a_text_fails_a_strict_comparison(outcome: Run) -> None:
    found = decided(outcome, an_if(a_condition(ROAS, "number", "lt", 2)), {"roas": "1.5"})
    assert found.status == "error"


def test_a_loose_comparison_converts_what_it_can(outcome: Run) -> None:
    found = decided(outcome, an_if(a_condition(ROAS, "number", "lt", 2), strict=False), {"roas": "1.5"})
    assert len(found.gave("If", 0)) == 1


def test_a_loose_comparison_fails_on_what_it_can_not_convert(outcome: Run) -> None:
    found = decided(outcome, an_if(a_condition(ROAS, "number", "lt", 2), strict=False), {"roas": "low"})
    assert "Conversion error: the string 'low' can't be converted to a number" in found.error


def test_an_operation_without_a_second_value_must_say_so(outcome: Run) -> None:
    condition = a_condition(ROAS, "number", "exists")
    del condition["operator"]["singleValue"]
    assert decided(outcome, an_if(condition), {"roas": 1}).status == "error"


def test_all_conditions_must_hold_or_any(outcome: Run) -> None:
    wanted = [a_condition(ROAS, "number", "lt", 2), a_condition(ROAS, "number", "gt", 1.8)]
    assert decided(outcome, an_if(*wanted), {"roas": 1}).gave("If", 0) == []
    assert len(decided(outcome, an_if(*wanted, combinator="or"), {"roas": 1}).gave("If", 0)) == 1


def test_only_the_branch_with_items_runs(outcome: Run) -> None:
    document = a_workflow(
        a_webhook(a_name()),
        an_if(a_condition(ROAS, "number", "lt", 2)),
        a_set("{}", "Pause"),
        a_set("{}", "Keep"),
    )
    links = [("Run now", 0, "If", 0), ("If", 0, "Pause", 0), ("If", 1, "Keep", 0)]
    assert outcome(joined(document, *links), {"roas": 1}).ran == {"Run now", "If", "Pause"}


def test_a_filter_lets_through_what_fits(outcome: Run) -> None:
    rows = a_node("splitOut", 1, "Rows", {"fieldToSplitOut": "body.rows", "options": {}})
    wanted = a_filter(a_condition("={{ $json.spend }}", "number", "gt", 5))
    found = outcome(
        a_workflow(a_webhook(a_name()), rows, wanted), {"rows": [{"spend": 1}, {"spend": 9}, {"spend": 6}]}
    )
    assert found.gave("Filter") == [{"spend": 9}, {"spend": 6}]


def test_a_switch_has_an_output_for_every_rule(outcome: Run) -> None:
    rules = [a_condition(ROAS, "number", "lt", 1), a_condition(ROAS, "number", "lt", 3)]
    found = decided(outcome, a_switch(*rules), {"roas": 2})
    assert [len(found.gave("Switch", number)) for number in (0, 1)] == [0, 1]


def test_a_switch_may_have_one_more_output_for_the_rest(outcome: Run) -> None:
    rules = [a_condition(ROAS, "number", "lt", 1)]
    found = decided(outcome, a_switch(*rules, fallbackOutput="extra"), {"roas": 2})
    assert [len(found.gave("Switch", number)) for number in (0, 1)] == [0, 1]


def test_a_switch_may_send_to_every_output_that_fits(outcome: Run) -> None:
    rules = [a_condition(ROAS, "number", "lt", 5), a_condition(ROAS, "number", "lt", 3)]
    found = decided(outcome, a_switch(*rules, allMatchingOutputs=True), {"roas": 2})
    assert [len(found.gave("Switch", number)) for number in (0, 1)] == [1, 1]


def test_a_switch_goes_by_the_number_of_an_expression(outcome: Run) -> None:
    node = a_node("switch", 3.2, "Switch", {"mode": "expression", "numberOutputs": 3, "output": ROAS})
    found = decided(outcome, node, {"roas": 2})
    assert [len(found.gave("Switch", number)) for number in range(3)] == [0, 0, 1]


def test_a_list_becomes_items(outcome: Run) -> None:
    rows = a_node("splitOut", 1, "Rows", {"fieldToSplitOut": "body.ids", "options": {}})
    assert outcome(a_workflow(a_webhook(a_name()), rows), {"ids": [1, "b"]}).gave("Rows") == [
        {"body.ids": 1},
        {"body.ids": "b"},
    ]


def test_items_of_a_list_may_keep_other_fields_and_take_a_name(outcome: Run) -> None:
    parameters = {
        "fieldToSplitOut": "ids",
        "include": "selectedOtherFields",
        "fieldsToInclude": "account",
        "options": {"destinationFieldName": "id"},
    }
    source = a_set('{"ids": [1, 2], "account": "act_1", "other": 0}')
    document = a_workflow(a_webhook(a_name()), source, a_node("splitOut", 1, "Rows", parameters))
    assert outcome(document).gave("Rows") == [{"id": 1, "account": "act_1"}, {"id": 2, "account": "act_1"}]


def test_what_is_no_list_gives_no_items(outcome: Run) -> None:
    rows = a_node("splitOut", 1, "Rows", {"fieldToSplitOut": "body.ids", "options": {}})
    assert outcome(a_workflow(a_webhook(a_name()), rows, a_set("{}"))).ran == {"Run now", "Rows"}


@pytest.mark.parametrize(("keep", "expected"), [("firstItems", [1, 2]), ("lastItems", [2, 3])])
def test_a_limit_keeps_so_many_items(outcome: Run, keep: str, expected: list[int]) -> None:
    rows = a_node(
        "splitOut", 1, "Rows", {"fieldToSplitOut": "body.ids", "options": {"destinationFieldName": "n"}}
    )
    node = a_node("limit", 1, "Limit", {"maxItems": 2, "keep": keep})
    found = outcome(a_workflow(a_webhook(a_name()), rows, node), {"ids": [1, 2, 3]})
    assert [one["n"] for one in found.gave("Limit")] == expected


def two_ways(merge: dict[str, Any]) -> dict[str, Any]:
    """A webhook, two Set nodes beside each other, and a node that joins them."""
    left, right = a_set('{"id": 1, "a": {"x": 1}}', "Left"), a_set('{"id": 1, "a": {"y": 2}}', "Right")
    right["position"] = [220, 200]
    document = a_workflow(a_webhook(a_name()), left, right, merge)
    links = [("Run now", 0, "Left", 0), ("Run now", 0, "Right", 0), ("Left", 0, "Merge", 0)]
    return joined(document, *links, ("Right", 0, "Merge", 1))


def test_branches_are_put_one_after_the_other(outcome: Run) -> None:
    found = outcome(two_ways(a_merge(mode="append")))
    assert found.gave("Merge") == [{"id": 1, "a": {"x": 1}}, {"id": 1, "a": {"y": 2}}]


@pytest.mark.parametrize(
    "parameters",
    [
        {"combineBy": "combineByPosition"},
        {"combineBy": "combineAll"},
        {"fieldsToMatchString": "id"},
    ],
)
def test_branches_are_combined(outcome: Run, parameters: dict[str, Any]) -> None:
    found = outcome(two_ways(a_merge(mode="combine", options={}, **parameters)))
    assert found.gave("Merge") == [{"id": 1, "a": {"x": 1, "y": 2}}]


def test_one_branch_may_be_chosen_once_all_are_there(outcome: Run) -> None:
    found = outcome(two_ways(a_merge(mode="chooseBranch", useDataOfInput=2)))
    assert found.gave("Merge") == [{"id": 1, "a": {"y": 2}}]


def test_a_merge_goes_on_with_the_branch_that_came(outcome: Run) -> None:
    low = an_if(a_condition(ROAS, "number", "lt", 2))
    document = a_workflow(a_webhook(a_name()), low, a_set('{"way": "low"}', "Low"), a_merge(mode="append"))
    links = [("Run now", 0, "If", 0), ("If", 0, "Low", 0), ("Low", 0, "Merge", 0), ("If", 1, "Merge", 1)]
    assert outcome(joined(document, *links), {"roas": 1}).gave("Merge") == [{"way": "low"}]


def test_a_node_that_is_off_lets_items_through(outcome: Run) -> None:
    off = {**a_set('{"a": 1}', "Off"), "disabled": True}
    found = outcome(a_workflow(a_webhook(a_name()), a_set('{"b": 2}'), off))
    assert found.gave("Off") == [{"b": 2}]


def test_a_node_may_run_for_the_first_item_only(outcome: Run) -> None:
    rows = a_node("splitOut", 1, "Rows", {"fieldToSplitOut": "body.ids", "options": {}})
    once = {**fields(n=("number", "={{ $itemIndex }}")), "executeOnce": True}
    assert outcome(a_workflow(a_webhook(a_name()), rows, once), {"ids": [1, 2]}).gave("Fields") == [{"n": 0}]


def test_a_node_may_go_on_without_items(outcome: Run) -> None:
    always = {**a_filter(a_condition(ROAS, "number", "gt", 5)), "alwaysOutputData": True}
    found = outcome(a_workflow(a_webhook(a_name()), always, a_set('{"a": 1}')), {"roas": 1})
    assert found.gave("VK Params") == [{"a": 1}]


@pytest.mark.parametrize("way", ["continueRegularOutput", "continueErrorOutput"])
def test_a_stop_that_may_go_on_lets_items_through(outcome: Run, way: str) -> None:
    stop = {**a_failure("x"), "onError": way}
    found = outcome(a_workflow(a_webhook(a_name()), a_set('{"a": 1}'), stop, a_node("noOp", 1, "After", {})))
    assert (found.status, found.gave("After")) == ("success", [{"a": 1}])


def test_what_can_not_be_judged_does_not_pass_where_the_node_may_go_on(outcome: Run) -> None:
    node = {**an_if(a_condition(ROAS, "number", "lt", 2)), "onError": "continueRegularOutput"}
    found = decided(outcome, node, {"roas": "low"})
    assert (found.gave("If", 0), len(found.gave("If", 1))) == ([], 1)


@pytest.mark.parametrize(
    ("told", "said"),
    [('{"message": "gone", "code": 3}', "gone"), ("={{ { a: 1 } }}", '"[object Object]" is not valid JSON')],
)
def test_a_run_may_end_with_an_object(outcome: Run, told: str, said: str) -> None:
    node = a_node("stopAndError", 1, "Stop", {"errorType": "errorObject", "errorObject": told})
    assert decided(outcome, node, {}).error == said


def test_a_workflow_may_come_back_to_a_node(outcome: Run) -> None:
    count = fields(n=("number", "={{ ($json.n ?? 0) + 1 }}"))
    document = a_workflow(a_webhook(a_name()), count, an_if(a_condition("={{ $json.n }}", "number", "lt", 4)))
    found = outcome(
        joined(document, ("Run now", 0, "Fields", 0), ("Fields", 0, "If", 0), ("If", 0, "Fields", 0))
    )
    assert found.gave("If", 1) == [{"n": 4}]
    assert len(found.data["Fields"]) == 4


@pytest.mark.parametrize(("order", "expected"), [("v1", ["B", "C", "A", "D"]), ("v0", ["A", "B", "D", "C"])])
def test_branches_run_one_after_the_other_or_side_by_side(
    outcome: Run, order: str, expected: list[str]
) -> None:
    nodes = []
    for name, place in {"A": [200, 300], "B": [200, 100], "C": [400, 100], "D": [400, 300]}.items():
        nodes.append({**a_set("{}", name), "position": place})
    document = {**a_workflow(a_webhook(a_name()), *nodes), "settings": {"executionOrder": order}}
    links = [("Run now", 0, "A", 0), ("Run now", 0, "B", 0), ("B", 0, "C", 0), ("A", 0, "D", 0)]
    found = outcome(joined(document, *links))
    ran = sorted(found.data, key=lambda name: found.data[name][0]["executionIndex"])
    assert ran[1:] == expected


def test_notes_and_empty_steps_change_nothing(outcome: Run) -> None:
    note = a_node("stickyNote", 1, "Note", {"content": "Why"})
    document = a_workflow(a_webhook(a_name()), a_set('{"a": 1}'), a_node("noOp", 1, "Nothing", {}))
    document["nodes"].append(note)
    found = outcome(document)
    assert found.gave("Nothing") == [{"a": 1}]
    assert "Note" not in found.ran
