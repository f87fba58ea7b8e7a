"""Connecting: consent given, refused or half given, codes and states that are good once, pasted tokens."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import Session, select

from tests.conftest import Sandbox
from tests.domains.meta.meta_sandbox import calls, consent, fault, forget_calls, kill, minted, queued
from tests.factories.accounts import a_user
from vibekanban.clients.meta import errors as meta_errors
from vibekanban.core import columns, security
from vibekanban.core.queue import Job
from vibekanban.core.settings import settings
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta import connections, oauth
from vibekanban.domains.meta.errors import ForeignToken, ScopesMissing
from vibekanban.domains.meta.models import (
    ConnectionMode,
    ConnectionStatus,
    MetaAccount,
    MetaConnection,
    MetaOauthState,
    Permission,
)


@pytest.fixture
def user(session: Session, sandbox: Sandbox) -> User:
    return a_user(session)


def began(session: Session, user: User, permission: Permission = Permission.MANAGE) -> str:
    return oauth.begin(session, user.id, permission, locale="en")


def finish(user: User, back: dict[str, str]) -> str | None:
    """The code of what went wrong."""
    returned = oauth.Returned(back.get("state", ""), back.get("code", ""), back.get("error", ""))
    return oauth.finish(user.id, returned).error_code


def connection_of(session: Session, user: User) -> MetaConnection:
    query = select(MetaConnection).where(MetaConnection.user_id == user.id)
    return session.exec(query.execution_options(populate_existing=True)).one()


def connections_of(session: Session, user: User) -> int:
    return len(session.exec(select(MetaConnection).where(MetaConnection.user_id == user.id)).all())


# -- the dialog


@pytest.mark.parametrize(
    ("permission", "scopes"),
    [
        (Permission.READ, "ads_read"),
        (Permission.MANAGE, "ads_read,ads_management,business_management"),
    ],
)
def test_each_button_asks_for_its_scopes(
    session: Session, user: User, permission: Permission, scopes: str
) -> None:
    query = parse_qs(urlsplit(began(session, user, permission)).query)
    assert query["scope"] == [scopes]
    assert query["redirect_uri"] == [settings().meta_callback]


def test_a_state_is_stored_hashed_and_lives_ten_minutes(session: Session, user: User) -> None:
    (state,) = parse_qs(urlsplit(began(session, user)).query)["state"]
    row = session.exec(select(MetaOauthState)).one()
    assert row.state_hash == security.token_hash(state)
    assert row.expires_at - row.created_at <= timedelta(minutes=10, seconds=5)


def test_consent_makes_a_connection_for_sixty_days(session: Session, sandbox: Sandbox, user: User) -> None:
    back = consent(began(session, user))
    ended = oauth.finish(user.id, oauth.Returned(back["state"], back["code"], ""))
    assert ended == oauth.Ended("en", None)
    connection = connection_of(session, user)
    assert (connection.mode, connection.permission, connection.meta_user_name, connection.status) == (
        ConnectionMode.OAUTH,
        Permission.MANAGE,
        "Lucía Romero",
        ConnectionStatus.ACTIVE,
    )
    assert connection.expires_at is not None
    assert connection.data_access_expires_at is not None
    assert (connection.expires_at - columns.now()).days == 59
    assert connection.scopes == ["ads_management", "ads_read", "business_management"]


def test_the_token_is_sealed_with_the_rows_id(session: Session, user: User) -> None:
    finish(user, consent(began(session, user)))
    connection = connection_of(session, user)
    assert connection.sealed_token.startswith("v1.")
    assert "EAA" not in connection.sealed_token
    assert connections.token(connection).startswith("EAA")


def test_refused_consent_connects_nothing_and_asks_meta_nothing(
    session: Session, sandbox: Sandbox, user: User
) -> None:
    back = consent(began(session, user), answer="no")
    forget_calls(sandbox)
    assert finish(user, back) == "oauth_denied"
    assert connections_of(session, user) == 0
    assert calls(sandbox) == []


def test_without_managing_ticked_the_connection_reads(session: Session, user: User) -> None:
    assert finish(user, consent(began(session, user), scopes=("ads_read",))) is None
    connection = connection_of(session, user)
    assert (connection.permission, connection.scopes) == (Permission.READ, ["ads_read"])


def test_without_reading_ticked_there_is_no_connection(session: Session, user: User) -> None:
    back = consent(began(session, user), scopes=("business_management",))
    assert finish(user, back) == "oauth_scopes_missing"
    assert connections_of(session, user) == 0


# -- states and codes are good once


def test_coming_back_twice_is_refused(session: Session, user: User) -> None:
    back = consent(began(session, user))
    assert [finish(user, back), finish(user, back)] == [None, "oauth_state_expired"]


def test_a_used_code_is_refused_under_a_fresh_state(session: Session, user: User) -> None:
    back = consent(began(session, user))
    finish(user, back)
    again = consent(began(session, user))
    assert finish(user, {**again, "code": back["code"]}) == "oauth_state_expired"


def test_a_code_that_waited_too_long_is_refused(session: Session, sandbox: Sandbox, user: User) -> None:
    back = consent(began(session, user))
    sandbox.admin.post("/_sandbox/clock", json={"by": 601}).raise_for_status()
    assert finish(user, back) == "oauth_state_expired"


def test_a_state_that_waited_too_long_is_refused(session: Session, user: User) -> None:
    back = consent(began(session, user))
    session.exec(select(MetaOauthState)).one().expires_at = columns.now() - timedelta(seconds=1)
    session.flush()
    assert finish(user, back) == "oauth_state_expired"


def test_a_state_is_of_no_use_to_somebody_else(session: Session, user: User) -> None:
    back = consent(began(session, user))
    other = a_user(session)
    assert finish(other, back) == "oauth_state_expired"
    assert connections_of(session, other) == 0
    assert finish(user, back) is None


@pytest.mark.parametrize("state", ["", "vko_guessed"])
def test_a_made_up_state_is_refused(session: Session, user: User, state: str) -> None:
    back = consent(began(session, user))
    assert finish(user, {**back, "state": state}) == "oauth_state_expired"


@pytest.mark.parametrize("kind", ["html502", "empty500", "reset"])
def test_meta_failing_on_the_way_back_is_told(
    session: Session, sandbox: Sandbox, user: User, kind: str
) -> None:
    back = consent(began(session, user))
    fault(sandbox, kind, path="oauth/access_token")
    assert finish(user, back) == "meta_unreachable"
    assert connections_of(session, user) == 0


# -- again


def test_the_same_person_again_renews_the_connection_there_is(
    session: Session, sandbox: Sandbox, user: User
) -> None:
    finish(user, consent(began(session, user)))
    first = connection_of(session, user)
    before = connections.token(first)
    first.status, first.warned_days = ConnectionStatus.NEEDS_REAUTH, 1
    session.flush()
    assert finish(user, consent(began(session, user))) is None
    again = connection_of(session, user)
    assert again.id == first.id
    assert (again.status, again.warned_days) == (ConnectionStatus.ACTIVE, None)
    assert connections.token(again) != before


def test_another_person_is_another_connection(session: Session, user: User) -> None:
    finish(user, consent(began(session, user)))
    finish(user, consent(began(session, user), person="agencia"))
    assert connections_of(session, user) == 2


# -- pasted tokens


def test_a_pasted_token_connects_with_its_accounts_at_once(
    session: Session, sandbox: Sandbox, user: User
) -> None:
    connection_id = oauth.paste(user.id, f" {minted(sandbox, 'dificil')}\n", Permission.MANAGE)
    connection = connection_of(session, user)
    found = session.exec(select(MetaAccount.currency).where(MetaAccount.connection_id == connection_id)).all()
    assert (connection.mode, connection.expires_at) == (ConnectionMode.SYSTEM_USER, None)
    assert sorted(found) == ["CLP", "EUR", "EUR", "INR", "JPY", "MXN", "USD"]


def test_a_pasted_token_stands_when_meta_stumbles_over_its_accounts(
    session: Session, sandbox: Sandbox, user: User
) -> None:
    fault(sandbox, "error", path="adaccounts", code=100, times=-1)
    connection_id = oauth.paste(user.id, minted(sandbox), Permission.READ)
    assert queued(Job.DISCOVER_ACCOUNTS) == [(str(connection_id),)]


@pytest.mark.parametrize("token", ["EAAnonsense", "x"])
def test_what_is_no_token_is_refused(session: Session, user: User, token: str) -> None:
    with pytest.raises(ForeignToken) as refused:
        oauth.paste(user.id, token, Permission.READ)
    assert token not in str(refused.value)


def test_a_dead_pasted_token_is_refused(session: Session, sandbox: Sandbox, user: User) -> None:
    token = minted(sandbox)
    kill(sandbox, token)
    with pytest.raises(ForeignToken):
        oauth.paste(user.id, token, Permission.READ)


def test_another_apps_token_is_refused(
    session: Session, sandbox: Sandbox, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = minted(sandbox)
    known = oauth.meta_oauth.inspect(token)
    monkeypatch.setattr(settings(), "meta_app_id", "999")
    monkeypatch.setattr(oauth.meta_oauth, "inspect", lambda _token: known)
    with pytest.raises(ForeignToken):
        oauth.paste(user.id, token, Permission.READ)


def test_a_pasted_token_that_may_not_read_is_refused(session: Session, sandbox: Sandbox, user: User) -> None:
    with pytest.raises(ScopesMissing):
        oauth.paste(user.id, minted(sandbox, scopes=["business_management"]), Permission.READ)


def test_a_refused_app_is_not_the_pasted_tokens_fault(
    session: Session, sandbox: Sandbox, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "meta_app_secret", "another")
    with pytest.raises(meta_errors.AppMisconfigured):
        oauth.paste(user.id, minted(sandbox), Permission.READ)
