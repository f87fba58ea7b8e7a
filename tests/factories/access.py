"""Tokens and audit entries as tests need them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session

from vibekanban.core.columns import new_id
from vibekanban.domains.access import oauth, tokens
from vibekanban.domains.access.hot import Caller
from vibekanban.domains.access.models import McpToken, Scope


def a_token(
    session: Session,
    user_id: UUID,
    *,
    name: str = "n8n",
    account_ids: Sequence[UUID] = (),
    scopes: Sequence[Scope] = tuple(Scope),
    **fields: Any,
) -> tokens.Issued:
    """A token and its secret; further fields are set on the row (expires_at in the past, say)."""
    issued = tokens.create(session, user_id, name=name, account_ids=account_ids or [new_id()], scopes=scopes)
    for field, value in fields.items():
        setattr(issued.token, field, value)
    session.flush()
    return issued


def a_question(session: Session, *, client_id: str = "", name: str = "Inspector") -> UUID:
    """A program's open question for a token."""
    client_id = client_id or new_id().hex
    oauth.register(session, client_id, name, "{}")
    return oauth.ask(
        session,
        client_id,
        redirect_uri="http://localhost:6274/callback",
        redirect_given=True,
        code_challenge="x" * 43,
        state="s",
        scopes=[scope.value for scope in Scope],
        resource=None,
    )


def a_caller(token: McpToken) -> Caller:
    """The caller that a request with this token is."""
    return Caller(
        token.id,
        token.user_id,
        token.name,
        token.account_ids,
        token.scopes,
        token.policy,
        token.stopped_at is not None,
    )
