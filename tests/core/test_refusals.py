"""Whatever is refused says why, what is allowed and what to do next, in both languages and without codes."""

from __future__ import annotations

import importlib
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.factories import tools
from vibekanban.core import i18n, wrong
from vibekanban.core.errors import AppError, Invalid
from vibekanban.domains.access.policy import Policy
from vibekanban.domains.tools.calls import explained
from vibekanban.domains.tools.catalogue import TOOLS
from vibekanban.domains.tools.tool import InvalidArguments

ROOT = Path(__file__).resolve().parents[2]
# what only people meet, on pages of theirs: the sentence itself says what to do
OF_PEOPLE = {
    "already_verified", "automation_ended", "automation_not_running", "automation_outgrown",
    "automation_template_unknown", "bad_credentials", "board_view_taken", "cannot_change_yourself", "channel_off",
    "email_taken", "export_forbidden", "foreign_origin", "idempotency_key", "invitation_needs_verified_email",
    "invitation_over", "link_expired", "meta_foreign_token", "n8n_conflict", "n8n_denied", "n8n_failed", "n8n_missing",
    "n8n_refused", "n8n_unavailable", "n8n_unknown_outcome", "no_signing_secret", "oauth_denied",
    "oauth_scopes_missing", "oauth_state_expired", "role_not_grantable", "share_password", "sign_in_locked",
    "too_many_automations", "too_many_channels", "too_many_reports", "too_many_shares", "too_many_tokens",
}  # fmt: skip


def kinds() -> list[type[AppError]]:
    """Every error of the product, also one added tomorrow."""
    for file in sorted((ROOT / "vibekanban").rglob("*.py")):
        place = file.relative_to(ROOT)
        if "sandbox" not in place.parts and re.search(
            r"^class \w+\(.*\):\n(.*\n){0,8}    code = ", file.read_text("utf-8"), re.M
        ):
            importlib.import_module(".".join(place.with_suffix("").parts))
    found, waiting = {}, [AppError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("vibekanban"):
            found[kind.code] = kind
    return [found[code] for code in sorted(found)]


KINDS = kinds()


def sound(text: str) -> bool:
    """A sentence: long enough, ended, without placeholders or names of errors."""
    return len(text) > 10 and text.rstrip()[-1] in ".!?…)" and not re.search(r"[{}]|errors\.|\bNone\b", text)


@pytest.mark.parametrize("locale", i18n.LOCALES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_code_has_a_sentence_and_a_hint(kind: type[AppError], locale: i18n.Locale) -> None:
    texts = i18n.catalogue(locale)
    sentence = texts[f"errors.{kind.code}"]
    named = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
    assert sound(sentence.format(**dict.fromkeys(named, "algo")) + ("." if "}" in sentence[-2:] else ""))
    assert kind.code not in sentence or "_" not in kind.code
    if kind.code in OF_PEOPLE:
        return
    hint = texts[f"hints.{kind.code}"]
    assert sound(hint) or "vkm_" in hint
    assert hint != sentence


def test_what_only_people_meet_is_still_there() -> None:
    assert {kind.code for kind in KINDS} >= OF_PEOPLE


def wrong_values() -> Iterator[tuple[str, str, Any]]:
    """A value that each argument of each tool can not have."""
    for tool in TOOLS:
        for name in tools.properties(tool):
            for value in ({"x": object}, [object()] * 600, "x" * 5000, -(10**30), "\x00"):
                yield tool, name, value


def test_no_wrong_argument_is_told_with_a_placeholder_or_a_code() -> None:
    told: set[str] = set()
    for tool, name, value in wrong_values():
        try:
            TOOLS[tool].read({name: value})
        except InvalidArguments as error:
            for locale in i18n.LOCALES:
                told |= {one["message"] for one in explained(error, locale)["details"]["fields"]}
    assert [one for one in told if not sound(one)] == []


@pytest.mark.parametrize(
    ("policy", "field", "allowed"),
    [
        ({"maxPercentPerCall": 0}, "policy.maxPercentPerCall", "1 o más"),
        ({"maxPercentPerDay": 10_001}, "policy.maxPercentPerDay", "10000 o menos"),
        ({"maxWritesPerDay": "muchas"}, "policy.maxWritesPerDay", "número entero"),
        ({"maxDailyBudget": {"eur": 5}}, "policy.maxDailyBudget.eur", "EUR"),
        ({"maxDailyBudget": {"EUR": 0}}, "policy.maxDailyBudget.EUR", "mayor que 0"),
        ({"maxDailyBudget": {"EUR": "1.005"}}, "policy.maxDailyBudget.EUR", "2 decimales"),
        ({"quietHours": {"start": "tarde", "end": "08:00"}}, "policy.quietHours.start", "22:00"),
        (
            {"quietHours": {"start": "22:00", "end": "08:00", "timezone": "Marte"}},
            "policy.quietHours.timezone",
            "Europe/Madrid",
        ),
        ({"approval": {"verbs": ["read"]}}, "policy.approval.verbs", "pause"),
        ({"approval": {"verbs": ["fly"]}}, "policy.approval.verbs.0", "pause"),
        ({"approval": {"expiresHours": 200}}, "policy.approval.expiresHours", "168 o menos"),
    ],
)
def test_a_limit_that_is_refused_says_which_are_allowed(
    policy: dict[str, Any], field: str, allowed: str
) -> None:
    with pytest.raises(Invalid) as refused:
        Policy.read(policy)
    assert allowed in refused.value.reasons("es")[field]
    assert sound(refused.value.reasons("en")[field])


def test_a_choice_names_what_may_be_chosen() -> None:
    with pytest.raises(InvalidArguments) as refused:
        TOOLS["list_ads"].read({"status": ["VIVO"], "limit": 101})
    reasons = refused.value.reasons("es")
    assert "PAUSED, CAMPAIGN_PAUSED" in reasons["status.0"]
    assert reasons["limit"] == "Debe ser 100 o menos."


def test_every_sentence_about_a_value_can_be_said() -> None:
    """With what pydantic gives to it."""
    context = dict.fromkeys(
        ("ge", "le", "gt", "lt", "min_length", "max_length", "max_digits", "whole_digits", "pattern"), "1"
    )
    context |= {"expected": "'a', 'b' or 'c'", "decimal_places": "2"}
    for kind in [*wrong.KEYS, *wrong.FAMILIES]:
        key, about = wrong.told({"type": kind, "ctx": context})
        assert all(sound(i18n.say(locale, key, **about) + ".") for locale in i18n.LOCALES)
    assert wrong.told({"type": "literal_error", "ctx": context})[1]["expected"] == "a, b, c"
