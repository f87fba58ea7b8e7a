"""The whole loop: an automation is deployed to n8n, runs there, acts through our doors and reports back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domains.automations.conftest import Shop
from vibekanban.clients.n8n.api import N8n
from vibekanban.clients.n8n.errors import Missing
from vibekanban.domains.access import tokens
from vibekanban.domains.access.models import Outcome
from vibekanban.domains.automations import automations, deploying, rendering, running
from vibekanban.domains.automations.models import RunStatus, State
from vibekanban.domains.automations.stopped import StopReason
from vibekanban.domains.guarding import stopping

KEYS = ["pause_without_results", "pause_expensive_results"]


def test_a_run_pauses_at_meta_what_spends_without_results(shop: Shop) -> None:
    automation_id = shop.running()
    done = shop.run(automation_id)
    assert (done.run.status, done.run.error) == (RunStatus.SUCCESS, "")
    assert shop.status() == "PAUSED"
    assert [call.tool for call in done.calls] == ["get_summary", "pause_campaign"]
    assert done.run.results is not None
    assert done.run.results["outcomes"] == ["applied"]
    assert [one["spend"] for one in done.run.results["found"]] == ["61.50"]


@pytest.mark.parametrize("template", KEYS)
def test_runs_that_overlap_keep_their_calls_apart(shop: Shop, template: str) -> None:
    params = {"max_spend": 1} if template == KEYS[0] else {"max_cpa": 1, "min_conversions": 1}
    automation_id = shop.running(template=template, params=params, policy={})
    for _ in range(2):
        with shop.database() as session:
            automations.run(session, shop.user_id, automation_id)
        running.run(automation_id)
    assert shop.ended(automation_id, 2)
    for done in shop.runs(automation_id):
        assert [call.tool for call in done.calls][:1] == ["get_summary"]
        assert {call.run for call in done.calls} == {done.run.execution_id}
        assert len(done.calls) == (2 if template == KEYS[0] else 1)


def test_a_dry_run_says_what_it_would_do_and_does_nothing(shop: Shop) -> None:
    automation_id = shop.running(policy={})
    done = shop.run(automation_id)
    assert done.run.results is not None
    assert done.run.results["outcomes"] == ["dry_run"]
    assert shop.status() == "ACTIVE"


@pytest.mark.parametrize("template", KEYS)
def test_what_keeps_its_limits_is_left_alone_and_reported(shop: Shop, template: str) -> None:
    params = {"max_spend": 1000} if template == KEYS[0] else {"max_cpa": 1}
    automation_id = shop.running(template=template, params=params)
    done = shop.run(automation_id)
    assert (done.run.status, done.run.error) == (RunStatus.SUCCESS, "")
    assert done.run.results == {"checked": 1, "found": [], "outcomes": []}
    assert shop.status() == "ACTIVE"


def test_a_revoked_token_stops_it_at_its_next_call(shop: Shop) -> None:
    automation_id = shop.running()
    with shop.database() as session:
        tokens.revoke(session, shop.user_id, shop.seen(automation_id).automation.token_id)
    done = shop.run(automation_id)
    assert done.run.status is RunStatus.FAILED
    assert done.run.error.startswith("Could not connect to your MCP server")
    assert done.calls == []
    assert shop.status() == "ACTIVE"
    assert StopReason.TOKEN_REVOKED in shop.seen(automation_id).stops


def test_resuming_after_a_revocation_gives_it_a_new_token(shop: Shop) -> None:
    automation_id = shop.running()
    with shop.database() as session:
        tokens.revoke(session, shop.user_id, shop.seen(automation_id).automation.token_id)
    shop.does(automations.resume, automation_id)
    assert shop.seen(automation_id).stops == []
    assert shop.run(automation_id).run.status is RunStatus.SUCCESS


def test_the_kill_switch_stops_it_and_says_so(shop: Shop) -> None:
    automation_id = shop.running()
    with shop.database() as session:
        stopping.stop_everything(session, shop.user_id, stopped=True)
    done = shop.run(automation_id)
    assert done.run.status is RunStatus.FAILED
    assert shop.status() == "ACTIVE"
    assert shop.seen(automation_id).stops == [StopReason.EVERYTHING_STOPPED]


def test_a_stopped_account_is_read_and_not_written_to(shop: Shop) -> None:
    automation_id = shop.running()
    with shop.database() as session:
        stopping.stop_account(session, shop.user_id, shop.account.id, stopped=True)
    done = shop.run(automation_id)
    assert done.run.status is RunStatus.FAILED
    assert [(call.tool, call.outcome) for call in done.calls][:2] == [
        ("get_summary", Outcome.OK),
        ("pause_campaign", Outcome.REFUSED),
    ]
    assert shop.status() == "ACTIVE"


def test_other_parameters_hold_at_the_next_run(shop: Shop) -> None:
    automation_id = shop.running(params={"max_spend": 1000})
    with shop.database() as session:
        automations.change(session, shop.user_id, automation_id, params={"max_spend": 60})
    shop.does(automations.resume, automation_id)
    assert shop.run(automation_id).run.results is not None
    assert shop.status() == "PAUSED"


def test_a_run_asked_for_during_a_change_waits_for_what_was_changed(shop: Shop) -> None:
    automation_id = shop.running(params={"max_spend": 1000})
    with shop.database() as session:
        automations.change(session, shop.user_id, automation_id, params={"max_spend": 60})
        automations.run(session, shop.user_id, automation_id)
    running.run(automation_id)
    assert shop.runs(automation_id) == []
    deploying.follow(automation_id)
    shop.started(automation_id)
    assert shop.status() == "PAUSED"


def test_a_run_that_a_change_overtook_is_not_lost(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    automation_id = shop.running(params={"max_spend": 1000})
    call = N8n.run

    def overtaken(n8n: N8n, *args: Any, **more: Any) -> Any:
        monkeypatch.setattr(N8n, "run", call)
        with shop.database() as session:
            automations.change(session, shop.user_id, automation_id, params={"max_spend": 60})
        raise Missing()

    monkeypatch.setattr(N8n, "run", overtaken)
    with shop.database() as session:
        automations.run(session, shop.user_id, automation_id)
    running.run(automation_id)
    deploying.follow(automation_id)
    shop.started(automation_id)
    assert shop.status() == "PAUSED"


def test_a_paused_one_does_not_run_and_a_resumed_one_does(shop: Shop, n8n: N8n) -> None:
    automation_id = shop.running()
    workflow_id = str(shop.seen(automation_id).automation.workflow_id)
    shop.does(automations.pause, automation_id)
    assert shop.seen(automation_id).automation.state is State.PAUSED
    assert not n8n.workflow(workflow_id).published
    shop.does(automations.resume, automation_id)
    assert n8n.workflow(workflow_id).published
    assert shop.run(automation_id).run.status is RunStatus.SUCCESS


def test_an_ended_one_leaves_its_history_and_no_secret_in_n8n(shop: Shop, n8n: N8n) -> None:
    automation_id = shop.running()
    workflow_id = str(shop.seen(automation_id).automation.workflow_id)
    shop.does(automations.end, automation_id)
    assert shop.seen(automation_id).automation.state is State.ENDED
    workflow = n8n.workflow(workflow_id)
    assert (workflow.archived, workflow.published) == (True, False)
    assert list(n8n.credentials()) == []


def test_only_its_key_opens_the_path_that_runs_it(shop: Shop, n8n: N8n) -> None:
    from vibekanban.clients.n8n.errors import Denied

    automation = shop.seen(shop.running()).automation
    for headers in ({}, {rendering.HEADER: "guessed"}):
        with pytest.raises(Denied):
            n8n.run(rendering.run_path(automation), {}, headers=headers)


def test_a_workflow_holds_no_secret(shop: Shop, n8n: N8n) -> None:
    automation_id = shop.running()
    shop.run(automation_id)
    automation = shop.seen(automation_id).automation
    (execution,) = n8n.executions(workflow_id=str(automation.workflow_id), data=True)
    held = str([n8n.workflow(str(automation.workflow_id)).document, execution])
    assert "vkm_" not in held
