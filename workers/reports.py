"""Jobs of saved reports: what is due, and one due time of a report."""

from __future__ import annotations

from uuid import UUID

from vibekanban.core import db
from vibekanban.domains.reporting import sending


def sweep_reports() -> None:
    """Order the reports whose time has come."""
    with db.transaction() as session:
        sending.order_due(session)


def send_report(delivery_id: str) -> None:
    """Put one due time's e-mail into the outbox; safe to repeat."""
    sending.send(UUID(delivery_id))


def forget_old() -> None:
    """Delete due times that are long over."""
    with db.transaction() as session:
        sending.forget_old(session)
