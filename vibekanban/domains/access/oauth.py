"""Tokens that programs ask people for: registered clients, questions, codes and refreshes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from vibekanban.core import columns, security, vault
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.access import tokens
from vibekanban.domains.access.models import McpToken, OauthClient, OauthRefresh, OauthRequest, Scope

ANSWERED_WITHIN = timedelta(minutes=10)
TOKEN_LASTS = timedelta(hours=1)
REFRESH_LASTS = timedelta(days=60)
FORGOTTEN_AFTER = timedelta(days=90)


@dataclass(frozen=True)
class Paid:
    """What a code or a refresh buys; the secrets exist nowhere else from here on."""

    secret: str
    refresh: str
    scopes: list[str]
    seconds: int


def register(session: Session, client_id: str, name: str, document: str) -> None:
    """Keep a client's own description of itself."""
    sealed = vault.encrypt(document, context=f"oauth_client:{client_id}")
    session.add(OauthClient(id=client_id, name=name[:120] or client_id[:8], sealed_document=sealed))
    session.flush()


def document(session: Session, client_id: str) -> str | None:
    """The description a client registered with."""
    found = session.get(OauthClient, client_id[:64])
    return vault.decrypt(found.sealed_document, context=f"oauth_client:{found.id}") if found else None


def ask(
    session: Session,
    client_id: str,
    *,
    redirect_uri: str,
    redirect_given: bool,
    code_challenge: str,
    state: str | None,
    scopes: Sequence[str],
    resource: str | None,
) -> UUID:
    """Write the question down; its id is what the browser carries to the page that asks the person."""
    question = OauthRequest(
        client_id=client_id,
        redirect_uri=redirect_uri,
        redirect_given=redirect_given,
        code_challenge=code_challenge,
        state=state,
        scopes=list(scopes),
        resource=resource,
        expires_at=columns.now() + ANSWERED_WITHIN,
    )
    session.add(question)
    session.flush()
    return question.id


def question(session: Session, request_id: UUID) -> tuple[OauthRequest, str]:
    """A question that still waits, and the name of who asks; NotFound when it was answered or is over."""
    found = session.get(OauthRequest, request_id, with_for_update=True)
    if found is None or found.user_id is not None or found.expires_at <= columns.now():
        raise NotFound()
    return found, session.get_one(OauthClient, found.client_id).name


def allow(
    session: Session, user_id: UUID, request_id: UUID, *, account_ids: Sequence[UUID], scopes: Sequence[Scope]
) -> tuple[OauthRequest, str]:
    """The person says yes, for these accounts and verbs: the question, and the code to send the browser back with.

    The caller has checked that the accounts are the user's.
    """
    found, _ = question(session, request_id)
    wrong = {}
    if not account_ids:
        wrong["accountIds"] = "mcp.fields.accounts_missing"
    if not scopes or any(scope.value not in found.scopes for scope in scopes):
        wrong["scopes"] = "mcp.fields.scopes_missing"
    if wrong:
        raise Invalid(wrong)
    code, found.code_hash = security.new_token("vkc")
    found.user_id, found.account_ids = user_id, list(dict.fromkeys(account_ids))
    found.granted = [scope.value for scope in scopes]
    session.flush()
    return found, code


def deny(session: Session, user_id: UUID, request_id: UUID) -> OauthRequest:
    """The person says no."""
    found, _ = question(session, request_id)
    found.user_id, found.used_at = user_id, columns.now()
    session.flush()
    return found


def coded(session: Session, client_id: str, code: str) -> OauthRequest | None:
    """The answered question behind a code that was not paid out yet."""
    query = select(OauthRequest).where(
        OauthRequest.client_id == client_id,
        OauthRequest.code_hash == security.token_hash(code),
        col(OauthRequest.used_at).is_(None),
        col(OauthRequest.expires_at) > columns.now(),
    )
    return session.exec(query).first()


def pay(session: Session, client_id: str, code: str) -> Paid | None:
    """A token for a code, once; None when the code was used, is over or is another client's."""
    used = session.execute(
        update(OauthRequest)
        .where(
            col(OauthRequest.client_id) == client_id,
            col(OauthRequest.code_hash) == security.token_hash(code),
            col(OauthRequest.used_at).is_(None),
            col(OauthRequest.expires_at) > columns.now(),
        )
        .values(used_at=columns.now())
        .returning(col(OauthRequest.id))
    ).first()
    if used is None:
        return None
    asked = session.get_one(OauthRequest, used[0], populate_existing=True)
    if asked.user_id is None:
        return None
    issued = tokens.create(
        session,
        asked.user_id,
        name=session.get_one(OauthClient, client_id).name,
        account_ids=asked.account_ids,
        scopes=[Scope(scope) for scope in asked.granted],
        expires_at=columns.now() + TOKEN_LASTS,
    )
    return _paid(session, client_id, issued)


def refreshable(session: Session, client_id: str, refresh: str) -> McpToken | None:
    """The token that a refresh renews; None when it is unknown, over, or its token was revoked."""
    query = (
        select(McpToken)
        .join(OauthRefresh, col(OauthRefresh.token_id) == McpToken.id)
        .where(
            OauthRefresh.client_id == client_id,
            OauthRefresh.refresh_hash == security.token_hash(refresh),
            col(OauthRefresh.expires_at) > columns.now(),
            col(McpToken.revoked_at).is_(None),
        )
    )
    return session.exec(query.with_for_update()).first()


def renew(session: Session, client_id: str, refresh: str) -> Paid | None:
    """A new secret and a new refresh for an old one, which is dead when this commits."""
    token = refreshable(session, client_id, refresh)
    if token is None:
        return None
    session.execute(delete(OauthRefresh).where(col(OauthRefresh.token_id) == token.id))
    issued = tokens.rotate(session, token.user_id, token.id)
    issued.token.expires_at = columns.now() + TOKEN_LASTS
    return _paid(session, client_id, issued)


def holder(session: Session, secret: str) -> str | None:
    """The client that a token was paid to."""
    query = (
        select(OauthRefresh.client_id)
        .join(McpToken, col(OauthRefresh.token_id) == McpToken.id)
        .where(McpToken.token_hash == security.token_hash(secret))
    )
    return session.exec(query).first()


def end(session: Session, client_id: str, secret: str) -> None:
    """A client gives its token back, by its secret or its refresh."""
    hashed = security.token_hash(secret)
    query = (
        select(McpToken)
        .join(OauthRefresh, col(OauthRefresh.token_id) == McpToken.id)
        .where(
            OauthRefresh.client_id == client_id,
            (col(McpToken.token_hash) == hashed) | (col(OauthRefresh.refresh_hash) == hashed),
        )
    )
    token = session.exec(query).first()
    if token is not None:
        tokens.revoke(session, token.user_id, token.id)


def forget_old(session: Session) -> None:
    """Delete questions that are over, what nobody can renew any more, and clients that have had no token for long."""
    moment = columns.now()
    revoked = select(McpToken.id).where(col(McpToken.revoked_at).is_not(None))
    ended = session.execute(
        delete(OauthRefresh)
        .where((col(OauthRefresh.expires_at) < moment) | col(OauthRefresh.token_id).in_(revoked))
        .returning(col(OauthRefresh.token_id))
    ).scalars()
    session.execute(
        update(McpToken)
        .where(col(McpToken.id).in_(list(ended)), col(McpToken.revoked_at).is_(None))
        .values(revoked_at=moment)
    )
    session.execute(delete(OauthRequest).where(col(OauthRequest.expires_at) < moment - timedelta(days=1)))
    session.execute(
        delete(OauthClient).where(
            col(OauthClient.created_at) < moment - FORGOTTEN_AFTER,
            ~select(OauthRefresh.token_id).where(OauthRefresh.client_id == OauthClient.id).exists(),
        )
    )


def _paid(session: Session, client_id: str, issued: tokens.Issued) -> Paid:
    refresh, refresh_hash = security.new_token("vkr")
    session.add(
        OauthRefresh(
            token_id=issued.token.id,
            client_id=client_id,
            refresh_hash=refresh_hash,
            expires_at=columns.now() + REFRESH_LASTS,
        )
    )
    session.flush()
    return Paid(issued.secret, refresh, issued.token.scopes, int(TOKEN_LASTS.total_seconds()))
