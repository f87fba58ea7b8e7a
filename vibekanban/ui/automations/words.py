"""Automations in words: where one stands, what it may move, what a run did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from vibekanban.core import i18n
from vibekanban.core.i18n import say
from vibekanban.domains.access.models import Outcome, Scope
from vibekanban.domains.access.policy import Policy
from vibekanban.domains.automations import templates
from vibekanban.domains.automations.automations import Shown
from vibekanban.domains.automations.models import AutomationRun, RunStatus, State, Wanted
from vibekanban.domains.automations.runs import Done
from vibekanban.domains.automations.stakes import Stake
from vibekanban.ui import shown
from vibekanban.ui.access import policy_words

TONES = {State.RUNNING: "good", State.FAILED: "bad", State.PREPARING: "info"}
RUN_TONES = {RunStatus.SUCCESS: "good", RunStatus.FAILED: "bad", RunStatus.RUNNING: "info"}
CALL_TONES = {
    Outcome.OK: "good",
    Outcome.HELD: "info",
    Outcome.REHEARSED: "info",
    Outcome.REFUSED: "warn",
    Outcome.FAILED: "bad",
}
OUTCOMES = frozenset({"applied", "unchanged", "dry_run", "pending_approval", "error"})
MOST_LINES = 12


def state(one: Shown, locale: str) -> tuple[str, str]:
    """Where it stands, or on its way to where; and the colour of that."""
    row = one.automation
    if one.stops and row.state is State.RUNNING:
        return say(locale, "automations.state.stopped"), "warn"
    way = row.state in {State.RUNNING, State.PAUSED} and row.wanted.value != row.state.value
    if way or (row.wanted is Wanted.ENDED and row.state is not State.ENDED):
        return say(locale, f"automations.way.{row.wanted.value}"), "info"
    return say(locale, f"automations.state.{row.state.value}"), TONES.get(row.state, "")


def stops(one: Shown, locale: str) -> list[str]:
    """Why it does not act, and what to do about it."""
    found = [
        say(locale, f"automations.stops.{reason.value}") for reason in one.stops if reason.value != "n8n"
    ]
    if one.automation.problem:
        found.append(say(locale, f"errors.{one.automation.problem}", reason=one.automation.detail))
    return found


def news(one: Shown, locale: str) -> list[str]:
    """What a newer version of its template asks for, a line each."""
    if one.asks is None:
        return []
    template = one.automation.template
    return [
        *(say(locale, f"automations.templates.{template}.{name}") for name in one.asks.params),
        *(
            say(locale, "automations.news.right", right=say(locale, f"ui.scope.{scope.value}"))
            for scope in one.asks.scopes
        ),
    ]


def limits(policy: Mapping[str, Any], locale: i18n.Locale) -> list[str]:
    return policy_words.told(Policy.read(dict(policy)), locale)


def money(stakes: Sequence[Stake], locale: str) -> str:
    """`61,50 € hoy en 4 campañas activas`, a currency after the other."""
    return " · ".join(
        i18n.counted(
            locale, "automations.stake", one.campaigns, amount=shown.money(one.today, one.currency, locale)
        )
        for one in stakes
    )


def settings(template: str, params: Mapping[str, Any], locale: str) -> list[str]:
    """Its parameters, a line each."""
    return [
        f"{say(locale, f'automations.templates.{template}.{name}')}: {plain(params[name])}"
        for name in templates.template(template).schema["properties"]
        if name in params
    ]


def plain(value: float) -> str:
    """A number as a field takes it and a person reads it: never 1e+06."""
    return f"{value:.10f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def run(one: AutomationRun | None, locale: str) -> tuple[str, str]:
    if one is None:
        return "", ""
    return say(locale, f"automations.run.{one.status.value}"), RUN_TONES[one.status]


def took(one: AutomationRun, locale: str) -> str:
    if one.finished_at is None:
        return ""
    seconds = max(0, round((one.finished_at - one.started_at).total_seconds()))
    return say(locale, "automations.took", seconds=seconds)


def mode(one: AutomationRun, locale: str) -> str:
    known = one.mode if one.mode in {"webhook", "trigger", "retry"} else "unknown"
    return say(locale, f"automations.mode.{known}")


def did(done: Done, locale: str) -> list[str]:
    """What the run reported of itself."""
    results = done.run.results or {}
    found, outcomes = results.get("found"), results.get("outcomes")
    lines = []
    if isinstance(results.get("checked"), int):
        lines.append(i18n.counted(locale, "automations.checked", results["checked"]))
    if found == []:
        lines.append(say(locale, "automations.nothing"))
    if isinstance(found, list) and isinstance(outcomes, list):
        for thing, outcome in list(zip(found, outcomes, strict=False))[:MOST_LINES]:
            if isinstance(thing, dict) and outcome in OUTCOMES:
                name = str(thing.get("name") or "—")[:120]
                spend = shown.money(_amount(thing.get("spend")), str(thing.get("currency") or "EUR"), locale)
                lines.append(say(locale, f"automations.outcome.{outcome}", name=name, spend=spend))
        if len(found) > MOST_LINES:
            lines.append(say(locale, "automations.more", count=len(found) - MOST_LINES))
    return lines


def calls(done: Done, locale: str) -> list[list[str]]:
    """Each call of its token: tool, outcome in words, colour."""
    return [
        [
            one.tool,
            say(locale, f"ui.outcome.{one.outcome.value}")
            + (f" · {one.error_code}" if one.error_code else ""),
            CALL_TONES[one.outcome],
        ]
        for one in done.calls
    ]


def advice(one: AutomationRun, stopped: bool, locale: str) -> str:
    """What to do after a failure."""
    if one.status is not RunStatus.FAILED:
        return ""
    return say(locale, "automations.advice.stopped" if stopped else "automations.advice.look")


def policy_of(form: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    """The limits that the form sets, over those it does not show."""
    policy = {name: value for name, value in held.items() if name not in {"dryRun", "maxWritesPerDay"}}
    policy["dryRun"] = form.get("mode") != "real"
    most = str(form.get("most") or "").strip()
    if most:
        policy["maxWritesPerDay"] = int(most) if most.isdecimal() else most
    approval = {name: value for name, value in (held.get("approval") or {}).items() if name != "verbs"}
    verbs = [verb for verb in (held.get("approval") or {}).get("verbs", []) if verb != Scope.PAUSE.value]
    if form.get("ask"):
        verbs.append(Scope.PAUSE.value)
    policy.pop("approval", None)
    if verbs or "abovePercent" in approval:
        policy["approval"] = {**approval, "verbs": verbs}
    return policy


def params_of(form: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of the form; what is no number is left for the template to name."""
    found: dict[str, Any] = {}
    for name, value in form.items():
        if name.startswith("param-") and str(value).strip():
            found[name.removeprefix("param-")] = _amount(value)
    return found


def accounts_of(form: Mapping[str, Any]) -> list[UUID]:
    chosen = [
        name.removeprefix("account-") for name, on in form.items() if name.startswith("account-") and on
    ]
    return [UUID(one) for one in chosen]


def _amount(value: Any) -> Any:
    """A number, whole where it can be; anything else as it came."""
    text = str(value).strip().replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        return None if value is None else text[:40]
    return int(number) if number.is_integer() else number
