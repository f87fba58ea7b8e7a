"""Calls that wait for a person as cards: where they stand, and what moving one does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from tests.domains.board.test_cards import shown
from tests.factories.access import a_token
from tests.factories.accounts import a_user
from tests.factories.guarding import an_approval
from tests.factories.meta import a_campaign
from vibekanban.core import columns
from vibekanban.domains.board import moving
from vibekanban.domains.board.errors import NotMovable
from vibekanban.domains.board.models import Stage
from vibekanban.domains.guarding.models import Approval, ApprovalStatus
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import ActorKind, Campaign, MetaAccount


@pytest.fixture
def campaign(session: Session, account: MetaAccount) -> Campaign:
    return a_campaign(session, account, name="Rebajas", status="PAUSED")


@pytest.fixture
def held(session: Session, campaign: Campaign) -> Approval:
    token = a_token(session, campaign.user_id, name="agente", account_ids=[campaign.account_id]).token
    return an_approval(session, token, campaign)


def move(held: Approval, stage: Stage) -> None:
    moving.move(held.user_id, held.id, stage, actor=Actor(ActorKind.USER, held.user_id, "Ana"))


def test_a_waiting_call_stands_where_it_is_decided(session: Session, held: Approval) -> None:
    assert shown(session, held.user_id)["approval"] == ["agente · Rebajas"]


def test_moving_it_to_the_running_column_approves_it(session: Session, held: Approval) -> None:
    move(held, Stage.RUNNING)
    session.refresh(held)
    assert held.status is ApprovalStatus.APPROVED
    assert shown(session, held.user_id)["running"] == ["agente · Rebajas"]


def test_moving_it_to_the_done_column_rejects_it(session: Session, held: Approval) -> None:
    move(held, Stage.DONE)
    session.refresh(held)
    assert held.status is ApprovalStatus.REJECTED


def test_what_was_decided_is_not_moved_again(session: Session, held: Approval) -> None:
    move(held, Stage.DONE)
    with pytest.raises(NotMovable):
        move(held, Stage.RUNNING)


def test_what_nobody_decided_in_time_waits_no_more(session: Session, held: Approval) -> None:
    held.expires_at = columns.now() - timedelta(seconds=1)
    session.flush()
    assert "approval" not in shown(session, held.user_id)


def test_nobody_sees_anothers_waiting_calls(session: Session, held: Approval) -> None:
    assert shown(session, a_user(session).id) == {}
