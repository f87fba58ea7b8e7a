"""Somebody with a running campaign at (the sandbox's) Meta, and n8n: the sandbox's, or the real one of REAL_N8N_URL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, select

from tests.conftest import Sandbox
from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.factories.metrics import a_row, write
from tests.mcp.conftest import Server, server
from tests.n8n.conftest import eventually
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.clients.n8n.api import N8n
from vibekanban.core import columns
from vibekanban.core.queue import Lane
from vibekanban.core.settings import settings
from vibekanban.domains.automations import automations, deploying, polling, running, runs
from vibekanban.domains.automations import server as n8n_server
from vibekanban.domains.automations.automations import Shown
from vibekanban.domains.automations.models import AutomationRun, State
from vibekanban.domains.automations.runs import Done
from vibekanban.domains.meta import insights
from vibekanban.domains.meta.models import Campaign, Level, MetaAccount

__all__ = ["server"]

Database = Callable[[], AbstractContextManager[Session]]
REAL = {
    "N8N_API_URL": "REAL_N8N_URL",
    "N8N_API_KEY": "REAL_N8N_KEY",
    "N8N_OWNER_EMAIL": "REAL_N8N_OWNER_EMAIL",
    "N8N_OWNER_PASSWORD": "REAL_N8N_OWNER_PASSWORD",
}


@pytest.fixture
def platform(
    sandbox: Sandbox, database: Database, server: Server, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """The product, where n8n reaches it."""
    monkeypatch.setenv("N8N_PLATFORM_URL", server.url)
    if "REAL_N8N_URL" in os.environ:
        for name, real in REAL.items():
            monkeypatch.setenv(name, os.environ[real])
    settings.cache_clear()
    yield server
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def n8n(platform: Server) -> Iterator[N8n]:
    """Ours, as its operator sees it; empty afterwards."""
    with n8n_server.opened() as client:
        yield client
        for workflow in list(client.workflows()):
            client.delete_workflow(workflow.id)
        for credential in list(client.credentials()):
            client.delete_credential(credential["id"])


@dataclass(frozen=True)
class Shop:
    """A person, their account, and a campaign of it that spends without a conversion."""

    database: Database
    user_id: UUID
    account: MetaAccount
    campaign: Campaign
    meta: Gateway

    def status(self) -> str:
        """The campaign's, as Meta has it."""
        return self.meta.get(self.campaign.meta_id, fields="status")["status"]

    def automated(self, **more: Any) -> UUID:
        """Have one begun; it waits for its job."""
        with self.database() as session:
            made = automations.create(
                session,
                self.user_id,
                **{
                    "template": "pause_without_results",
                    "name": "Sin compras, fuera",
                    "account_ids": [self.account.id],
                    "params": {"max_spend": 20},
                    "policy": {"dryRun": False},
                    **more,
                },
            )
        return made.automation.id

    def running(self, **more: Any) -> UUID:
        """Have one deployed."""
        automation_id = self.automated(**more)
        deploying.follow(automation_id)
        assert self.seen(automation_id).automation.state is State.RUNNING, self.seen(automation_id)
        return automation_id

    def seen(self, automation_id: UUID) -> Shown:
        with self.database() as session:
            return automations.automation(session, self.user_id, automation_id)

    def does(self, act: Callable[[Session, UUID, UUID], Shown], automation_id: UUID) -> None:
        """Ask for something, and have n8n follow."""
        with self.database() as session:
            act(session, self.user_id, automation_id)
        deploying.follow(automation_id)

    def runs(self, automation_id: UUID) -> list[Done]:
        with self.database() as session:
            return runs.runs(session, self.user_id, automation_id)

    def ended(self, automation_id: UUID, count: int) -> bool:
        """Wait until n8n says of so many runs how they ended."""

        def over() -> bool:
            polling.poll()
            with self.database() as session:
                query = select(AutomationRun.id).where(
                    AutomationRun.automation_id == automation_id, AutomationRun.seen_ended
                )
                return len(session.exec(query).all()) >= count

        return eventually(over, 30)

    def run(self, automation_id: UUID) -> Done:
        """Run it now, and wait until n8n says how it ended."""
        with self.database() as session:
            automations.run(session, self.user_id, automation_id)
        return self.started(automation_id)

    def started(self, automation_id: UUID) -> Done:
        """Start what was asked for, and wait until n8n says how it ended."""
        before = {done.run.id for done in self.runs(automation_id)}
        running.run(automation_id)
        assert self.ended(automation_id, len(before) + 1), self.seen(automation_id)
        return next(done for done in self.runs(automation_id) if done.run.id not in before)


@pytest.fixture
def shop(database: Database, sandbox: Sandbox, n8n: N8n) -> Shop:
    token = sandbox.admin.post("/_sandbox/tokens", json={"person": "lucia"}).json()["token"]
    (found,) = sandbox.admin.get("/_sandbox/world").json()["lucia"]["accounts"]
    meta = Gateway(token, key="tests", lane=Lane.HUMAN)
    live = meta.get(f"act_{found['id']}/campaigns", fields="id", effective_status=["ACTIVE"], limit=1)["data"]
    with database() as session:
        user = a_user(session)
        account = an_account(session, a_connection(session, user, token=token), meta_account_id=found["id"])
        campaign = a_campaign(session, account, meta_id=live[0]["id"])
    today = columns.now().date()
    spent = a_row(campaign.meta_id, today, spend="61.50", actions=[], action_values=[])
    with database() as session:
        for level in (Level.ACCOUNT, Level.CAMPAIGN):
            write(session, account.id, [insights.fact(spent, level)], since=today, until=today, level=level)
    return Shop(database, user.id, account, campaign, meta)
