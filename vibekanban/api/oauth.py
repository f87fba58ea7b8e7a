"""Routes by which a person answers a program that asks for a token."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from mcp.server.auth.provider import construct_redirect_uri
from pydantic import Field

from vibekanban.api.deps import CurrentUser, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Wire, example
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.domains.access import oauth
from vibekanban.domains.access.models import Scope
from vibekanban.domains.meta import objects

router = APIRouter(prefix="/api/oauth/requests", tags=["MCP"])


class Allowed(Wire):
    """What the program gets; no more than it asked for."""

    account_ids: list[UUID] = Field(max_length=200)
    scopes: list[Scope] = Field(max_length=10)

    model_config = example({"accountIds": ["0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001"], "scopes": ["read"]})


class Back(Wire):
    """Where the browser goes on to: back to the program."""

    next: str

    model_config = example({"next": "http://localhost:6274/oauth/callback?code=vkc_1&state=x"})


@router.post("/{request_id}/allow", responses=responses(NotSignedIn, NotFound, Invalid))
def allow(request_id: UUID, body: Allowed, session: SessionDep, user: CurrentUser) -> Back:
    """Let the program have a token for these accounts and verbs."""
    oauth.question(session, request_id)
    if not objects.owns_accounts(session, user.id, body.account_ids):
        raise Invalid({"accountIds": "mcp.fields.accounts_unknown"})
    asked, code = oauth.allow(session, user.id, request_id, account_ids=body.account_ids, scopes=body.scopes)
    return Back(next=construct_redirect_uri(asked.redirect_uri, code=code, state=asked.state))


@router.post("/{request_id}/deny", responses=responses(NotSignedIn, NotFound))
def deny(request_id: UUID, session: SessionDep, user: CurrentUser) -> Back:
    """Send the program away without one."""
    asked = oauth.deny(session, user.id, request_id)
    return Back(next=construct_redirect_uri(asked.redirect_uri, error="access_denied", state=asked.state))
