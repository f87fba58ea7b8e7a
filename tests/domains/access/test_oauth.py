"""What is forgotten of programs that asked for tokens."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import Session, select

from tests.factories.access import a_question
from tests.factories.accounts import a_user
from vibekanban.core import columns
from vibekanban.core.columns import new_id
from vibekanban.domains.access import oauth, tokens
from vibekanban.domains.access.models import McpToken, OauthClient, OauthRefresh, Scope
from vibekanban.domains.accounts.models import User


def paid(session: Session, user: User) -> McpToken:
    """A token that a program was given."""
    client_id = new_id().hex
    asked = a_question(session, client_id=client_id)
    _, code = oauth.allow(session, user.id, asked, account_ids=[new_id()], scopes=[Scope.READ])
    assert oauth.pay(session, client_id, code)
    return session.exec(select(McpToken).where(McpToken.user_id == user.id)).one()


def test_a_token_that_nobody_can_renew_any_more_is_forgotten_with_its_program(session: Session) -> None:
    user = a_user(session)
    token = paid(session, user)
    long_ago = columns.now() - oauth.REFRESH_LASTS - oauth.FORGOTTEN_AFTER
    token.expires_at = long_ago
    session.execute(update(OauthRefresh).values(expires_at=long_ago))
    session.execute(update(OauthClient).values(created_at=long_ago))
    oauth.forget_old(session)
    assert tokens.tokens(session, user.id) == []
    assert session.exec(select(OauthClient)).all() == []


def test_the_program_of_a_revoked_token_is_forgotten(session: Session) -> None:
    user = a_user(session)
    tokens.revoke(session, user.id, paid(session, user).id)
    session.execute(update(OauthClient).values(created_at=columns.now() - 2 * oauth.FORGOTTEN_AFTER))
    oauth.forget_old(session)
    assert session.exec(select(OauthClient)).all() == []


def test_a_token_that_can_be_renewed_is_kept(session: Session) -> None:
    user = a_user(session)
    token = paid(session, user)
    token.expires_at = columns.now() - timedelta(days=1)
    oauth.forget_old(session)
    assert [one.id for one in tokens.tokens(session, user.id)] == [token.id]
