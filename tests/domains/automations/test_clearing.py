"""n8n keeps nothing of somebody who is gone, whatever breaks on the way."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import select

from tests.domains.automations.conftest import Shop
from tests.domains.automations.test_deploying import Killed, failing, in_n8n, killed
from tests.domains.meta.meta_sandbox import queued
from vibekanban.clients.n8n import errors
from vibekanban.clients.n8n.api import N8n
from vibekanban.core import columns
from vibekanban.core.queue import Job
from vibekanban.domains.accounts.models import User
from vibekanban.domains.automations import automations, clearing, deploying, rendering
from vibekanban.domains.automations.models import Automation, AutomationPlace
from workers import automations as jobs


def gone(shop: Shop) -> None:
    """Their owner is deleted."""
    with shop.database() as session:
        session.delete(session.get_one(User, shop.user_id))


def later(shop: Shop) -> None:
    """Every wait is over."""
    with shop.database() as session:
        past = columns.now() - deploying.LEASE - timedelta(seconds=1)
        session.execute(update(AutomationPlace).values(again_at=past))
        kept = AutomationPlace.cleared_at
        session.execute(update(AutomationPlace).where(kept.is_not(None)).values(cleared_at=past))  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue]


def cleared(shop: Shop, *automation_ids: UUID) -> None:
    """The sweep finds them, and a job clears each."""
    jobs.sweep()
    assert {(str(one),) for one in automation_ids} <= set(queued(Job.CLEAR_AUTOMATION))
    for one in automation_ids:
        clearing.clear(one)


def has_tenant(n8n: N8n, shop: Shop) -> bool:
    return n8n.tenant_id(rendering.tenant_address(shop.user_id)) is not None


def places(shop: Shop) -> int:
    with shop.database() as session:
        return len(session.exec(select(AutomationPlace)).all())


def test_a_deleted_person_leaves_nothing_in_n8n(shop: Shop, n8n: N8n) -> None:
    running, paused, ended = shop.running(), shop.running(), shop.running()
    shop.does(automations.pause, paused)
    shop.does(automations.end, ended)
    assert has_tenant(n8n, shop)
    gone(shop)
    cleared(shop, running, paused, ended)
    assert in_n8n(n8n) == (0, 0)
    assert not has_tenant(n8n, shop)


def test_the_place_is_forgotten_once_no_job_can_be_at_it(shop: Shop, n8n: N8n) -> None:
    automation_id = shop.running()
    gone(shop)
    cleared(shop, automation_id)
    jobs.sweep()
    assert (len(queued(Job.CLEAR_AUTOMATION)), places(shop)) == (1, 1)
    # what a job made that was at it meanwhile
    n8n.create_workflow(
        {"name": rendering.workflow_name(automation_id), "nodes": [], "connections": {}, "settings": {}}
    )
    later(shop)
    cleared(shop, automation_id)
    assert (in_n8n(n8n), places(shop)) == ((0, 0), 0)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ["delete_workflow", "delete_credential", "delete_tenant"])
def test_a_worker_killed_at_any_step_is_followed_by_one_that_ends_it(
    shop: Shop, n8n: N8n, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    automation_id = shop.running()
    gone(shop)
    killed(monkeypatch, step, after=after)
    with pytest.raises(Killed):
        clearing.clear(automation_id)
    later(shop)
    cleared(shop, automation_id)
    assert in_n8n(n8n) == (0, 0)
    assert not has_tenant(n8n, shop)


def test_while_n8n_is_away_it_is_tried_again_later(shop: Shop, n8n: N8n) -> None:
    automation_id = shop.running()
    gone(shop)
    with pytest.MonkeyPatch.context() as away:
        failing(away, "delete_workflow", errors.Unavailable())
        cleared(shop, automation_id)
        with shop.database() as session:
            assert clearing.left(session) == []
    later(shop)
    cleared(shop, automation_id)
    assert in_n8n(n8n) == (0, 0)


def test_an_automation_that_is_gone_leaves_its_owner_their_tenant_and_the_others(
    shop: Shop, n8n: N8n
) -> None:
    dead, alive = shop.running(), shop.running()
    with shop.database() as session:
        session.delete(session.get_one(Automation, dead))
    cleared(shop, dead)
    assert in_n8n(n8n) == (1, 2)
    assert has_tenant(n8n, shop)
    assert shop.run(alive).run.error == ""


def test_one_that_lives_is_not_touched(shop: Shop, n8n: N8n) -> None:
    automation_id = shop.running()
    jobs.sweep()
    clearing.clear(automation_id)
    assert (queued(Job.CLEAR_AUTOMATION), in_n8n(n8n)) == ([], (1, 2))
