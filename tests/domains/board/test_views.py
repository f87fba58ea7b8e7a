from __future__ import annotations

import pytest
from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.board import a_view
from tests.factories.meta import a_connection, an_account
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.accounts.models import User
from vibekanban.domains.board import views
from vibekanban.domains.board.errors import ViewNameTaken
from vibekanban.domains.board.filters import Filters, Sort


@pytest.fixture
def owner(session: Session) -> User:
    return a_user(session)


def test_a_view_keeps_what_differs_from_showing_everything(session: Session, owner: User) -> None:
    kept = a_view(session, owner, filters=Filters(label="VIP", sort=Sort.SPEND))
    assert kept.filters == {"label": "VIP", "sort": "spend"}
    assert Filters.parse(kept.filters) == Filters(label="VIP", sort=Sort.SPEND)


def test_names_of_views_are_unique_whatever_their_case(session: Session, owner: User) -> None:
    a_view(session, owner, name="Clientes")
    with pytest.raises(ViewNameTaken):
        a_view(session, owner, name="CLIENTES ")
    a_view(session, a_user(session), name="Clientes")


def test_a_view_is_renamed_to_its_own_name(session: Session, owner: User) -> None:
    kept = a_view(session, owner, name="Clientes")
    assert views.change(session, owner.id, kept.id, name="CLIENTES", filters=Filters()).filters == {}


def test_views_are_ones_own(session: Session, owner: User) -> None:
    kept, stranger = a_view(session, owner), a_user(session)
    assert views.views(session, stranger.id) == []
    with pytest.raises(NotFound):
        views.forget(session, stranger.id, kept.id)
    views.forget(session, owner.id, kept.id)
    assert views.views(session, owner.id) == []


def test_a_view_is_not_of_somebody_elses_account(session: Session, owner: User) -> None:
    theirs = an_account(session, a_connection(session, a_user(session)))
    with pytest.raises(NotFound):
        a_view(session, owner, filters=Filters(account=str(theirs.id)))


@pytest.mark.parametrize("given", [{"account": "x"}, {"assignee": "x"}, {"kind": "x"}, {"sort": "x"}])
def test_filters_that_make_no_sense_are_named(given: dict[str, str]) -> None:
    with pytest.raises(Invalid) as error:
        Filters.parse(given)
    assert error.value.fields.keys() == given.keys()
