"""Saved reports as tests need them."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from vibekanban.domains.meta.models import MetaAccount
from vibekanban.domains.reporting import saved
from vibekanban.domains.reporting.definitions import Definition
from vibekanban.domains.reporting.models import SavedReport
from vibekanban.domains.reporting.schedules import Schedule


def a_report(
    session: Session,
    account: MetaAccount,
    *,
    name: str = "La semana",
    schedule: Schedule | None = None,
    **asked: Any,
) -> SavedReport:
    """A report of the account's owner on its campaigns."""
    definition = Definition.model_validate({"account_id": account.id, **asked})
    return saved.create(session, account.user_id, name, definition, schedule).report
