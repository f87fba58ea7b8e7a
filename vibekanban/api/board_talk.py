"""Routes of what people keep beside the board: comments on its cards, and saved views."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from vibekanban.api.deps import CurrentUser, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Page, Wire, example
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.core.shapes import Moment
from vibekanban.domains.board import comments, views
from vibekanban.domains.board.errors import ViewNameTaken
from vibekanban.domains.board.filters import Filters

router = APIRouter(prefix="/api/board", tags=["Board"])


class CommentIn(Wire):
    text: str = Field(max_length=5000, description="`@` and somebody's whole name tells them")

    shared: bool = Field(False, description="Whoever looks at the account reads it too")

    model_config = example(text="@Ana Prueba, ¿subimos el presupuesto?")


class CommentOut(Wire):
    """`mentions` are the ids of the people named."""

    id: UUID
    card_id: UUID
    author_id: UUID | None
    author_name: str
    text: str
    mentions: list[UUID]
    shared: bool
    created_at: Moment


class ViewIn(Wire):
    """`filters` are those of `GET /api/board`, with `account` for `accountId`."""

    name: str = Field(max_length=200)
    filters: dict[str, Any] = Field(default_factory=dict)

    model_config = example(name="Clientes grandes", filters={"label": "VIP", "sort": "spend"})


class ViewChange(Wire):
    name: str | None = Field(None, max_length=200)
    filters: dict[str, Any] | None = None

    model_config = example(name="Clientes grandes")


class ViewOut(ViewIn):
    id: UUID
    created_at: Moment
    updated_at: Moment


@router.get("/cards/{card_id}/comments", responses=responses(NotSignedIn, NotFound))
def comment_list(card_id: UUID, session: SessionDep, user: CurrentUser) -> Page[CommentOut]:
    """What was said about a card, oldest first."""
    found = comments.comments(session, user.id, card_id)
    return Page(items=[CommentOut.model_validate(one) for one in found])


@router.post(
    "/cards/{card_id}/comments",
    status_code=201,
    responses=responses(NotSignedIn, NotFound, Invalid),
)
def say(card_id: UUID, body: CommentIn, session: SessionDep, user: CurrentUser) -> CommentOut:
    """Say something about a card."""
    return CommentOut.model_validate(comments.say(session, user.id, card_id, body.text, shared=body.shared))


@router.delete("/comments/{comment_id}", status_code=204, responses=responses(NotSignedIn, NotFound))
def take_back(comment_id: UUID, session: SessionDep, user: CurrentUser) -> Response:
    """Delete a comment of yours, or on your board."""
    comments.take_back(session, user.id, comment_id)
    return Response(status_code=204)


@router.get("/views", responses=responses(NotSignedIn))
def view_list(session: SessionDep, user: CurrentUser) -> Page[ViewOut]:
    """Your saved views by name."""
    return Page(items=[ViewOut.model_validate(one) for one in views.views(session, user.id)])


@router.post("/views", status_code=201, responses=responses(NotSignedIn, NotFound, Invalid, ViewNameTaken))
def save_view(body: ViewIn, session: SessionDep, user: CurrentUser) -> ViewOut:
    """Keep filters and an order under a name."""
    return ViewOut.model_validate(views.save(session, user.id, body.name, Filters.parse(body.filters)))


@router.patch("/views/{view_id}", responses=responses(NotSignedIn, NotFound, Invalid, ViewNameTaken))
def change_view(view_id: UUID, body: ViewChange, session: SessionDep, user: CurrentUser) -> ViewOut:
    """Another name, or other filters."""
    filters = None if body.filters is None else Filters.parse(body.filters)
    return ViewOut.model_validate(views.change(session, user.id, view_id, name=body.name, filters=filters))


@router.delete("/views/{view_id}", status_code=204, responses=responses(NotSignedIn, NotFound))
def forget_view(view_id: UUID, session: SessionDep, user: CurrentUser) -> Response:
    """Delete a saved view."""
    views.forget(session, user.id, view_id)
    return Response(status_code=204)
