"""People from the command line."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlmodel import Session

from vibekanban.core.settings import settings
from vibekanban.domains.accounts import demo, queries
from vibekanban.domains.accounts.models import Role
from vibekanban.runtime import administration
from vibekanban.runtime.refusal import Refusal

Database = Callable[[], AbstractContextManager[Session]]


def typed(password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))


def test_an_administrator_is_made_with_a_password_from_standard_input(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("cuatro-caballos-verdes", monkeypatch)
    administration.create_admin("jefa@example.com", "Julia Fuentes")
    with database() as session:
        made = queries.user_by_email(session, "jefa@example.com")
        assert made is not None
        assert made.role is Role.ADMIN


def test_a_weak_password_is_refused_with_its_reason(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("corta", monkeypatch)
    with pytest.raises(Refusal, match=r"^password: "):
        administration.create_admin("jefa@example.com", "Julia Fuentes")


def test_demo_users_are_made_once(database: Database) -> None:
    administration.seed(settings())
    administration.seed(settings())
    with database() as session:
        assert all(queries.user_by_email(session, person.email) for person in demo.PEOPLE)


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_demo_users_are_made_on_development_machines_only(environment: str) -> None:
    with pytest.raises(Refusal, match="Demo users need APP_ENV=development"):
        administration.seed(settings().model_copy(update={"app_env": environment}))
