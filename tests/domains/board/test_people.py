from __future__ import annotations

import pytest
from sqlmodel import Session, select

from tests.factories.accounts import a_user
from tests.factories.board import a_comment, a_task
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.accounts.models import User
from vibekanban.domains.board import cards, comments, people, tasks
from vibekanban.domains.board.models import BoardComment, BoardPlacement, BoardTask


@pytest.fixture
def owner(session: Session) -> User:
    return a_user(session, name="Ana Prueba")


@pytest.fixture
def task(session: Session, owner: User) -> BoardTask:
    return a_task(session, owner)


def test_a_card_is_given_and_taken_away(session: Session, owner: User, task: BoardTask) -> None:
    assert people.assign(session, owner.id, task.id, owner.id).assignee_name == "Ana Prueba"
    assert people.assign(session, owner.id, task.id, None).assignee_id is None


def test_a_card_is_not_given_to_a_stranger(session: Session, owner: User, task: BoardTask) -> None:
    with pytest.raises(NotFound):
        people.assign(session, owner.id, task.id, a_user(session).id)


def test_a_comment_names_people_and_counts_on_the_card(
    session: Session, owner: User, task: BoardTask
) -> None:
    said = a_comment(session, owner, task, text="@ana prueba, mira esto")
    assert said.mentions == [owner.id]
    assert cards.card(session, owner.id, task.id).comments == 1
    assert [one.text for one in comments.comments(session, owner.id, task.id)] == [said.text]


@pytest.mark.parametrize("text", ["  ", "x" * 2001])
def test_a_comment_says_something_and_not_too_much(
    session: Session, owner: User, task: BoardTask, text: str
) -> None:
    with pytest.raises(Invalid):
        comments.say(session, owner.id, task.id, text)


def test_nobody_else_reads_or_takes_back_what_was_said(
    session: Session, owner: User, task: BoardTask
) -> None:
    said, stranger = a_comment(session, owner, task), a_user(session)
    with pytest.raises(NotFound):
        comments.comments(session, stranger.id, task.id)
    with pytest.raises(NotFound):
        comments.take_back(session, stranger.id, said.id)
    comments.take_back(session, owner.id, said.id)
    assert comments.comments(session, owner.id, task.id) == []


def test_what_was_added_to_a_task_goes_with_it(session: Session, owner: User, task: BoardTask) -> None:
    a_comment(session, owner, task)
    people.assign(session, owner.id, task.id, owner.id)
    tasks.throw_away(session, owner.id, task.id)
    assert session.exec(select(BoardComment)).all() == session.exec(select(BoardPlacement)).all() == []
