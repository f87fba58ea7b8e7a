"""What an administrator does with people from the command line."""

from __future__ import annotations

import sys

import typer

from vibekanban.core import db
from vibekanban.core.errors import AppError, Invalid
from vibekanban.core.settings import Settings
from vibekanban.domains.accounts import demo, signup
from vibekanban.domains.sharing import demo as demo_data
from vibekanban.runtime.refusal import Refusal

LANGUAGE = "en"


def seed(current: Settings) -> None:
    """Create the demo users, each once, and have their account at the sandbox connected."""
    if not current.has_demo:
        raise Refusal("Demo users need APP_ENV=development and DEMO_DATA=true: their passwords are public.")
    with db.transaction() as session:
        demo.create(session)
        demo_data.order(session, current)


def create_admin(email: str, name: str) -> None:
    """Ask for a password, and make (or promote) the administrator."""
    password = asked_password()
    try:
        with db.transaction() as session:
            address = signup.create_admin(session, email=email, name=name, password=password).email
    except AppError as error:
        raise Refusal(sentence(error)) from None
    print(f"{address} is an administrator.")


def asked_password() -> str:
    """Typed twice at a terminal, or one line of standard input; never an argument that others could see."""
    if sys.stdin.isatty():
        return typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return sys.stdin.readline().rstrip("\n")


def sentence(error: AppError) -> str:
    """What the error says, field by field where it is about fields."""
    if isinstance(error, Invalid) and error.fields:
        return "\n".join(f"{name}: {said}" for name, said in error.reasons(LANGUAGE).items())
    return error.sentence(LANGUAGE)
