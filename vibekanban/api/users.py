"""Routes by which administrators find people and change them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import StrictBool

from vibekanban.api.deps import AdminUser, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Cursor, Limit, Page, Wire, after, cursor_of, example, page
from vibekanban.core.errors import Forbidden, NotFound, NotSignedIn
from vibekanban.core.shapes import Moment
from vibekanban.domains.accounts import people
from vibekanban.domains.accounts.errors import CannotChangeYourself, RoleNotGrantable
from vibekanban.domains.accounts.models import Role

router = APIRouter(prefix="/api/users", tags=["Users"])


class PersonOut(Wire):
    """A person as an administrator sees them."""

    id: UUID
    email: str
    name: str
    role: Role
    is_verified: bool
    is_active: bool
    locale: str
    created_at: Moment


class PersonChange(Wire):
    role: Role | None = None
    is_active: StrictBool | None = None

    model_config = example({"role": "EMPRESARIO", "isActive": True})


@router.get("", responses=responses(NotSignedIn, Forbidden))
def search(
    session: SessionDep,
    _admin: AdminUser,
    q: Annotated[str, Query(max_length=120, description="Part of a name or an address")] = "",
    role: Role | None = None,
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Page[PersonOut]:
    """People, newest first."""
    found = people.search(session, text=q, role=role, below=after(cursor), limit=limit + 1)
    return page(PersonOut, found, limit, lambda person: cursor_of(person.id))


@router.patch(
    "/{user_id}",
    responses=responses(NotSignedIn, Forbidden, NotFound, CannotChangeYourself, RoleNotGrantable),
)
def change(user_id: UUID, body: PersonChange, session: SessionDep, admin: AdminUser) -> PersonOut:
    """Give somebody another role, or let them in or out; letting out ends their sessions."""
    changed = people.change(session, admin, user_id, role=body.role, is_active=body.is_active)
    return PersonOut.model_validate(changed)
