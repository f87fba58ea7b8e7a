from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from tests.factories.access import a_token
from tests.factories.accounts import a_user
from vibekanban.core import columns, security
from vibekanban.core.columns import new_id
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.access import tokens
from vibekanban.domains.access.errors import TokenRevoked, TooManyTokens
from vibekanban.domains.access.models import Scope


def test_the_secret_is_stored_only_as_its_hash(session: Session) -> None:
    issued = a_token(session, a_user(session).id)
    assert issued.secret.startswith("vkm_")
    assert issued.token.token_hash == security.token_hash(issued.secret)
    assert issued.secret not in str(issued.token.model_dump())


def test_the_hint_is_too_short_to_guess_from(session: Session) -> None:
    issued = a_token(session, a_user(session).id)
    assert issued.secret.startswith(issued.token.hint)
    assert len(issued.secret) - len(issued.token.hint) > 30


def test_rotating_changes_the_secret_and_keeps_the_rights(session: Session) -> None:
    user = a_user(session)
    first = a_token(session, user.id, scopes=[Scope.READ])
    second = tokens.rotate(session, user.id, first.token.id)
    assert second.secret != first.secret
    assert second.token.token_hash == security.token_hash(second.secret)
    assert second.token.scopes == ["read"]
    assert second.token.rotated_at is not None


def test_a_revoked_token_can_not_be_rotated(session: Session) -> None:
    user = a_user(session)
    issued = a_token(session, user.id)
    tokens.revoke(session, user.id, issued.token.id)
    with pytest.raises(TokenRevoked):
        tokens.rotate(session, user.id, issued.token.id)


def test_revoking_twice_changes_nothing(session: Session) -> None:
    user = a_user(session)
    issued = a_token(session, user.id)
    tokens.revoke(session, user.id, issued.token.id)
    once = issued.token.revoked_at
    tokens.revoke(session, user.id, issued.token.id)
    assert issued.token.revoked_at == once


def test_a_revoked_token_leaves_the_list(session: Session) -> None:
    user = a_user(session)
    kept, revoked = a_token(session, user.id), a_token(session, user.id)
    tokens.revoke(session, user.id, revoked.token.id)
    assert tokens.tokens(session, user.id) == [kept.token]


def test_the_list_continues_before_a_token(session: Session) -> None:
    user = a_user(session)
    made = [a_token(session, user.id).token.id for _ in range(3)]
    first = [token.id for token in tokens.tokens(session, user.id, limit=2)]
    rest = [token.id for token in tokens.tokens(session, user.id, before=first[-1], limit=2)]
    assert first + rest == made[::-1]


@pytest.mark.parametrize("act", ["token", "revoke", "rotate"])
def test_another_users_token_is_not_found(session: Session, act: str) -> None:
    issued = a_token(session, a_user(session).id)
    with pytest.raises(NotFound):
        getattr(tokens, act)(session, a_user(session).id, issued.token.id)


def test_renaming_tidies_the_name(session: Session) -> None:
    user = a_user(session)
    issued = a_token(session, user.id)
    assert tokens.change(session, user.id, issued.token.id, name="  n8n \x00 de  casa ").name == "n8n de casa"


def test_every_wrong_field_is_named(session: Session) -> None:
    with pytest.raises(Invalid) as refused:
        tokens.create(
            session,
            a_user(session).id,
            name="n8n",
            account_ids=[],
            scopes=[],
            policy={"budget": 1},
            expires_at=columns.now() - timedelta(seconds=1),
        )
    assert refused.value.fields.keys() == {"accountIds", "scopes", "policy.budget", "expiresAt"}


def test_a_user_has_a_bounded_number_of_live_tokens(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST", 1)
    user = a_user(session)
    a_token(session, user.id)
    with pytest.raises(TooManyTokens):
        a_token(session, user.id)


def test_an_account_named_twice_is_kept_once(session: Session) -> None:
    account = new_id()
    assert a_token(session, a_user(session).id, account_ids=[account, account]).token.account_ids == [account]
