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
    """Somebody to sign in as; `finds` is what the sandbox gives them to look at."""

    email: str
    name: str
    password: str
    role: Role
    finds: str


PEOPLE = (
    Person(
        "traficer@vibekanban.com",
        "Tania Ríos",
        "traficer-demo-2026",
        Role.TRAFICER,
        "media buyer: one ad account of the sandbox, connected and read",
    ),
    Person(
        "estratega@vibekanban.com",
        "Esteban Luna",
        "estratega-demo-2026",
        Role.ESTRATEGA,
        "strategist: nothing connected yet",
    ),
    Person(
        "empresario@vibekanban.com",
        "Eva Moreno",
        "empresario-demo-2026",
        Role.EMPRESARIO,
        "business owner: looks at the media buyer's account as a client",
    ),
    Person(
        "admin@vibekanban.com",
        "Adrián Vega",
        "admin-demo-2026",
        Role.ADMIN,
        "administrator: the people",
    ),
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
