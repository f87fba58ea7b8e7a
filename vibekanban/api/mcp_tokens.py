"""Routes of one's MCP tokens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, StrictBool

from vibekanban.api import wire
from vibekanban.api.deps import CurrentUser, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Cursor, Instant, Limit, Page, Wire, example
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.core.shapes import Moment
from vibekanban.domains.access import tokens
from vibekanban.domains.access.errors import TokenRevoked, TooManyTokens
from vibekanban.domains.access.models import Scope
from vibekanban.domains.meta import objects

router = APIRouter(prefix="/api/mcp/tokens", tags=["MCP"])

POLICY = (
    "The token's limits, all optional: maxDailyBudget and maxLifetimeBudget of one object by currency, "
    "maxPercentPerCall, maxPercentPerDay, maxWritesPerDay, quietHours {start, end, timezone}, dryRun, "
    "approval {verbs, abovePercent, expiresHours}"
)
ID = "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d"


class TokenOut(Wire):
    """A token without its secret, which is shown only when it is made."""

    id: UUID
    name: str
    hint: str
    account_ids: list[UUID]
    scopes: list[Scope]
    policy: dict[str, Any]
    stopped_at: Moment | None
    expires_at: Moment | None
    rotated_at: Moment | None
    last_used_at: Moment | None
    created_at: Moment

    model_config = example(
        {
            "id": ID,
            "name": "n8n",
            "hint": "vkm_Wb3nX9aQ",
            "accountIds": ["0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001"],
            "scopes": ["read", "pause"],
            "policy": {"maxDailyBudget": {"EUR": "200.00"}, "maxPercentPerDay": 50},
            "stoppedAt": None,
            "expiresAt": "2027-01-31T00:00:00.000Z",
            "rotatedAt": None,
            "lastUsedAt": "2026-11-24T09:00:00.000Z",
            "createdAt": "2026-11-20T09:00:00.000Z",
        }
    )


class IssuedOut(Wire):
    """The secret is in this answer and nowhere else."""

    secret: str
    token: TokenOut


class NewToken(Wire):
    name: str = Field(max_length=400)
    account_ids: list[UUID] = Field(max_length=200)
    scopes: list[Scope] = Field(max_length=10)
    policy: dict[str, Any] = Field(default_factory=dict, description=POLICY)
    expires_at: Instant | None = None

    model_config = example(
        {
            "name": "n8n",
            "accountIds": ["0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001"],
            "scopes": ["read", "pause"],
            "policy": {"maxDailyBudget": {"EUR": "200.00"}, "approval": {"verbs": ["resume"]}},
            "expiresAt": "2027-01-31T00:00:00Z",
        }
    )


class TokenPatch(Wire):
    name: str | None = Field(None, max_length=400)
    policy: dict[str, Any] | None = Field(None, description=POLICY)
    stopped: StrictBool | None = Field(
        None, description="The kill switch: every call is refused until it is off"
    )

    model_config = example({"name": "n8n de producción", "policy": {"dryRun": True}, "stopped": False})


@router.get("", responses=responses(NotSignedIn, wire.BadCursor))
def token_list(
    session: SessionDep, user: CurrentUser, limit: Limit = 25, cursor: Cursor = None
) -> Page[TokenOut]:
    """Your tokens that were not revoked, newest first."""
    found = tokens.tokens(session, user.id, before=wire.after(cursor), limit=limit + 1)
    return wire.page(TokenOut, found, limit, lambda token: wire.cursor_of(token.id))


@router.post("", status_code=201, responses=responses(NotSignedIn, Invalid, TooManyTokens))
def create(body: NewToken, session: SessionDep, user: CurrentUser) -> IssuedOut:
    """Make a token for some of your accounts; its secret is shown this once."""
    if not objects.owns_accounts(session, user.id, body.account_ids):
        raise Invalid({"accountIds": "mcp.fields.accounts_unknown"})
    return _issued(
        tokens.create(
            session,
            user.id,
            name=body.name,
            account_ids=body.account_ids,
            scopes=body.scopes,
            policy=body.policy,
            expires_at=body.expires_at,
        )
    )


@router.patch("/{token_id}", responses=responses(NotSignedIn, NotFound, Invalid, TokenRevoked))
def change(token_id: UUID, body: TokenPatch, session: SessionDep, user: CurrentUser) -> TokenOut:
    """Give a token another name or other limits, or stop it; its next call sees it."""
    return TokenOut.model_validate(
        tokens.change(session, user.id, token_id, name=body.name, policy=body.policy, stopped=body.stopped)
    )


@router.delete("/{token_id}", status_code=204, responses=responses(NotSignedIn, NotFound))
def revoke(token_id: UUID, session: SessionDep, user: CurrentUser) -> None:
    """Revoke a token: its next call is refused."""
    tokens.revoke(session, user.id, token_id)


@router.post("/{token_id}/rotate", responses=responses(NotSignedIn, NotFound, TokenRevoked))
def rotate(token_id: UUID, session: SessionDep, user: CurrentUser) -> IssuedOut:
    """A new secret under the same rights; the old one is dead at once."""
    return _issued(tokens.rotate(session, user.id, token_id))


def _issued(issued: tokens.Issued) -> IssuedOut:
    return IssuedOut(secret=issued.secret, token=TokenOut.model_validate(issued.token))
