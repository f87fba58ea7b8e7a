"""What people change about themselves, and administrators about others."""

from __future__ import annotations

import uuid

import pytest
from sqlmodel import Session

from tests.factories.accounts import a_session, a_user
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.accounts import people, sessions
from vibekanban.domains.accounts.errors import CannotChangeYourself, RoleNotGrantable
from vibekanban.domains.accounts.models import Role


def test_people_are_found_by_part_of_name_or_address(session: Session) -> None:
    tania = a_user(session, name="Tania Ríos", email="tr@example.com")
    eva = a_user(session, name="Eva Moreno", email="eva@rios.example.com")
    a_user(session, name="Nadie")
    assert [user.id for user in people.search(session, text="ríos")] == [tania.id]
    assert [user.id for user in people.search(session, text="RIOS")] == [eva.id]


def test_a_percent_sign_is_no_wildcard(session: Session) -> None:
    a_user(session)
    assert people.search(session, text="%") == []


def test_people_come_newest_first_page_by_page(session: Session) -> None:
    first, second, third = a_user(session), a_user(session), a_user(session)
    page = people.search(session, limit=2)
    assert [user.id for user in page] == [third.id, second.id]
    assert [user.id for user in people.search(session, below=page[-1].id, limit=2)] == [first.id]


def test_letting_somebody_out_ends_their_sessions(session: Session) -> None:
    admin, user = a_user(session, role=Role.ADMIN), a_user(session)
    a_session(session, user)
    people.change(session, admin, user.id, is_active=False)
    assert sessions.live(session, user.id) == []


@pytest.mark.parametrize("role", [Role.ESTRATEGA, Role.ADMIN])
def test_some_roles_are_not_given_here(session: Session, role: Role) -> None:
    admin, user = a_user(session, role=Role.ADMIN), a_user(session)
    with pytest.raises(RoleNotGrantable):
        people.change(session, admin, user.id, role=role)


def test_an_administrator_neither_deactivates_nor_demotes_themself(session: Session) -> None:
    admin = a_user(session, role=Role.ADMIN)
    with pytest.raises(CannotChangeYourself):
        people.change(session, admin, admin.id, is_active=False)
    with pytest.raises(CannotChangeYourself):
        people.change(session, admin, admin.id, role=Role.TRAFICER)


def test_saying_what_is_so_already_is_fine(session: Session) -> None:
    admin = a_user(session, role=Role.ADMIN)
    assert people.change(session, admin, admin.id, role=Role.ADMIN, is_active=True).is_active


def test_nobody_can_not_be_changed(session: Session) -> None:
    with pytest.raises(NotFound):
        people.change(session, a_user(session, role=Role.ADMIN), uuid.uuid4(), is_active=False)


def test_a_profile_takes_known_timezones_and_languages_only(session: Session) -> None:
    user = a_user(session)
    people.update_profile(session, user.id, name=" Ana ", locale="en", timezone="America/Bogota")
    assert (user.name, user.locale, user.timezone) == ("Ana", "en", "America/Bogota")
    with pytest.raises(Invalid):
        people.update_profile(session, user.id, timezone="Mars/Base")
    with pytest.raises(Invalid):
        people.update_profile(session, user.id, locale="fr")
