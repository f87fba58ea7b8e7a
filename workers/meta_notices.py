"""Jobs of what Meta tells us by itself."""

from __future__ import annotations

from vibekanban.core import db
from vibekanban.core.logging import logger
from vibekanban.domains.meta import notices

log = logger(__name__)


def follow(meta_account_id: str) -> None:
    """Read again what the notices of an account are about."""
    notices.follow(meta_account_id)


def sweep() -> None:
    """Order again what a lost job left behind."""
    with db.transaction() as session:
        for meta_account_id in notices.waiting(session):
            notices.order(session, meta_account_id)
        notices.forget_old(session)


def subscribe() -> None:
    """Ask Meta to tell us of every account."""
    log.info("notices_subscribed", accounts=notices.subscribe())
