"""Becoming a user."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session, select

from tests.factories.accounts import PASSWORD, Postbox, a_user
from vibekanban.core import security
from vibekanban.core.errors import Invalid
from vibekanban.domains.accounts import demo, sessions, signup
from vibekanban.domains.accounts.errors import AlreadyVerified, EmailTaken, LinkExpired, RoleNotGrantable
from vibekanban.domains.accounts.models import OneTimeToken, Role, User


def _register(session: Session, mail: Postbox, **values: str) -> User:
    given: dict[str, Any] = {
        "email": "tania@example.com",
        "name": "Tania Ríos",
        "password": PASSWORD,
        **values,
    }
    return signup.register(session, mail=mail, **given)


def test_the_address_is_stored_lower_case_and_tidy(session: Session) -> None:
    user = _register(session, Postbox(), email=" Tania@Example.COM ", name="  Tania   Ríos ")
    assert (user.email, user.name, user.role, user.is_verified) == (
        "tania@example.com",
        "Tania Ríos",
        Role.TRAFICER,
        False,
    )


def test_an_address_is_taken_whatever_its_case(session: Session) -> None:
    _register(session, Postbox())
    with pytest.raises(EmailTaken):
        _register(session, Postbox(), email="TANIA@example.com")


def test_a_refused_registration_leaves_the_transaction_usable(session: Session) -> None:
    _register(session, Postbox())
    with pytest.raises(EmailTaken):
        _register(session, Postbox())
    assert session.exec(select(User)).one().email == "tania@example.com"


@pytest.mark.parametrize("email", ["", "tania", "tania@", "@example.com", "a b@example.com", "t@localhost"])
def test_what_is_no_address_is_refused(session: Session, email: str) -> None:
    with pytest.raises(Invalid) as refused:
        _register(session, Postbox(), email=email)
    assert refused.value.fields == {"email": "accounts.field.email"}


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("nuevecara", "password_short"),
        ("x" * 201, "password_long"),
        ("Tania@Example.com", "password_is_email"),
        ("Contraseña123", "password_common"),
        ("ababababab", "password_common"),
    ],
)
def test_a_weak_password_is_refused(session: Session, password: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        _register(session, Postbox(), password=password)
    assert refused.value.fields == {"password": f"accounts.field.{reason}"}


@pytest.mark.parametrize("role", [Role.ESTRATEGA, Role.ADMIN])
def test_nobody_registers_as_strategist_or_administrator(session: Session, role: Role) -> None:
    with pytest.raises(RoleNotGrantable):
        signup.register(
            session, email="t@example.com", name="T", password=PASSWORD, role=role, mail=Postbox()
        )


def test_the_link_of_the_e_mail_verifies_the_address_once(session: Session) -> None:
    mail = Postbox()
    user = _register(session, mail)
    assert mail.sent[0][:2] == ("tania@example.com", "verify_email")
    assert signup.verify(session, mail.token).id == user.id
    assert user.is_verified
    with pytest.raises(LinkExpired):
        signup.verify(session, mail.token)


def test_a_link_is_not_stored_in_clear(session: Session) -> None:
    mail = Postbox()
    _register(session, mail)
    stored = session.exec(select(OneTimeToken)).one()
    assert stored.token_hash == security.token_hash(mail.token)


def test_a_new_link_replaces_the_one_before(session: Session) -> None:
    mail = Postbox()
    user = _register(session, mail)
    first = mail.token
    signup.send_verification(session, user, mail=mail)
    with pytest.raises(LinkExpired):
        signup.verify(session, first)
    signup.verify(session, mail.token)


def test_a_verified_address_gets_no_further_link(session: Session) -> None:
    with pytest.raises(AlreadyVerified):
        signup.send_verification(session, a_user(session), mail=Postbox())


def test_an_administrator_is_made_by_the_command_line_alone(session: Session) -> None:
    admin = signup.create_admin(session, email="jefa@example.com", name="Jefa", password=PASSWORD)
    assert (admin.role, admin.is_verified) == (Role.ADMIN, True)


def test_a_known_person_becomes_administrator_and_is_signed_out(session: Session) -> None:
    user = a_user(session, is_active=False)
    sessions.open_browser_session(session, user, address="", user_agent="")
    admin = signup.create_admin(session, email=user.email, name="Jefa", password="otra frase larga")
    assert admin.id == user.id
    assert admin.role is Role.ADMIN
    assert admin.is_active
    assert security.password_matches("otra frase larga", admin.password_hash)
    assert sessions.live(session, user.id) == []


def test_the_demo_has_one_person_of_each_role_created_once(session: Session) -> None:
    first = demo.create(session)
    assert {user.role for user in first} == set(Role)
    assert all(user.is_verified for user in first)
    assert [user.id for user in demo.create(session)] == [user.id for user in first]


def test_the_demo_passwords_would_be_accepted_from_anybody() -> None:
    from vibekanban.domains.accounts import passwords

    for person in demo.PEOPLE:
        passwords.check(person.password, email=person.email)
