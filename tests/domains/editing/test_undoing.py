"""Undoing against the sandbox: what was before is at Meta again, or nothing was touched and the reason is said."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.domains.editing.shop import Shop
from tests.factories.accounts import a_user
from vibekanban.core.columns import new_id
from vibekanban.core.errors import NotFound
from vibekanban.domains.editing import creating, undoing
from vibekanban.domains.editing.creating import Draft
from vibekanban.domains.editing.errors import ChangedSince, NotRevertible
from vibekanban.domains.meta import changes
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import ActorKind, Change, ChangeOutcome, Level


def made(shop: Shop, change_id: object) -> Change:
    assert change_id is not None
    return shop.change(change_id)  # pyright: ignore[reportArgumentType]


def test_a_budget_comes_back_to_the_minor_unit(shop: Shop) -> None:
    campaign = shop.campaign()
    budget = campaign.daily_budget
    done = shop.edit(Level.CAMPAIGN, campaign, {"daily_budget": Decimal("61.37"), "name": "Otro"})
    undone = undoing.revert(shop.user.id, made(shop, done.change_id).id, shop.actor)
    assert shop.at_meta(campaign, "daily_budget")["daily_budget"] == str(budget)
    assert made(shop, undone.change_id).reverts_id == done.change_id


def test_a_pause_is_undone_by_running_again(shop: Shop) -> None:
    done = shop.edit(Level.CAMPAIGN, shop.campaign(), {"status": "PAUSED"})
    undone = undoing.revert(shop.user.id, made(shop, done.change_id).id, shop.actor)
    assert made(shop, undone.change_id).action == "resume"
    assert shop.at_meta(shop.campaign(), "status")["status"] == "ACTIVE"


def test_a_dry_run_of_an_undo_writes_nothing_and_names_the_money(shop: Shop) -> None:
    done = shop.edit(Level.CAMPAIGN, shop.campaign(), {"status": "PAUSED"})
    writes = len(shop.writes())
    rehearsed = undoing.revert(shop.user.id, made(shop, done.change_id).id, shop.actor, dry_run=True)
    assert rehearsed.stake is not None
    assert rehearsed.stake.daily_budget_delta == Decimal(shop.campaign().daily_budget or 0) / 100
    assert len(shop.writes()) == writes


def test_a_change_is_undone_once(shop: Shop) -> None:
    done = shop.edit(Level.CAMPAIGN, shop.campaign(), {"name": "Otro"})
    undoing.revert(shop.user.id, made(shop, done.change_id).id, shop.actor)
    with pytest.raises(NotRevertible) as error:
        undoing.revert(shop.user.id, made(shop, done.change_id).id, shop.actor)
    assert error.value.params == {"reason": "reverted"}


def test_an_undo_is_undone_like_any_change(shop: Shop) -> None:
    done = shop.edit(Level.CAMPAIGN, shop.campaign(), {"name": "Otro"})
    undone = undoing.revert(shop.user.id, made(shop, done.change_id).id, shop.actor)
    undoing.revert(shop.user.id, made(shop, undone.change_id).id, shop.actor)
    assert shop.at_meta(shop.campaign(), "name")["name"] == "Otro"


def test_what_somebody_changed_since_is_left_alone_and_they_are_named(shop: Shop) -> None:
    done = shop.edit(Level.CAMPAIGN, shop.campaign(), {"daily_budget": Decimal(60)})
    someone = Actor(ActorKind.TOKEN, new_id(), "n8n")
    undoing.edits.apply(
        shop.user.id,
        undoing.Edit(Level.CAMPAIGN, shop.campaign().id, {"daily_budget": Decimal(70)}),
        someone,
    )
    with pytest.raises(ChangedSince) as error:
        undoing.revert(shop.user.id, made(shop, done.change_id).id, shop.actor)
    assert (error.value.params["who"], error.value.held) == ("n8n", {"dailyBudget": "70.00"})
    assert "n8n" in error.value.sentence("es")
    assert shop.at_meta(shop.campaign(), "daily_budget")["daily_budget"] == "7000"


def test_what_was_changed_at_meta_is_left_alone_though_nobody_is_known(shop: Shop) -> None:
    done = shop.edit(Level.CAMPAIGN, shop.campaign(), {"daily_budget": Decimal(60)})
    shop.tell_meta(shop.campaign(), daily_budget=8000)
    with pytest.raises(ChangedSince) as error:
        undoing.revert(shop.user.id, made(shop, done.change_id).id, shop.actor)
    assert error.value.params["who"] == ""
    assert error.value.sentence("en")


def test_another_field_that_changed_since_does_not_matter(shop: Shop) -> None:
    done = shop.edit(Level.CAMPAIGN, shop.campaign(), {"daily_budget": Decimal(60)})
    shop.edit(Level.CAMPAIGN, shop.campaign(), {"name": "Otro"})
    undoing.revert(shop.user.id, made(shop, done.change_id).id, shop.actor)
    assert shop.at_meta(shop.campaign(), "name")["name"] == "Otro"


@pytest.mark.parametrize(("status", "reason"), [("DELETED", "delete"), ("ARCHIVED", "archive")])
def test_what_meta_keeps_for_good_is_said(shop: Shop, status: str, reason: str) -> None:
    done = shop.edit(Level.CAMPAIGN, shop.campaign(), {"status": status})
    with pytest.raises(NotRevertible) as error:
        undoing.revert(shop.user.id, made(shop, done.change_id).id, shop.actor)
    assert error.value.params == {"reason": reason}
    assert error.value.sentence("es")


def test_a_change_that_failed_has_nothing_to_undo(shop: Shop) -> None:
    done = shop.edit(Level.CAMPAIGN, shop.campaign(), {"name": "Otro"})
    made(shop, done.change_id).outcome = ChangeOutcome.FAILED
    shop.session.flush()
    with pytest.raises(NotRevertible) as error:
        undoing.revert(shop.user.id, made(shop, done.change_id).id, shop.actor)
    assert error.value.params == {"reason": "failed"}


def test_what_was_made_goes(shop: Shop) -> None:
    values = {"name": "Nueva", "objective": "OUTCOME_TRAFFIC", "daily_budget": Decimal(20)}
    new = creating.create(shop.user.id, Draft(Level.CAMPAIGN, shop.account.id, values), shop.actor)
    assert new.thing is not None
    undoing.revert(shop.user.id, made(shop, new.change_id).id, shop.actor)
    assert shop.at_meta(new.thing, "status")["status"] == "DELETED"


def test_an_undo_that_failed_may_be_tried_again(shop: Shop) -> None:
    done = shop.edit(Level.CAMPAIGN, shop.campaign(), {"name": "Otro"})
    undone = undoing.revert(shop.user.id, made(shop, done.change_id).id, shop.actor)
    made(shop, undone.change_id).outcome = ChangeOutcome.FAILED
    shop.session.flush()
    assert changes.reverting(shop.session, [made(shop, done.change_id).id]) == {}


def test_another_persons_change_does_not_exist(shop: Shop) -> None:
    done = shop.edit(Level.CAMPAIGN, shop.campaign(), {"name": "Otro"})
    other = a_user(shop.session)
    with pytest.raises(NotFound):
        undoing.revert(other.id, made(shop, done.change_id).id, shop.actor)
