"""Automations and their runs as tests need them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from vibekanban.core import columns
from vibekanban.domains.automations import automations
from vibekanban.domains.automations.models import Automation, AutomationRun, RunStatus, State
from vibekanban.domains.meta.models import MetaAccount


def an_automation(
    session: Session,
    account: MetaAccount,
    *,
    name: str = "Sin compras, fuera",
    template: str = "pause_without_results",
    params: dict[str, Any] | None = None,
    policy: dict[str, Any] | None = None,
    **fields: Any,
) -> Automation:
    """One that waits for n8n; further fields are set on the row."""
    made = automations.create(
        session,
        account.user_id,
        template=template,
        name=name,
        account_ids=[account.id],
        params=params or {},
        policy=policy or {},
    ).automation
    for field, value in fields.items():
        setattr(made, field, value)
    session.flush()
    return made


def a_running_automation(session: Session, account: MetaAccount, **fields: Any) -> Automation:
    """One that n8n runs."""
    return an_automation(
        session,
        account,
        **{
            "state": State.RUNNING,
            "settled": True,
            "applied": 1,
            "workflow_id": columns.new_id().hex[:16],
            **fields,
        },
    )


def a_run(
    session: Session,
    automation: Automation,
    *,
    execution_id: str = "1",
    status: RunStatus = RunStatus.SUCCESS,
    started_at: datetime | None = None,
    **fields: Any,
) -> AutomationRun:
    begun = started_at or columns.now()
    run = AutomationRun(
        automation_id=automation.id,
        user_id=automation.user_id,
        token_id=automation.token_id,
        execution_id=execution_id,
        status=status,
        mode="trigger",
        started_at=begun,
        finished_at=None if status is RunStatus.RUNNING else begun,
        seen_ended=status is not RunStatus.RUNNING,
        **fields,
    )
    session.add(run)
    session.flush()
    return run
