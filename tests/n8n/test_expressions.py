"""Expressions, as the real n8n evaluates them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories.n8n import a_name, a_set, a_webhook, a_workflow
from tests.factories.n8n_nodes import a_node, fields
from tests.n8n.conftest import Outcome

Run = Callable[..., Outcome]
PAYLOAD = {"spend": 21.5, "name": "Ana", "tags": ["a", "b"], "none": None}


def given(outcome: Run, expression: str, kind: str = "string", **settings: Any) -> Any:
    """What a field gets from an expression, in a workflow of a webhook and this one node."""
    document = a_workflow(a_webhook(a_name()), fields(x=(kind, expression)), name="Watch")
    found = outcome(document, PAYLOAD, **settings)
    assert (found.status, found.error) == ("success", "")
    return found.gave("Fields")[0]["x"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("no expression {{ 1 }}", "no expression {{ 1 }}"),
        ("=Hi {{ $json.body.name }}!", "Hi Ana!"),
        ("={{ $json.body.name }}", "Ana"),
        ("={{ 1 }}{{ 2 }}", "12"),
        ("=a{{ null }}{{ undefined }}{{ 0 }}{{ false }}{{ NaN }}b", "a0falseb"),
        ("=x {{ $json.body }}", "x [object Object]"),
        ("=x {{ $json.body.tags }}", "x a,b"),
        ("={{ $json.body.tags }}", '["a","b"]'),
        ("={{ $json.nothing }}", None),
        ("={{ $json.nothing.deeper.still }}", None),
        ("={{ unknownName }}", None),
        ("={{ (() => { throw new Error('x') })() }}", None),
        ("={{ $json.body.spend > 20 ? 'high' : 'low' }}", "high"),
        ("={{ `spent ${$json.body.spend}` }}", "spent 21.5"),
        ("={{ $json.body.nothing?.x ?? 'none' }}", "none"),
        ("={{ $json.body.tags.map(t => t.toUpperCase()).join('-') }}", "A-B"),
        ("={{ Object.keys($json.body).length }}", "4"),
        ("={{ JSON.stringify({ a: [1] }) }}", '{"a":[1]}'),
        ("={{ Math.max(1, 2) }}", "2"),
        ("={{ 1; }}", "1"),
        ("=\\{{ 1 }}", "\\{{ 1 }}"),
        ('={{ "{{" }}', "{{"),
        ('={{ "a\\}}" }}', "a}}"),
        ("={{ $('Run now').first().json.body.name }}", "Ana"),
        ("={{ $('Run now').last().json.body.name }}", "Ana"),
        ("={{ $('Run now').all().length }}", "1"),
        ("={{ $('Run now').item.json.body.name }}", "Ana"),
        ("={{ $('Run now').itemMatching(0).json.body.name }}", "Ana"),
        ("={{ $('Run now').isExecuted }}", "true"),
        ("={{ $('Run now').params.httpMethod }}", "POST"),
        ('={{ $node["Run now"].json.body.name }}', "Ana"),
        ("={{ $input.item.json.body.name }}", "Ana"),
        ("={{ $input.first().json.body.name }}", "Ana"),
        ("={{ $input.all().length }}", "1"),
        ("={{ $itemIndex }}", "0"),
        ("={{ $runIndex }}", "0"),
        ("={{ $prevNode.name }}", "Run now"),
        ("={{ $workflow.name }}", "Watch"),
        ("={{ $workflow.active }}", "true"),
        ("={{ $execution.mode }}", "production"),
        ("={{ $nodeVersion }}", "3.4"),
        ("={{ $vars.nothing }}", None),
        ("={{ $if(true, 'a', 'b') }}", "a"),
        ("={{ $ifEmpty('', 'b') }}", "b"),
        ("={{ process.env.HOME }}", None),
        ("={{ fetch('http://127.0.0.1') }}", None),
        ("={{ DateTime.fromISO('2026-01-31').plus({ months: 1 }).toISODate() }}", "2026-02-28"),
        ("={{ $now.diff($today, 'hours').hours < 24 }}", "true"),
        ("={{ $today.hour }}", "0"),
        ("={{ $now.zoneName }}", "UTC"),
        ("={{ [1, 2, 3].sum() }}", "6"),
        ("={{ [3, 1].first() }}", "3"),
        ("={{ [3, 1].last() }}", "1"),
        ("={{ [1, 1, 2].unique().length }}", "2"),
        ("={{ [1, 2, 3].average() }}", "2"),
        ("={{ [1, 2, 3].max() - [1, 2, 3].min() }}", "2"),
        ("={{ [{ a: 1 }, { a: 2 }].pluck('a').join() }}", "1,2"),
        ("={{ [].isEmpty() && {}.isEmpty() && ''.isEmpty() && [1].isNotEmpty() }}", "true"),
        ("={{ (1.256).round(2) }}", "1.26"),
        ("={{ (1.2).ceil() + (1.8).floor() }}", "3"),
        ("={{ '5'.toNumber() + 1 }}", "6"),
        ("={{ 'ana maria'.toTitleCase() }}", "Ana Maria"),
        ("={{ '2026-01-02'.toDateTime().weekday }}", "5"),
        ("={{ (0).toBoolean() }}", "false"),
    ],
)
def test_an_expression_gives(outcome: Run, expression: str, expected: Any) -> None:
    assert given(outcome, expression) == expected


@pytest.mark.parametrize(
    ("expression", "kind", "expected"),
    [
        ("={{ $json.body.spend * 2 }}", "number", 43),
        ("={{ '12' }}", "number", 12),
        ("={{ $json.body.spend > 1 }}", "boolean", True),
        ("={{ 'true' }}", "boolean", True),
        ("={{ $json.body.tags }}", "array", ["a", "b"]),
        ("={{ { a: 1 } }}", "object", {"a": 1}),
        ('{"a": 1}', "object", {"a": 1}),
        ("={{ $json.body.none }}", "number", None),
    ],
)
def test_a_field_has_its_type(outcome: Run, expression: str, kind: str, expected: Any) -> None:
    assert given(outcome, expression, kind) == expected


def test_the_day_begins_in_the_workflows_own_place(outcome: Run) -> None:
    assert given(outcome, "={{ $today.zoneName }}", timezone="America/Bogota") == "America/Bogota"


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("={{ let x }}", "invalid syntax"),
        ("={{ $('Nobody').first().json.x }}", "Referenced node doesn't exist"),
        ("={{ $('Fields').first().json.x }}", "Node 'Fields' hasn't been executed"),
        ("={{ ''.constructor }}", "Expression contains invalid constructor function call"),
        ("={{ $env.HOME }}", "access to env vars denied"),
    ],
)
def test_some_expressions_fail_the_node(outcome: Run, expression: str, said: str) -> None:
    found = outcome(a_workflow(a_webhook(a_name()), fields(x=("string", expression))), PAYLOAD)
    assert found.status == "error"
    assert said in found.error


def test_an_endless_expression_is_ended(outcome: Run) -> None:
    endless = fields(x=("string", "={{ (() => { while (true) { } })() }}"))
    assert outcome(a_workflow(a_webhook(a_name()), endless), executionTimeout=20).status == "error"


def test_a_value_of_the_wrong_type_fails_the_field(outcome: Run) -> None:
    found = outcome(a_workflow(a_webhook(a_name()), fields(x=("number", "={{ 'low' }}"))))
    assert "'x' expects a number but we got 'low' [item 0]" in found.error


def test_a_conversion_that_fails_may_be_overlooked(outcome: Run) -> None:
    node = fields(x=("number", "={{ 'low' }}"), options={"ignoreConversionErrors": True})
    assert outcome(a_workflow(a_webhook(a_name()), node)).gave("Fields") == [{"x": "low"}]


def test_a_dotted_name_writes_into_an_object(outcome: Run) -> None:
    node = fields(**{"a.b": ("number", 1), "a.c": ("string", "x")})
    assert outcome(a_workflow(a_webhook(a_name()), node)).gave("Fields") == [{"a": {"b": 1, "c": "x"}}]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"includeOtherFields": True}, {"a": 1, "b": 2, "x": "y"}),
        ({"includeOtherFields": True, "include": "selected", "includeFields": "a"}, {"a": 1, "x": "y"}),
        ({"includeOtherFields": True, "include": "except", "excludeFields": "a"}, {"b": 2, "x": "y"}),
    ],
)
def test_a_set_may_keep_what_came(outcome: Run, more: dict[str, Any], expected: dict[str, Any]) -> None:
    node = fields(x=("string", "y"))
    node["parameters"] |= more
    found = outcome(a_workflow(a_webhook(a_name()), a_set('{"a": 1, "b": 2}'), node))
    assert found.gave("Fields") == [expected]


def test_json_may_be_written_around_expressions(outcome: Run) -> None:
    node = a_set(
        '={"name": "{{ $json.body.name }}", "all": {{ $json.body.tags }}, "n": {{ $json.body.spend }}}'
    )
    found = outcome(a_workflow(a_webhook(a_name()), node), PAYLOAD)
    assert found.gave("VK Params") == [{"name": "Ana", "all": ["a", "b"], "n": 21.5}]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("=x {{ $json.body }}", "The 'JSON Output' in item 0 contains invalid JSON"),
        ("={{ [1] }}", "The 'JSON Output' in item 0 does not contain a valid JSON object"),
        ("={{ $json.nothing }}", "Cannot convert undefined or null to object"),
    ],
)
def test_what_is_no_object_fails_the_node(outcome: Run, value: str, said: str) -> None:
    found = outcome(a_workflow(a_webhook(a_name()), a_set(value)), PAYLOAD)
    assert said in found.error


def test_an_item_knows_what_it_came_from(outcome: Run) -> None:
    rows = a_node(
        "splitOut", 1, "Rows", {"fieldToSplitOut": "body.tags", "options": {"destinationFieldName": "t"}}
    )
    upper = fields("Upper", u=("string", "={{ $json.t.toUpperCase() }}"))
    back = fields(x=("string", "={{ $('Rows').item.json.t + $('Run now').item.json.body.name }}"))
    found = outcome(a_workflow(a_webhook(a_name()), rows, upper, back), PAYLOAD)
    assert found.gave("Fields") == [{"x": "aAna"}, {"x": "bAna"}]


def test_parameters_of_one_node_reach_the_others_as_they_are(outcome: Run) -> None:
    params = a_set('{"min": 2, "text": "{{ $execution.id }}", "sign": "=1"}')
    node = fields(n=("number", "={{ $('VK Params').first().json.min }}"), t=("string", "={{ $json.text }}"))
    found = outcome(a_workflow(a_webhook(a_name()), params, node))
    assert found.gave("Fields") == [{"n": 2, "t": "{{ $execution.id }}"}]
