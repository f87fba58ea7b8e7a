"""What is checked before any process of the product starts."""

from __future__ import annotations

from pydantic import ValidationError

from vibekanban.core.settings import Settings, settings
from vibekanban.runtime import generated
from vibekanban.runtime.refusal import Refusal

MISCONFIGURED = 2


def readable_settings() -> Settings:
    """The settings with generated secrets in place; refuses values that cannot be what they should."""
    try:
        generated.ensure()
        return settings()
    except ValidationError as error:
        # the message of each problem only: pydantic's own text quotes the values, and some are secrets
        errors = error.errors(include_input=False)
        wrong = [
            f"{str(item['loc'][0]).upper()}: {item['msg'].removeprefix('Value error, ')}" for item in errors
        ]
        raise Refusal("The configuration is wrong:\n" + _listed(wrong), code=MISCONFIGURED) from None


def checked_settings() -> Settings:
    """The settings of a process of the product; refuses those that forbid a start."""
    current = readable_settings()
    problems = current.problems()
    if problems:
        raise Refusal(
            f"APP_ENV={current.app_env.value} refuses to start:\n{_listed(problems)}", code=MISCONFIGURED
        )
    return current


def _listed(lines: list[str]) -> str:
    return "\n".join(f"  - {line}" for line in lines)
