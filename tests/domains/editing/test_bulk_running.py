"""Bulk edits whose worker dies: they go on where they were, and nothing is written twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from tests.domains.editing.shop import Shop
from tests.domains.meta.meta_sandbox import fault, queued
from vibekanban.core import columns
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.editing import bulk, bulk_running, edits
from vibekanban.domains.editing.bulk import Order
from vibekanban.domains.editing.bulk_actions import Action
from vibekanban.domains.editing.models import BulkRun, RowState, RunState
from workers import meta_changes


@pytest.fixture(autouse=True)
def by_a_job_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_running, "AT_ONCE", 1)
    monkeypatch.setattr(bulk, "AT_ONCE", 0)


def ordered(shop: Shop, count: int = 4) -> UUID:
    order = Order(Action.CHANGE_BUDGET_PERCENT, [shop.campaign(n).id for n in range(count)], {"percent": 10})
    return bulk.start(shop.user.id, order, shop.actor).run.id


def states(shop: Shop, run_id: UUID) -> list[RowState]:
    shop.session.expire_all()
    return [one.state for one in bulk.ran(shop.session, shop.user.id, run_id).rows]


def overdue(shop: Shop, run_id: UUID) -> None:
    run = shop.session.get_one(BulkRun, run_id, populate_existing=True)
    run.due_at = columns.now() - timedelta(hours=1)
    shop.session.flush()


def dying(monkeypatch: pytest.MonkeyPatch, *, when: int, after: bool) -> None:
    """The worker is killed at the so-manieth row, before or after Meta was told."""
    told = edits.apply
    seen = []

    def apply(*args, **how):
        seen.append(1)
        if len(seen) != when:
            return told(*args, **how)
        if after:
            told(*args, **how)
        raise SystemExit

    monkeypatch.setattr(edits, "apply", apply)


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_in_the_middle_goes_on_and_repeats_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    wanted = [round((shop.campaign(n).daily_budget or 0) * 11 / 10 + 0.001) for n in range(4)]
    run_id = ordered(shop)
    with monkeypatch.context() as patched:
        dying(patched, when=2, after=after)
        with pytest.raises(SystemExit):
            meta_changes.run_bulk(str(run_id), 0)
    assert states(shop, run_id) == [RowState.DONE, RowState.RUNNING, RowState.WAITING, RowState.WAITING]
    overdue(shop, run_id)
    meta_changes.sweep_bulk()
    (again,) = [args for args in queued(Job.RUN_BULK) if args[1] > 0]
    meta_changes.run_bulk(*again)
    assert states(shop, run_id) == [RowState.DONE] * 4
    assert [int(shop.at_meta(shop.campaign(n), "daily_budget")["daily_budget"]) for n in range(4)] == wanted
    assert len(shop.writes()) == 4
    assert len(shop.changes()) == 4
    assert bulk.ran(shop.session, shop.user.id, run_id).run.status is RunState.DONE


def test_a_twin_that_comes_late_finds_nothing_to_do(shop: Shop) -> None:
    run_id = ordered(shop)
    meta_changes.run_bulk(str(run_id), 0)
    meta_changes.run_bulk(str(run_id), 0)
    assert len(shop.writes()) == 4


def test_an_account_that_meta_holds_back_goes_on_later(shop: Shop) -> None:
    fault(shop.sandbox, "error", times=1, path=shop.campaign(1).meta_id, method="POST", code=80004)
    run_id = ordered(shop)
    bulk_running.run(run_id, 0, lane=Lane.HUMAN)
    assert states(shop, run_id) == [RowState.DONE, *[RowState.WAITING] * 3]
    run = shop.session.get_one(BulkRun, run_id, populate_existing=True)
    assert (run.status, run.hop) == (RunState.RUNNING, 1)
    assert run.due_at > columns.now()


def test_a_row_whose_worker_dies_again_and_again_fails_alone(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = ordered(shop, 2)
    shop.session.get_one(BulkRun, run_id).tries = bulk_running.TRIES - 1
    with monkeypatch.context() as patched:
        dying(patched, when=1, after=False)
        with pytest.raises(SystemExit):
            meta_changes.run_bulk(str(run_id), 0)
    overdue(shop, run_id)
    meta_changes.sweep_bulk()
    (again,) = [args for args in queued(Job.RUN_BULK) if args[1] > 0]
    meta_changes.run_bulk(*again)
    assert states(shop, run_id) == [RowState.FAILED, RowState.DONE]
