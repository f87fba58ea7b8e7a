"""Meta's errors become the failures of our table, whatever else the answer holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from vibekanban.clients.meta import classify, errors

UNTIL = datetime(2026, 11, 24, 10, tzinfo=UTC)
TABLE: dict[type[errors.MetaError], list[tuple[int, int | None]]] = {
    errors.NeedsReauth: [
        (190, None), (190, 458), (190, 460), (190, 463), (190, 464), (190, 467), (190, 492), (102, None),
    ],
    errors.NeedsUserAction: [(190, 459)],
    errors.AppMisconfigured: [(104, None), (101, None), (100, 36008)],
    errors.NeedsPermission: [(3, None), (10, None), (200, None), (294, None), (299, None), (100, 3191001)],
    errors.Throttled: [
        (4, None), (4, 1504022), (17, 2446079), (32, None), (341, None), (613, None), (613, 1487742),
        (613, 5044001), (80000, None), (80004, 2446079), (80014, None),
    ],
    errors.Transient: [(1, None), (2, None), (-1, None)],
    errors.TooMuchData: [
        (1, 99), (100, 1487534), (100, 1504018), (2, 1504038), (-2, 2490547), (-3, 1504045),
    ],
    errors.Missing: [(100, 33)],
    errors.CursorExpired: [(2642, None)],
    errors.VersionRetired: [(2635, None)],
    errors.Blocked: [(368, None), (368, 1404078), (10, 2859015), (1404163, None)],
    # the last three are limits of one object: waiting would not help, and others need not wait
    errors.Refused: [
        (100, None), (100, 1487056), (100, 1885272), (100, 1885621), (100, 4834011), (1487033, None),
        (1815573, None), (3018, None), (3858079, None), (613, 1487632), (17, 1885172), (613, 1487225),
    ],
    errors.Unrecognised: [(987654, None), (803, 5)],
}  # fmt: skip
NAMES = (
    "code", "error_subcode", "message", "is_transient", "error_data", "error_user_title", "error_user_msg",
    "fbtrace_id",
)  # fmt: skip


def failed(error: dict[str, Any], status: int = 400) -> errors.MetaError:
    return classify.failure(error, status, lambda _code, _subcode: UNTIL)


@pytest.mark.parametrize(("kind", "codes"), TABLE.items(), ids=[kind.__name__ for kind in TABLE])
def test_a_code_means_what_the_table_says(
    kind: type[errors.MetaError], codes: list[tuple[int, int | None]]
) -> None:
    found = {
        (code, subcode): type(failed({"code": code, "error_subcode": subcode, "message": "x"}))
        for code, subcode in codes
    }
    assert found == dict.fromkeys(codes, kind)


def test_two_failures_are_told_by_their_words() -> None:
    proof = failed({"code": 100, "message": "Invalid appsecret_proof provided in the API argument"})
    much = failed({"code": 1, "message": "Please reduce the amount of data you're asking for"}, 500)
    assert (type(proof), type(much)) == (errors.AppMisconfigured, errors.TooMuchData)


def test_metas_own_word_that_it_passes_counts_for_codes_that_say_nothing() -> None:
    kinds = [
        type(failed({"code": code, "message": "x", "is_transient": True})) for code in (100, 987654, 190, 4)
    ]
    assert kinds == [errors.Transient, errors.Transient, errors.NeedsReauth, errors.Throttled]


def test_a_refusal_carries_what_a_person_can_use() -> None:
    refused = failed(
        {
            "code": 100,
            "error_subcode": 1885272,
            "message": "Invalid parameter",
            "error_user_title": "Presupuesto",
            "error_user_msg": "El presupuesto es demasiado bajo.",
            "error_data": {"blame_field_specs": [["daily_budget"], ["bid", "amount"]]},
            "fbtrace_id": "AbC",
        }
    )
    assert isinstance(refused, errors.Refused)
    assert (refused.title, refused.blamed, refused.trace) == (
        "Presupuesto",
        ["daily_budget", "bid.amount"],
        "AbC",
    )
    assert refused.details["fields"][0] == {
        "field": "daily_budget",
        "message": "El presupuesto es demasiado bajo.",
    }


def test_a_missing_permission_is_named() -> None:
    refused = failed({"code": 200, "message": "(#200) Ad account owner has NOT grant ads_read permission"})
    assert isinstance(refused, errors.NeedsPermission)
    assert refused.scopes == ["ads_read"]


anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    some.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, anything)),
    some.integers(0, 599),
)
def test_whatever_an_error_object_holds_it_becomes_a_failure_of_ours(
    error: dict[str, Any], status: int
) -> None:
    assert isinstance(failed(error, status), errors.MetaError)
