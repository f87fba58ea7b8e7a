"""The people of the demo: one of each role, with passwords that are printed at start and in the README."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from vibekanban.core import security
from vibekanban.core.settings import Environment, settings
from vibekanban.domains.accounts import queries
from vibekanban.domains.accounts.models import Role, User


@dataclass(frozen=True)
class Person:
    """Somebody to sign in as."""

    email: str
    name: str
    password: str
    role: Role


PEOPLE = (
    Person("traficer@vibekanban.com", "Tania Ríos", "traficer-demo-2026", Role.TRAFICER),
    Person("estratega@vibekanban.com", "Esteban Luna", "estratega-demo-2026", Role.ESTRATEGA),
    Person("empresario@vibekanban.com", "Eva Moreno", "empresario-demo-2026", Role.EMPRESARIO),
    Person("admin@vibekanban.com", "Adrián Vega", "admin-demo-2026", Role.ADMIN),
)


def create(session: Session) -> list[User]:
    """The demo's people, each created once; refuses in production, where everybody knows their passwords."""
    if settings().app_env is Environment.PRODUCTION:
        raise RuntimeError("demo users are not for production")
    people = []
    for person in PEOPLE:
        user = queries.user_by_email(session, person.email)
        if user is None:
            user = User(
                email=person.email,
                name=person.name,
                password_hash=security.hash_password(person.password),
                role=person.role,
                is_verified=True,
            )
            session.add(user)
        people.append(user)
    session.flush()
    return people
