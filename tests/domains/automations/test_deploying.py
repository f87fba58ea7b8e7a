"""n8n follows what is wanted, whatever breaks on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from tests.domains.automations.conftest import Shop
from tests.domains.meta.meta_sandbox import queued
from vibekanban.clients.n8n import errors
from vibekanban.clients.n8n.api import N8n
from vibekanban.core import columns
from vibekanban.core.queue import Job
from vibekanban.domains.access import tokens
from vibekanban.domains.access.models import McpToken
from vibekanban.domains.automations import automations, deploying, rendering
from vibekanban.domains.automations.models import Automation, AutomationTenant, RunStatus, State, Wanted
from vibekanban.domains.automations.stopped import StopReason
from vibekanban.domains.meta.models import MetaAccount
from vibekanban.domains.notifications.models import Notification
from workers import automations as jobs

STEPS = ["create_tenant", "create_bearer", "create_header", "create_workflow", "publish"]


class Killed(Exception):
    """The worker was killed at this line."""


def killed(monkeypatch: pytest.MonkeyPatch, step: str, *, after: bool) -> None:
    """The next call of a step kills the worker: before n8n was asked, or after it did it."""
    real: Callable[..., Any] = getattr(N8n, step)

    def once(self: N8n, *args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(N8n, step, real)
        if after:
            real(self, *args, **kwargs)
        raise Killed

    monkeypatch.setattr(N8n, step, once)


def lease_over(shop: Shop) -> None:
    with shop.database() as session:
        past = columns.now() - timedelta(seconds=1)
        session.execute(
            update(Automation).where(col(Automation.working_until).is_not(None)).values(working_until=past)
        )


def in_n8n(n8n: N8n) -> tuple[int, int]:
    """How many workflows and credentials there are."""
    return len(list(n8n.workflows())), len(list(n8n.credentials()))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_is_followed_by_one_that_ends_it(
    shop: Shop, n8n: N8n, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    automation_id = shop.automated()
    killed(monkeypatch, step, after=after)
    with pytest.raises(Killed):
        deploying.follow(automation_id)
    lease_over(shop)
    deploying.follow(automation_id)
    automation = shop.seen(automation_id).automation
    assert (automation.state, automation.settled) == (State.RUNNING, True)
    assert in_n8n(n8n) == (1, 2)
    with shop.database() as session:
        assert automation.armed_hint == session.get_one(McpToken, automation.token_id).hint


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ["archive", "delete_credential"])
def test_an_end_that_was_interrupted_is_ended(
    shop: Shop, n8n: N8n, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    automation_id = shop.running()
    killed(monkeypatch, step, after=after)
    with pytest.raises(Killed):
        shop.does(automations.end, automation_id)
    lease_over(shop)
    deploying.follow(automation_id)
    assert shop.seen(automation_id).automation.state is State.ENDED
    assert list(n8n.credentials()) == []


def test_two_workers_do_not_do_it_at_once(shop: Shop, n8n: N8n, monkeypatch: pytest.MonkeyPatch) -> None:
    automation_id = shop.automated()
    real = N8n.create_workflow

    def meanwhile(self: N8n, *args: Any, **kwargs: Any) -> Any:
        deploying.follow(automation_id)
        return real(self, *args, **kwargs)

    monkeypatch.setattr(N8n, "create_workflow", meanwhile)
    deploying.follow(automation_id)
    assert shop.seen(automation_id).automation.state is State.RUNNING
    assert in_n8n(n8n) == (1, 2)


def test_doing_it_again_does_nothing(shop: Shop, n8n: N8n) -> None:
    automation_id = shop.running()
    before = n8n.workflow(str(shop.seen(automation_id).automation.workflow_id)).version
    deploying.follow(automation_id)
    assert n8n.workflow(str(shop.seen(automation_id).automation.workflow_id)).version == before


def test_a_secret_that_reached_n8n_too_late_is_replaced(
    shop: Shop, n8n: N8n, monkeypatch: pytest.MonkeyPatch
) -> None:
    automation_id = shop.automated()
    real = N8n.create_bearer

    def rotated_meanwhile(self: N8n, **kwargs: Any) -> Any:
        monkeypatch.setattr(N8n, "create_bearer", real)
        made = real(self, **kwargs)
        with shop.database() as session:
            tokens.rotate(session, shop.user_id, session.get_one(Automation, automation_id).token_id)
        return made

    monkeypatch.setattr(N8n, "create_bearer", rotated_meanwhile)
    deploying.follow(automation_id)
    automation = shop.seen(automation_id).automation
    with shop.database() as session:
        assert automation.armed_hint == session.get_one(McpToken, automation.token_id).hint


def test_a_token_rotated_by_hand_is_named_and_resuming_repairs_it(shop: Shop) -> None:
    automation_id = shop.running()
    with shop.database() as session:
        tokens.rotate(session, shop.user_id, shop.seen(automation_id).automation.token_id)
    assert shop.seen(automation_id).stops == [StopReason.TOKEN_ROTATED]
    shop.does(automations.resume, automation_id)
    assert shop.seen(automation_id).stops == []


def failing(monkeypatch: pytest.MonkeyPatch, step: str, error: errors.N8nError) -> None:
    def refused(*_args: Any, **_kwargs: Any) -> Any:
        raise error

    monkeypatch.setattr(N8n, step, refused)


def test_while_n8n_is_away_it_waits_and_goes_on_later(shop: Shop) -> None:
    automation_id = shop.automated()
    with pytest.MonkeyPatch.context() as away:
        failing(away, "create_workflow", errors.Unavailable())
        deploying.follow(automation_id)
    shown = shop.seen(automation_id)
    assert (shown.automation.state, shown.automation.settled) == (State.PREPARING, False)
    assert (shown.automation.problem, shown.stops) == ("n8n_unavailable", [StopReason.N8N])
    lease_over(shop)
    jobs.sweep()
    assert queued(Job.FOLLOW_AUTOMATION)[-1] == (str(automation_id),)
    deploying.follow(automation_id)
    assert (shop.seen(automation_id).automation.state, shop.seen(automation_id).stops) == (State.RUNNING, [])


def test_what_n8n_refuses_is_told_once_and_can_be_tried_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    automation_id = shop.automated()
    with pytest.MonkeyPatch.context() as strict:
        failing(strict, "publish", errors.Refused("Unrecognized node type: x"))
        deploying.follow(automation_id)
        deploying.follow(automation_id)
    assert shop.seen(automation_id).automation.state is State.FAILED
    with shop.database() as session:
        (line,) = session.exec(select(Notification)).all()
        assert (line.kind, line.params["reason"]) == (
            "automation_not_deployed",
            "Unrecognized node type: x",
        )
    shop.does(automations.resume, automation_id)
    assert shop.seen(automation_id).automation.state is State.RUNNING


def test_one_that_was_deleted_in_n8n_is_made_anew(shop: Shop, n8n: N8n) -> None:
    automation_id = shop.running()
    n8n.delete_workflow(str(shop.seen(automation_id).automation.workflow_id))
    with shop.database() as session:
        automations.change(session, shop.user_id, automation_id, params={"max_spend": 5})
    deploying.follow(automation_id)
    assert shop.seen(automation_id).automation.state is State.RUNNING
    assert len(list(n8n.workflows())) == 1


def test_what_its_owner_changes_while_it_is_made_comes_after(
    shop: Shop, n8n: N8n, monkeypatch: pytest.MonkeyPatch
) -> None:
    automation_id = shop.automated()
    real = N8n.publish

    def paused_meanwhile(self: N8n, workflow_id: str, **kwargs: Any) -> Any:
        monkeypatch.setattr(N8n, "publish", real)
        with shop.database() as session:
            automations.pause(session, shop.user_id, automation_id)
        return real(self, workflow_id, **kwargs)

    monkeypatch.setattr(N8n, "publish", paused_meanwhile)
    deploying.follow(automation_id)
    automation = shop.seen(automation_id).automation
    assert (automation.wanted, automation.state, automation.settled) == (Wanted.PAUSED, State.PAUSED, True)
    assert not n8n.workflow(str(automation.workflow_id)).published


def test_people_are_kept_apart_in_n8n(shop: Shop, n8n: N8n) -> None:
    automation_id = shop.running()
    with shop.database() as session:
        tenant = session.get_one(AutomationTenant, shop.user_id)
    name = rendering.workflow_name(automation_id)
    assert [one.name for one in n8n.workflows(project_id=tenant.project_id)] == [name]


def test_a_paused_one_gets_its_parameters_and_stays_paused(shop: Shop, n8n: N8n) -> None:
    automation_id = shop.running()
    shop.does(automations.pause, automation_id)
    with shop.database() as session:
        automations.change(session, shop.user_id, automation_id, params={"max_spend": 123})
    deploying.follow(automation_id)
    workflow = n8n.workflow(str(shop.seen(automation_id).automation.workflow_id))
    assert not workflow.published
    assert '"max_spend": 123' in str(workflow.document)


def test_resuming_makes_credentials_anew_that_are_gone(shop: Shop, n8n: N8n) -> None:
    automation_id = shop.running()
    for credential in list(n8n.credentials()):
        n8n.delete_credential(credential["id"])
    shop.does(automations.resume, automation_id)
    assert len(list(n8n.credentials())) == 2
    assert shop.run(automation_id).run.status is RunStatus.SUCCESS


def test_one_that_could_only_fail_is_paused(shop: Shop, n8n: N8n) -> None:
    automation_id = shop.running()
    jobs.sweep()
    assert shop.seen(automation_id).automation.wanted is Wanted.RUNNING
    with shop.database() as session:
        token = session.get_one(McpToken, shop.seen(automation_id).automation.token_id)
        token.revoked_at = columns.now() - timedelta(days=2)
    jobs.sweep()
    deploying.follow(automation_id)
    assert shop.seen(automation_id).automation.state is State.PAUSED
    assert shop.seen(automation_id).stops == [StopReason.TOKEN_REVOKED]


def test_one_without_any_account_left_is_paused(shop: Shop) -> None:
    automation_id = shop.running()
    with shop.database() as session:
        session.delete(session.get_one(MetaAccount, shop.account.id))
    jobs.sweep()
    deploying.follow(automation_id)
    assert shop.seen(automation_id).automation.state is State.PAUSED
    assert shop.seen(automation_id).stops == [StopReason.ACCOUNT_GONE]


def test_an_unknown_automation_is_no_work(shop: Shop, n8n: N8n) -> None:
    deploying.follow(UUID(int=0))
    assert list(n8n.workflows()) == []
