from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import Session

from tests.domains.board.test_cards import shown
from tests.factories.board import a_task
from tests.factories.meta import a_campaign
from vibekanban.core import columns
from vibekanban.core.errors import Invalid
from vibekanban.domains.accounts.models import User
from vibekanban.domains.board import cards, moving, placing
from vibekanban.domains.board.errors import NotMovable
from vibekanban.domains.board.filters import Filters
from vibekanban.domains.board.models import Stage
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import ActorKind, MetaAccount


@pytest.fixture
def owner(session: Session, account: MetaAccount) -> User:
    return session.get_one(User, account.user_id)


def move(owner: User, card_id: UUID, stage: Stage, above: UUID | None = None) -> None:
    moving.move(owner.id, card_id, stage, actor=Actor(ActorKind.USER, owner.id, owner.name), above=above)


def test_a_card_stays_where_it_was_put_and_the_rest_flows_below(session: Session, owner: User) -> None:
    first, second, third = (a_task(session, owner, title=name).id for name in ("1", "2", "3"))
    assert shown(session, owner.id) == {"attention": ["3", "2", "1"]}
    move(owner, first, Stage.ATTENTION, above=third)
    a_task(session, owner, title="4")
    assert shown(session, owner.id) == {"attention": ["3", "1", "4", "2"]}
    move(owner, second, Stage.ATTENTION)
    assert shown(session, owner.id) == {"attention": ["2", "3", "1", "4"]}


def test_a_task_goes_to_any_column_at_the_place_it_was_dropped(session: Session, owner: User) -> None:
    stays, goes = a_task(session, owner, title="A", stage=Stage.PAUSED), a_task(session, owner, title="B")
    move(owner, goes.id, Stage.PAUSED, above=stays.id)
    assert shown(session, owner.id) == {"paused": ["A", "B"]}
    move(owner, goes.id, Stage.DONE)
    session.refresh(goes)
    assert goes.done_at is not None


def test_the_place_in_a_column_is_forgotten_when_the_card_leaves_it(session: Session, owner: User) -> None:
    low, high = a_task(session, owner, title="A"), a_task(session, owner, title="B")
    move(owner, low.id, Stage.ATTENTION)
    move(owner, low.id, Stage.DONE)
    move(owner, low.id, Stage.ATTENTION, above=high.id)
    assert shown(session, owner.id) == {"attention": ["B", "A"]}


def test_a_card_that_left_meanwhile_stands_for_the_end_of_the_column(session: Session, owner: User) -> None:
    first, second = (a_task(session, owner, title=name).id for name in ("1", "2"))
    move(owner, second, Stage.ATTENTION, above=columns.new_id())
    assert shown(session, owner.id) == {"attention": ["1", "2"]}
    assert first


def test_attention_is_not_for_campaigns_to_be_put_in(
    session: Session,
    owner: User,
    account: MetaAccount,
) -> None:
    campaign = a_campaign(session, account)
    for stage in (Stage.ATTENTION, Stage.APPROVAL, Stage.DONE):
        with pytest.raises(NotMovable):
            move(owner, campaign.id, stage)


def test_a_card_sleeps_until_its_moment(session: Session, owner: User) -> None:
    card = a_task(session, owner, title="A").id
    until = columns.now() + timedelta(hours=3)
    placing.snooze(session, owner.id, card, until)
    assert shown(session, owner.id) == {}
    assert shown(session, owner.id, Filters(snoozed=True)) == {"attention": ["A"]}
    placing.snooze(session, owner.id, card, None)
    assert shown(session, owner.id) == {"attention": ["A"]}


def test_nothing_sleeps_until_the_past(session: Session, owner: User) -> None:
    card = a_task(session, owner).id
    with pytest.raises(Invalid):
        placing.snooze(session, owner.id, card, columns.now())


def test_labels_are_cleaned_and_found(session: Session, owner: User) -> None:
    card = a_task(session, owner, title="A").id
    found = placing.label(session, owner.id, card, [" Black  Friday ", "Black Friday", ""])
    assert found.labels == cards.labels(session, owner.id) == ["Black Friday"]
    assert shown(session, owner.id, Filters(label="Black Friday")) == {"attention": ["A"]}
    assert shown(session, owner.id, Filters(label="otra")) == {}


def test_labels_have_a_measure(session: Session, owner: User) -> None:
    card = a_task(session, owner).id
    for labels in (["x" * 41], [str(n) for n in range(13)]):
        with pytest.raises(Invalid):
            placing.label(session, owner.id, card, labels)
