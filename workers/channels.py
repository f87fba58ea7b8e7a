"""Jobs that send notifications to people's own channels."""

from __future__ import annotations

from uuid import UUID

from vibekanban.core import db
from vibekanban.domains.notifications import deliveries, sending


def send_delivery(delivery_id: str) -> None:
    """Send one delivery; safe to repeat."""
    sending.send(UUID(delivery_id))


def sweep_deliveries() -> None:
    """Order the deliveries that are due: further tries, what was held back, what was lost."""
    with db.transaction() as session:
        deliveries.sweep(session)
