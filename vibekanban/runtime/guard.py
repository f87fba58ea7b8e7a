"""What is checked before any process of the product starts."""

from __future__ import annotations

from pydantic import ValidationError

from vibekanban.core.settings import Settings, settings
from vibekanban.runtime import generated
from vibekanban.runtime.refusal import Refusal

MISCONFIGURED = 2


def checked_settings() -> Settings:
    """The settings with generated secrets in place; refuses those that forbid a start."""
    try:
        generated.ensure()
        current = settings()
    except ValidationError as error:
        # the message of each problem only: pydantic's own text quotes the values, and some are secrets
        wrong = [
            f"{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors(include_input=False)
        ]
        raise Refusal("The configuration is wrong:\n" + _listed(wrong), code=MISCONFIGURED) from None
    problems = current.problems()
    if problems:
        raise Refusal(
            f"APP_ENV={current.app_env.value} refuses to start:\n{_listed(problems)}", code=MISCONFIGURED
        )
    return current


def _listed(lines: list[str]) -> str:
    return "\n".join(f"  - {line}" for line in lines)
