"""Jobs of the daily summaries."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from vibekanban.core import db
from vibekanban.domains.alerts import summary_sending


def sweep_summaries() -> None:
    """Order the summaries whose hour has come."""
    with db.transaction() as session:
        summary_sending.order(session)


def send_summary(user_id: str, day: str, last_call: bool) -> None:
    """Queue one summary's e-mail; safe to repeat."""
    summary_sending.send(UUID(user_id), date.fromisoformat(day), last_call=last_call)
