"""The official conformance suite against /mcp: what it can hold us to must hold, and the rest is named with its reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conftest import Programs

SUITE = "node_modules/@modelcontextprotocol/conformance/dist/index.js"
KEPT = (
    "server-initialize",
    "server-stateless",
    "ping",
    "tools-list",
    "resources-list",
    "prompts-list",
    "dns-rebinding-protection",
    "caching",
    "http-header-validation",
    "sep-2164-resource-not-found",
    "input-required-result-unsupported-methods",
    "input-required-result-validate-input",
)
# What the suite also offers, and why it says nothing about us
WITHOUT_A_SESSION = "the server is stateless: it has no sessions and no stream of its own, only answers"
NOT_OFFERED = "the server does not announce this capability"
SPECIMENS = (
    "calls specimens that the suite's own example server has (test_simple_text, test://static-text and so on)"
)
NOT_FOR_US = {
    "server-session-lifecycle": WITHOUT_A_SESSION,
    "server-sse-polling": WITHOUT_A_SESSION,
    "server-sse-multiple-streams": WITHOUT_A_SESSION,
    "logging-set-level": NOT_OFFERED,
    "completion-complete": NOT_OFFERED,
    "resources-subscribe": NOT_OFFERED,
    "resources-unsubscribe": NOT_OFFERED,
    **{
        f"tasks-{name}": NOT_OFFERED
        for name in (
            "lifecycle", "capability-negotiation", "wire-fields", "request-state-removal", "mrtr-input",
            "request-headers", "dispatch-and-envelope", "status-notifications", "required-task-error",
            "mrtr-composition",
        )
    },
    **{f"sep-2640-skills-{name}": NOT_OFFERED for name in ("directory", "enumeration", "manifest")},
    **{
        f"tools-call-{name}": SPECIMENS
        for name in (
            "simple-text", "image", "audio", "embedded-resource", "mixed-content", "with-logging", "error",
            "with-progress", "sampling", "elicitation",
        )
    },
    "json-schema-2020-12": SPECIMENS,
    "elicitation-sep1034-defaults": SPECIMENS,
    "elicitation-sep1330-enums": SPECIMENS,
    "resources-read-text": SPECIMENS,
    "resources-read-binary": SPECIMENS,
    "resources-templates-read": SPECIMENS,
    "prompts-get-simple": SPECIMENS,
    "prompts-get-with-args": SPECIMENS,
    "prompts-get-embedded-resource": SPECIMENS,
    "prompts-get-with-image": SPECIMENS,
    "http-custom-header-server-validation": "no tool of ours asks for a header of its own (x-mcp-header)",
    **{
        f"input-required-result-{name}": SPECIMENS
        for name in (
            "basic-elicitation", "basic-sampling", "basic-list-roots", "request-state",
            "multiple-input-requests", "multi-round", "missing-input-response", "non-tool-request",
            "result-type", "tampered-state", "capability-check", "ignore-extra-params",
        )
    },
}  # fmt: skip


def checks(programs: Programs, address: str, scenario: str, results: Path) -> list[dict[str, Any]]:
    """The checks of a scenario, as the suite writes them down."""
    ended = programs.run(
        SUITE, "server", "--url", address, "--scenario", scenario, "--output-dir", str(results)
    )
    written = list(results.rglob("checks.json"))
    assert len(written) == 1, ended.said + ended.complained
    return json.loads(written[0].read_text())


def failures(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Checks that failed, but for those that say themselves that they need a specimen we do not have."""
    return [
        check
        for check in found
        if check["status"] == "FAILURE" and not (check.get("details") or {}).get("untestable")
    ]


@pytest.mark.parametrize("scenario", KEPT)
def test_a_scenario_holds(programs: Programs, open_door: str, scenario: str, tmp_path: Path) -> None:
    found = checks(programs, open_door, scenario, tmp_path)
    assert failures(found) == []
    assert any(check["status"] == "SUCCESS" for check in found)


def test_every_scenario_of_the_suite_is_held_or_has_a_reason(programs: Programs) -> None:
    listed = programs.run(SUITE, "list").said.partition("Client scenarios")[0]
    names = {line.split()[1] for line in listed.splitlines() if line.strip().startswith("- ")}
    assert names == {*KEPT, *NOT_FOR_US}
