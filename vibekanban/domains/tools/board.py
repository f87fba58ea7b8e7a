"""Tools of the board: its cards, a new task, a comment."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from sqlmodel import Session

from vibekanban.core import db
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.core.shapes import Shape
from vibekanban.domains.access.models import Scope
from vibekanban.domains.board import cards, comments, tasks
from vibekanban.domains.board.card import Card
from vibekanban.domains.board.filters import Filters
from vibekanban.domains.board.models import BoardComment, BoardTask, Stage
from vibekanban.domains.meta import cursors, money
from vibekanban.domains.tools import keeping, reach
from vibekanban.domains.tools.keeping import Written
from vibekanban.domains.tools.shapes import Optional, Paging, Reference
from vibekanban.domains.tools.tool import Context, Done
from vibekanban.domains.tools.writing import Writing

Kind = Literal["campaign", "task", "firing"]
KINDS = ("campaign", "task", "firing")  # what waits for a person is for the token that asked: list_approvals


class CardRow(Shape):
    """Money is today's, in the account's currency."""

    id: UUID
    kind: str
    account_id: UUID
    stage: str
    title: str
    status: str
    spend: str | None
    revenue: str | None
    daily_budget: str | None
    currency: str | None
    due_on: date | None
    labels: list[str]
    assignee: str | None
    comments: int


class StageCount(Shape):
    stage: str
    total: int


class BoardResult(Shape):
    """`items` column by column, as people arranged them; `stages` count all cards that fit."""

    stages: list[StageCount]
    items: list[CardRow]
    has_more: bool
    next_cursor: str | None


class TaskRow(Shape):
    """`id` is null of one that was only tried."""

    id: UUID | None
    title: str
    notes: str
    stage: str
    account_id: UUID
    due_on: date | None


class WrittenTask(Written):
    item: TaskRow | None


class CommentRow(Shape):
    id: UUID | None
    card_id: UUID
    text: str
    author: str


class WrittenComment(Written):
    item: CommentRow | None


class ListCards(Paging):
    account_id: Reference
    kind: Kind | Optional = None
    stage: Stage | Optional = None
    q: Annotated[str, Field(max_length=100)] = ""


class CreateTask(Writing):
    account_id: Reference
    title: Annotated[str, Field(min_length=1, max_length=tasks.MOST_TITLE)]
    notes: Annotated[str, Field(max_length=tasks.MOST_NOTES)] = ""
    stage: Stage = Stage.ATTENTION
    due_on: date | Optional = None


class CommentCard(Writing):
    card_id: UUID
    text: Annotated[str, Field(min_length=1, max_length=comments.LONGEST)]


def list_cards(context: Context, asked: ListCards) -> Done:
    user_id = context.caller.user_id
    with db.transaction() as session:
        account = reach.account(session, context.caller, asked.account_id)
        filters = Filters(account=str(account.id), kind=asked.kind or "", q=asked.q)
        columns = [
            one
            for one in cards.columns(session, user_id, filters)
            if asked.stage is None or one.stage is asked.stage
        ]
    fitting = [card for one in columns for card in one.cards if card.mine and card.kind in KINDS]
    page, following = cursors.stretch(fitting, asked.cursor, asked.limit, account.id)
    result = BoardResult(
        stages=[StageCount(stage=one.stage.value, total=one.total) for one in columns],
        items=[_card(card, account.id) for card in page],
        has_more=following is not None,
        next_cursor=following,
    )
    return Done(result, account_id=account.id)


def create_task(context: Context, asked: CreateTask) -> Done:
    with db.transaction() as session:
        account = reach.account(session, context.caller, asked.account_id)
    draft = BoardTask(
        user_id=context.caller.user_id,
        title=asked.title.strip(),
        notes=asked.notes.strip(),
        stage=asked.stage,
        account_id=account.id,
        due_on=asked.due_on,
    )
    if not draft.title:
        raise Invalid({"title": "mcp.fields.missing"})

    def written(session: Session) -> BoardTask:
        return tasks.write_down(
            session,
            context.caller.user_id,
            title=asked.title,
            notes=asked.notes,
            stage=asked.stage,
            account_id=account.id,
            due_on=asked.due_on,
        )

    def row(task: BoardTask) -> TaskRow:
        values = task.model_dump(include={"title", "notes", "account_id", "due_on"})
        return TaskRow(**values, id=None if task is draft else task.id, stage=task.stage.value)

    wanted = keeping.Keeping(
        "create_task", Scope.BOARD, account.id, draft.title, lambda: draft, written, "task_created"
    )
    return keeping.kept(context, asked, wanted, row, WrittenTask)


def comment_card(context: Context, asked: CommentCard) -> Done:
    caller = context.caller
    with db.transaction() as session:
        card = cards.card(session, caller.user_id, asked.card_id)
    account_id = card.account_id
    if not card.mine or card.kind not in KINDS or account_id is None or account_id not in caller.account_ids:
        raise NotFound()
    text = asked.text.strip()
    if not text:
        raise Invalid({"text": "mcp.fields.missing"})
    draft = BoardComment(
        user_id=caller.user_id, card_id=card.id, author_id=caller.user_id, author_name=caller.name, text=text
    )

    def said(session: Session) -> BoardComment:
        return comments.say(session, caller.user_id, card.id, text, through=caller.name)

    def row(comment: BoardComment) -> CommentRow:
        made = None if comment is draft else comment.id
        return CommentRow(id=made, card_id=card.id, text=comment.text, author=comment.author_name)

    wanted = keeping.Keeping(
        "comment_card", Scope.BOARD, account_id, card.title, lambda: draft, said, "commented"
    )
    return keeping.kept(context, asked, wanted, row, WrittenComment)


def _card(card: Card, account_id: UUID) -> CardRow:
    currency = card.currency or "EUR"

    def written(amount: Any) -> str | None:
        return money.text(amount, currency)

    return CardRow(
        id=card.id,
        kind=card.kind,
        account_id=account_id,
        stage=card.stage.value,
        title=card.title,
        status=card.status,
        spend=written(card.spend),
        revenue=written(card.revenue),
        daily_budget=written(card.budget),
        currency=card.currency,
        due_on=card.due_on,
        labels=card.labels,
        assignee=card.assignee_name,
        comments=card.comments,
    )
