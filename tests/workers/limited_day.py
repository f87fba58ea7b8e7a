"""Ten accounts of the sandbox on Meta's smallest tier, and a clock that moves them and the product minute by minute.

The sandbox, the gateway, the pacing, the schedule and the jobs are real. Within a minute no time passes, so that its
calls come all at once: harder on the quota than any real day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from rq import Queue
from rq.job import Job as Ticket
from sqlmodel import Session, col, select

from tests.conftest import Sandbox
from tests.domains.meta.meta_sandbox import minted
from tests.domains.meta.test_syncing import Database
from tests.factories.accounts import a_user
from tests.factories.alerts import an_alert
from tests.factories.meta import a_connection, an_account
from vibekanban.clients.meta import gateway, pacing, tally
from vibekanban.core import broker, columns
from vibekanban.core.queue import SERIALIZER, Lane
from vibekanban.domains.alerts.models import AlertEvent
from vibekanban.domains.meta import syncs
from vibekanban.domains.meta.models import Level, MetaAccount, Sync, SyncKind, SyncStatus
from workers import alerts as alert_jobs
from workers import meta_syncs

MINUTE, FIVE = timedelta(minutes=1), timedelta(minutes=5)
ACCOUNTS = 10
LIMITED = {
    "tier": "development_access",
    "active_ads": 0,
}  # 60 points, 300 and 600 calls an hour, none more for ads
THROTTLES = {4, 17, 613, 80000, 80004}
MODULES = {"workers.meta_syncs": meta_syncs, "workers.alerts": alert_jobs}
REJECTED = {"metric": "disapprovedAds", "operator": ">=", "value": 1}


@dataclass
class Incident:
    """Something that goes wrong in an account, and the alert that watches for it."""

    account: MetaAccount
    alert_id: UUID
    shows: Callable[[], bool]
    seen_at: datetime | None = None
    fired_at: datetime | None = None


@dataclass
class Day:
    """The accounts, the minute it is, what Meta was asked and refused, and what went wrong."""

    database: Database
    sandbox: Sandbox
    at: datetime
    accounts: list[MetaAccount] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    calls: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    oldest: timedelta = timedelta()

    def to(self, moment: datetime) -> None:
        self.at = moment
        self.sandbox.admin.post("/_sandbox/clock", json={"to": moment.timestamp(), "speed": 0})

    def begin(self) -> None:
        """Every account is connected in the same minute, and read for the first time."""
        for account in self.accounts:
            with self.database() as session:
                syncs.request(session, account.user_id, account.id, SyncKind.ACCOUNT)
        self.live(MINUTE)

    def live(self, lasts: timedelta) -> None:
        """Minute after minute: the scheduler looks what is due, the workers do it, Meta shows what it shows."""
        until = self.at + lasts
        while self.at < until:
            if self.at.minute % 15 == 0:
                meta_syncs.sweep_trailing()
            meta_syncs.sweep_today()
            self._work()
            self._look()
            self.to(self.at + MINUTE)

    def strike(self, name: str, kind: str) -> None:
        """Ads are rejected, or a campaign's budget gets a zero too many, from this minute on."""
        account = next(one for one in self.accounts if one.name == name)
        if kind == "disapprovals":
            condition, level, shows = REJECTED, Level.ACCOUNT, lambda: True
        else:
            ceiling = max(self._spent(account)) * 1.1
            condition = {"metric": "spend", "operator": ">", "value": ceiling}
            level, shows = Level.CAMPAIGN, lambda: max(self._spent(account)) > ceiling
        with self.database() as session:
            alert = an_alert(session, account, name=kind, condition=condition, level=level)
        values = {"account": account.meta_account_id, "kind": kind, "since": self.at.timestamp()}
        self.sandbox.admin.post("/_sandbox/incidents", json=values).raise_for_status()
        self.incidents.append(Incident(account, alert.id, shows))

    def statuses(self, kind: SyncKind) -> list[SyncStatus]:
        with self.database() as session:
            return [sync.status for sync in session.exec(select(Sync).where(Sync.kind == kind))]

    def firings(self, alert_id: UUID) -> Sequence[AlertEvent]:
        with self.database() as session:
            return session.exec(select(AlertEvent).where(AlertEvent.alert_id == alert_id)).all()

    def _work(self) -> None:
        while (ticket := self._next()) is not None:
            module, _, name = (ticket.func_name or "").rpartition(".")
            arguments = ticket.args
            ticket.delete()
            if module in MODULES:
                getattr(MODULES[module], name)(*arguments)

    def _next(self) -> Ticket | None:
        """The next job in the order of the lanes; a piece that waits, when its minute has come."""
        for lane in Lane:
            queue = Queue(lane.value, connection=broker.connection(), serializer=SERIALIZER)
            waiting = queue.get_job_ids(0, 1)
            for job_id in (*waiting, *queue.scheduled_job_registry.get_job_ids()):
                ticket = Ticket.fetch(job_id, connection=broker.connection(), serializer=SERIALIZER)
                if job_id in waiting or self._due(ticket):
                    return ticket
        return None

    def _due(self, ticket: Ticket) -> bool:
        with self.database() as session:
            sync = session.get(Sync, UUID(ticket.args[0]))
            return sync is None or sync.due_at <= self.at

    def _look(self) -> None:
        made = self.sandbox.admin.get("/_sandbox/calls").json()
        self.sandbox.admin.delete("/_sandbox/calls")
        self.calls += len(made)
        self.refused += [one for one in made if one["code"] in THROTTLES]
        with self.database() as session:
            self.oldest = max(self.oldest, self.at - _longest_ago(session))
        for one in self.incidents:
            if one.seen_at is None and one.shows():
                one.seen_at = self.at
            if one.fired_at is None and self.firings(one.alert_id):
                one.fired_at = self.at

    def _spent(self, account: MetaAccount) -> list[float]:
        """Of each campaign today, as Meta shows it at this moment."""
        asked = {"account": account.meta_account_id, "level": "campaign"}
        told = self.sandbox.admin.get("/_sandbox/oracle", params=asked).json()["by_id"]
        return [float(one["spend"]) for one in told.values()] or [0.0]


def _longest_ago(session: Session) -> datetime:
    """When the account that waits longest was read."""
    reads = session.exec(select(MetaAccount.today_synced_at).order_by(col(MetaAccount.today_synced_at))).all()
    return reads[0] or datetime.min.replace(tzinfo=UTC)


@pytest.fixture
def day(database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Day:
    sandbox.admin.post("/_sandbox/limits", json=LIMITED).raise_for_status()
    world = sandbox.admin.get("/_sandbox/world").json()
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    made = Day(database, sandbox, midnight - timedelta(days=2))
    with database() as session:
        user = a_user(session)
        for person in ("dificil", "agencia"):
            connection = a_connection(session, user, token=minted(sandbox, person))
            for one in world[person]["accounts"][: ACCOUNTS - len(made.accounts)]:
                told = {name: one[name] for name in ("name", "currency", "timezone")}
                made.accounts.append(an_account(session, connection, meta_account_id=one["id"], **told))
                sandbox.admin.post("/_sandbox/incidents", json={"account": one["id"], "kind": None})
    for module in (columns, pacing, gateway, tally):
        monkeypatch.setattr(module, "now", lambda: made.at)
    monkeypatch.setattr(gateway.time, "sleep", lambda _seconds: None)  # pauses would only make it easier
    made.to(made.at)
    return made


def nothing_was_throttled(day: Day) -> None:
    """No call was refused for its number, no account was read late, and each incident fired once and in time."""
    assert day.refused == []
    assert day.oldest < FIVE
    for one in day.incidents:
        assert one.seen_at is not None, "the incident never showed"
        assert one.fired_at is not None, "it showed, and no alert fired"
        assert one.fired_at - one.seen_at <= FIVE
        objects = [event.object_id for event in day.firings(one.alert_id)]
        assert len(objects) == len(set(objects))
