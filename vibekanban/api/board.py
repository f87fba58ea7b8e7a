"""Routes of the board: its cards, moving them, and the tasks on it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from vibekanban.api.board_shapes import BoardOut, CardOut, ColumnOut, TotalsOut
from vibekanban.api.deps import CurrentUser, SeenDep, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Day, Instant, Wire, example
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn, OutsideFailed
from vibekanban.core.shapes import Moment
from vibekanban.domains.board import cards, moving, people, placing, tasks, totals
from vibekanban.domains.board.errors import NotMovable, ReadOnlyCard
from vibekanban.domains.board.filters import Filters, Sort
from vibekanban.domains.board.models import Stage
from vibekanban.domains.currencies import rates
from vibekanban.domains.editing.errors import NotSwitchable, Unconfirmed
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import ActorKind

router = APIRouter(prefix="/api/board", tags=["Board"])
_CHANGING = responses(NotSignedIn, NotFound, ReadOnlyCard, Invalid)


class MoveIn(Wire):
    """`above` is the card that will stand right above; without it the card goes on top."""

    stage: Stage
    above: UUID | None = None

    model_config = example(stage="paused", above=None)


class SnoozeIn(Wire):
    until: Instant | None = Field(None, description="Null wakes the card")

    model_config = example(until="2026-12-01T08:00:00Z")


class LabelsIn(Wire):
    labels: list[str] = Field(max_length=50)

    model_config = example(labels=["Black Friday"])


class AssigneeIn(Wire):
    assignee_id: UUID | None = Field(description="Null gives the card to nobody")

    model_config = example(assigneeId=None)


class TaskIn(Wire):
    """What is to be done, about an account or about none."""

    title: str = Field(max_length=1000)
    notes: str = Field("", max_length=20000)
    account_id: UUID | None = None
    due_on: Day | None = None

    model_config = example(title="Revisar creatividades", notes="", accountId=None, dueOn="2026-12-01")


class NewTaskIn(TaskIn):
    stage: Stage = Stage.ATTENTION


class TaskOut(TaskIn):
    id: UUID
    stage: Stage
    done_at: Moment | None
    created_at: Moment
    updated_at: Moment


@router.get("", responses=responses(NotSignedIn, NotFound, Invalid))
def board(
    session: SessionDep,
    user: CurrentUser,
    accountId: UUID | None = None,  # noqa: N803 - the contract's name
    assignee: Annotated[str, Query(max_length=40, description="A person's id, `me` or `none`")] = "",
    kind: Annotated[str, Query(max_length=40)] = "",
    label: Annotated[str, Query(max_length=100)] = "",
    q: Annotated[str, Query(max_length=100, description="A part of the title or of the account's name")] = "",
    sort: Sort = Sort.MANUAL,
    currency: Annotated[str, Query(max_length=3, description="What totals are in")] = "",
    snoozed: Annotated[bool, Query(description="What sleeps, instead of what does not")] = False,
    limit: Annotated[int, Query(ge=1, le=400, description="Cards a column")] = cards.SHOWN,
) -> BoardOut:
    """Every column with its first cards: campaigns of all your accounts and what is to be done about them."""
    asked: dict[str, Any] = {"account": accountId, "assignee": assignee, "kind": kind, "label": label}
    filters = Filters.parse({**asked, "q": q, "sort": sort, "snoozed": snoozed, "currency": currency})
    found = cards.columns(session, user.id, filters, limit=limit)
    head = totals.head(found, filters.currency or totals.usual(session, user.id), rates.latest(session))
    return BoardOut(
        columns=[ColumnOut.of(column) for column in found],
        totals=TotalsOut.of(head),
        labels=cards.labels(session, user.id),
    )


@router.get("/cards/{card_id}", responses=responses(NotSignedIn, NotFound))
def card(card_id: UUID, session: SessionDep, user: CurrentUser) -> CardOut:
    """One card, asleep or not."""
    return CardOut.of(cards.card(session, user.id, card_id))


@router.post(
    "/cards/{card_id}/move",
    responses={**_CHANGING, **responses(NotMovable, NotSwitchable, Unconfirmed, OutsideFailed)},
)
def move(card_id: UUID, body: MoveIn, user: SeenDep) -> CardOut:
    """Put a card in a column or elsewhere in its own: a campaign is paused or resumed at Meta for it."""
    actor = Actor(ActorKind.USER, user.user_id, user.name)
    return CardOut.of(moving.move(user.user_id, card_id, body.stage, actor=actor, above=body.above))


@router.post("/cards/{card_id}/snooze", responses=_CHANGING)
def snooze(card_id: UUID, body: SnoozeIn, session: SessionDep, user: CurrentUser) -> CardOut:
    """Take a card off the board until a moment."""
    return CardOut.of(placing.snooze(session, user.id, card_id, body.until))


@router.put("/cards/{card_id}/labels", responses=_CHANGING)
def label(card_id: UUID, body: LabelsIn, session: SessionDep, user: CurrentUser) -> CardOut:
    """Give a card these labels and no others."""
    return CardOut.of(placing.label(session, user.id, card_id, body.labels))


@router.put("/cards/{card_id}/assignee", responses=_CHANGING)
def assign(card_id: UUID, body: AssigneeIn, session: SessionDep, user: CurrentUser) -> CardOut:
    """Give a card to somebody of its board, or to nobody."""
    return CardOut.of(people.assign(session, user.id, card_id, body.assignee_id))


@router.post("/tasks", status_code=201, responses=responses(NotSignedIn, NotFound, Invalid))
def write_task(body: NewTaskIn, session: SessionDep, user: CurrentUser) -> TaskOut:
    """Write a task down."""
    made = tasks.write_down(session, user.id, **body.model_dump())
    return TaskOut.model_validate(made)


@router.put("/tasks/{task_id}", responses=responses(NotSignedIn, NotFound, Invalid))
def rewrite_task(task_id: UUID, body: TaskIn, session: SessionDep, user: CurrentUser) -> TaskOut:
    """Change what a task says; its column is changed by moving its card."""
    return TaskOut.model_validate(tasks.rewrite(session, user.id, task_id, **body.model_dump()))


@router.delete("/tasks/{task_id}", status_code=204, responses=responses(NotSignedIn, NotFound))
def throw_task_away(task_id: UUID, session: SessionDep, user: CurrentUser) -> Response:
    """Delete a task with its comments."""
    tasks.throw_away(session, user.id, task_id)
    return Response(status_code=204)
