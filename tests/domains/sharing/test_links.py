from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.meta import a_connection, an_account
from tests.factories.sharing import a_link
from vibekanban.core import columns
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta.models import MetaAccount
from vibekanban.domains.sharing import links
from vibekanban.domains.sharing.errors import WrongSharePassword


@pytest.fixture
def account(session: Session) -> MetaAccount:
    return an_account(session, a_connection(session, a_user(session)))


def test_a_link_shows_its_accounts_and_only_them(session: Session, account: MetaAccount) -> None:
    owner = session.get_one(User, account.user_id)
    an_account(session, a_connection(session, owner))
    issued = a_link(session, account)
    opened = links.opened(session, issued.token)
    assert [one.id for one in opened.accounts] == [account.id]
    assert issued.token.encode() not in opened.link.token_hash
    assert issued.address.endswith(f"/s/{issued.token}")


def test_a_link_is_not_made_of_somebody_elses_account(session: Session, account: MetaAccount) -> None:
    theirs = an_account(session, a_connection(session, a_user(session)))
    with pytest.raises(NotFound):
        a_link(session, account, theirs)


def test_an_account_that_changed_hands_is_not_shown(session: Session, account: MetaAccount) -> None:
    token = a_link(session, account).token
    account.user_id = a_user(session).id
    session.flush()
    assert links.opened(session, token).accounts == []


def test_what_was_ended_expired_or_never_was_does_not_open(session: Session, account: MetaAccount) -> None:
    ended, expired, of_nobody = (a_link(session, account) for _ in range(3))
    links.end(session, account.user_id, ended.link.id)
    expired.link.expires_at = columns.now() - timedelta(seconds=1)
    session.flush()
    assert links.opened(session, of_nobody.token)
    session.get_one(User, account.user_id).is_active = False
    session.flush()
    for token in (ended.token, expired.token, of_nobody.token, "vkv_nothing", ""):
        with pytest.raises(NotFound):
            links.opened(session, token)


def test_only_the_owner_ends_a_link(session: Session, account: MetaAccount) -> None:
    issued, stranger = a_link(session, account), a_user(session)
    with pytest.raises(NotFound):
        links.end(session, stranger.id, issued.link.id)
    assert links.links(session, stranger.id) == []
    assert [one.id for one in links.links(session, account.user_id)] == [issued.link.id]


def test_a_password_opens_only_its_own_link(session: Session, account: MetaAccount) -> None:
    link = a_link(session, account, password="abre sésamo").link
    other = a_link(session, account, password="abre sésamo").link
    assert not links.is_open(link, None)
    with pytest.raises(WrongSharePassword):
        links.unlock(link, "abre cebada")
    shown = links.unlock(link, "abre sésamo")
    assert (links.is_open(link, shown), links.is_open(other, shown)) == (True, False)


@pytest.mark.parametrize(
    "values",
    [{"name": " "}, {"password": "corta"}, {"expires_at": columns.now() - timedelta(days=1)}],
)
def test_a_link_that_makes_no_sense_is_refused(
    session: Session, account: MetaAccount, values: dict[str, object]
) -> None:
    with pytest.raises(Invalid):
        a_link(session, account, **values)


def test_views_are_counted(session: Session, account: MetaAccount) -> None:
    link = a_link(session, account).link
    links.count_view(session, link)
    links.count_view(session, link)
    assert link.views == 2
    assert link.seen_at is not None
