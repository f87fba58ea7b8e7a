"""Jobs of automations: n8n made to follow, runs started and read back, and what either missed."""

from __future__ import annotations

from uuid import UUID

from vibekanban.core import db
from vibekanban.core.settings import settings
from vibekanban.domains.automations import automations, clearing, deploying, polling, renewing, running


def follow(automation_id: str) -> None:
    """Make n8n follow what is wanted of one automation."""
    deploying.follow(UUID(automation_id))


def run(automation_id: str) -> None:
    """Run one at once."""
    running.run(UUID(automation_id))


def poll() -> None:
    """Read what ran."""
    if settings().enable_copy_strategy:
        polling.poll()


def clear(automation_id: str) -> None:
    """Have n8n forget one that is gone."""
    clearing.clear(UUID(automation_id))


def sweep() -> None:
    """Order again what a lost job left behind, and what nobody orders: other time zones, newer templates, what is
    left of automations that are gone. Pause what could only fail.
    """
    with db.transaction() as session:
        automations.pause_the_pointless(session)
        renewing.renew_the_behind(session)
        for automation_id in clearing.left(session):
            clearing.order(session, automation_id)
        for automation_id in deploying.waiting(session):
            deploying.order(session, automation_id)
        for automation_id in running.asked(session):
            deploying.order_run(session, automation_id)
