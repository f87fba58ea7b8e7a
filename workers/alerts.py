"""Jobs of alerts: judging after an account was read, telling what fired, and what either missed."""

from __future__ import annotations

from uuid import UUID

from vibekanban.core.logging import logger
from vibekanban.domains.alerts import engine, telling

log = logger(__name__)


def judge(account_id: str, again: bool = False) -> None:
    """Judge one account's alerts; `again` although its numbers are the same."""
    _judged(engine.judge([UUID(account_id)], again=again))


def tell() -> None:
    """Tell the owners what fired."""
    telling.tell()


def sweep() -> None:
    """Judge every account that was read and not judged since, and tell what was not told."""
    _judged(engine.judge())
    telling.tell()


def _judged(fired: int) -> None:
    if fired:
        log.info("alerts_fired", firings=fired)
