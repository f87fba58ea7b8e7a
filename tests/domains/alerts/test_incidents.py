"""What goes wrong in the sandbox is alerted within five minutes of showing at Meta, once, as the backtest predicts.

One clock moves the sandbox and the product together, five minutes at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlmodel import select

from tests.conftest import Sandbox
from tests.domains.meta.meta_sandbox import minted
from tests.domains.meta.test_syncing import Database, next_job
from tests.factories.accounts import a_user
from tests.factories.alerts import an_alert, fired
from tests.factories.meta import a_connection, an_account
from vibekanban.core import columns
from vibekanban.domains.alerts import backtest
from vibekanban.domains.alerts.models import Alert, AlertEvent
from vibekanban.domains.meta import steps, syncs
from vibekanban.domains.meta.models import Level, MetaAccount, SyncKind
from vibekanban.domains.notifications.models import Notification
from workers import alerts as alert_jobs
from workers import meta_syncs

STEP = timedelta(minutes=5)
MODULES = {"workers.meta_syncs": meta_syncs, "workers.alerts": alert_jobs}


@dataclass
class Scene:
    """An account of the sandbox that is connected, its clock, and Meta as seen from outside."""

    database: Database
    sandbox: Sandbox
    account: MetaAccount
    graph: httpx.Client
    at: datetime
    events: list[AlertEvent] = field(default_factory=list)

    @property
    def local(self) -> datetime:
        return self.at.astimezone(ZoneInfo(self.account.timezone))

    def go(self, by: timedelta = timedelta()) -> None:
        self.at += by
        self.sandbox.admin.post("/_sandbox/clock", json={"to": self.at.timestamp(), "speed": 0})

    def strike(self, kind: str | None) -> None:
        values = {"account": self.account.meta_account_id, "kind": kind, "since": self.at.timestamp()}
        self.sandbox.admin.post("/_sandbox/incidents", json=values).raise_for_status()

    def read(self, kind: SyncKind = SyncKind.TODAY) -> None:
        """A sync, and every job that follows."""
        with self.database() as session:
            syncs.request(session, self.account.user_id, self.account.id, kind)
        while (ticket := next_job()) is not None:
            module, _, name = (ticket.func_name or "").rpartition(".")
            arguments = ticket.args
            ticket.delete()
            if module in MODULES:
                getattr(MODULES[module], name)(*arguments)

    def shown(self, **asked: Any) -> list[dict[str, Any]]:
        """Rows of today's insights as anybody reads them."""
        day = self.local.date().isoformat()
        params = {
            "level": "campaign",
            "limit": 500,
            "time_range": f'{{"since":"{day}","until":"{day}"}}',
            **asked,
        }
        return self.graph.get(f"/act_{self.account.meta_account_id}/insights", params=params).json()["data"]


@pytest.fixture
def scene_of(
    database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Scene]]:
    clients: list[httpx.Client] = []

    def scene(name: str) -> Scene:
        token = minted(sandbox, "dificil")
        graph = httpx.Client(base_url=f"{sandbox.url}/v26.0", params={"access_token": token}, timeout=30)
        clients.append(graph)
        fields = "account_id,name,currency,timezone_name"
        listed = graph.get("/me/adaccounts", params={"fields": fields, "limit": 100}).json()["data"]
        seen = next(one for one in listed if one["name"] == name)
        zone = ZoneInfo(seen["timezone_name"])
        yesterday = datetime.now(zone).date() - timedelta(days=1)
        with database() as session:
            account = an_account(
                session,
                a_connection(session, a_user(session), token=token),
                meta_account_id=seen["account_id"],
                name=seen["name"],
                currency=seen["currency"],
                timezone=seen["timezone_name"],
            )
        made = Scene(database, sandbox, account, graph, datetime.combine(yesterday, time(13, 0), tzinfo=zone))
        monkeypatch.setattr(columns, "now", lambda: made.at.astimezone(UTC))
        monkeypatch.setattr(steps.Work, "local", property(lambda _work: made.local))
        sandbox.admin.post("/_sandbox/reports", json={"seconds": 0})
        made.go()
        made.strike(None)
        made.read(SyncKind.ACCOUNT)
        return made

    yield scene
    for client in clients:
        client.close()


def suffered(scene: Scene, kind: str, shows: Callable[[], bool], quiet: timedelta = timedelta()) -> datetime:
    """The incident begins; five minutes after five minutes until Meta shows it, and half an hour more."""
    scene.go(STEP)
    scene.read()
    assert fired(scene.database) == []
    scene.strike(kind)
    scene.go(quiet)
    seen_at = None
    for _ in range(100):
        for _minute in range(5):
            scene.go(timedelta(minutes=1))
            if seen_at is None and shows():
                seen_at = scene.at
        scene.read()
        if seen_at is not None:
            break
    assert seen_at is not None, "the incident never showed"
    for _ in range(6):
        scene.go(STEP)
        scene.read()
    return seen_at


def predicted(scene: Scene, alert: Alert, **values: Any) -> dict[UUID, datetime]:
    """What the backtest says of the same day: each object, once, and when."""
    day = scene.local.date()
    replay = backtest.backtest(
        alert.user_id,
        name=alert.name,
        type=alert.type,
        account_id=alert.account_id,
        window=alert.window,
        cooldown_minutes=alert.cooldown_minutes,
        since=day,
        until=day,
        **values,
    )
    assert len({one.object_id for one in replay.firings}) == len(replay.firings)
    return {one.object_id: one.fired_at for one in replay.firings}


def checked(
    scene: Scene, alert: Alert, seen_at: datetime, by_the_hour: timedelta = timedelta(hours=1), **values: Any
) -> list[AlertEvent]:
    """Once, within five minutes, told, and as predicted: by the hour, where hours say it."""
    events = fired(scene.database)
    assert len({event.object_id for event in events}) == len(events) > 0
    assert min(event.fired_at for event in events) - seen_at <= STEP
    with scene.database() as session:
        kinds = [line.kind for line in session.exec(select(Notification))]
    assert len(kinds) == len({event.fired_at for event in events}), kinds
    foretold = predicted(scene, alert, **values)
    assert [event.object_id for event in events] == list(foretold)
    assert all(abs(event.fired_at - foretold[event.object_id]) <= by_the_hour for event in events)
    return events


def test_runaway_spend_is_alerted_once_and_in_time(scene_of: Callable[[str], Scene]) -> None:
    scene = scene_of("Gasto desbocado")
    spent = {row["campaign_id"]: float(row["spend"]) for row in scene.shown(fields="campaign_id,spend")}
    ceiling = max(spent.values()) * 2
    condition = {"metric": "spend", "operator": ">", "value": ceiling}
    with scene.database() as session:
        alert = an_alert(session, scene.account, condition=condition)

    def shows() -> bool:
        return any(float(row["spend"]) > ceiling for row in scene.shown(fields="campaign_id,spend"))

    seen_at = suffered(scene, "runaway", shows)
    (event,) = checked(scene, alert, seen_at, condition=condition)
    assert event.numbers[0]["value"] > ceiling


def test_a_pixel_outage_is_alerted_once_and_in_time(scene_of: Callable[[str], Scene]) -> None:
    scene = scene_of("Píxel caído")
    scene.go(timedelta(hours=11) - STEP)
    condition = {"check": "trackingLoss", "clicks": 20, "drop": 90}
    with scene.database() as session:
        alert = an_alert(session, scene.account, condition=condition, level=Level.ACCOUNT)
    before = scene.shown(level="account", fields="clicks,actions", days=7)
    usual = sum(map(bought, before)) / sum(int(row["clicks"]) for row in before)

    def shows() -> bool:
        """People click today, and hardly anybody buys."""
        rows = scene.shown(level="account", fields="clicks,actions")
        clicks = sum(int(row["clicks"]) for row in rows)
        return clicks >= 20 and sum(map(bought, rows)) / clicks <= usual * 0.1

    seen_at = suffered(scene, "pixel_outage", shows, quiet=timedelta(hours=8))
    (event,) = checked(scene, alert, seen_at, timedelta(days=1), condition=condition, level=Level.ACCOUNT)
    assert event.numbers[0]["value"] < event.numbers[0]["before"] / 10


def bought(row: dict[str, Any]) -> float:
    return sum(float(one["value"]) for one in row.get("actions", ()) if one["action_type"] == "omni_purchase")


def test_a_wave_of_disapprovals_is_alerted_once_and_in_time(scene_of: Callable[[str], Scene]) -> None:
    scene = scene_of("Oleada de rechazos")
    condition = {"check": "disapproval", "ads": 3}
    with scene.database() as session:
        alert = an_alert(session, scene.account, condition=condition, level=Level.ACCOUNT)

    def shows() -> bool:
        asked = {"effective_status": '["DISAPPROVED"]', "fields": "id", "limit": 500}
        path = f"/act_{scene.account.meta_account_id}/ads"
        return len(scene.graph.get(path, params=asked).json()["data"]) >= 3

    seen_at = suffered(scene, "disapprovals", shows)
    (event,) = checked(scene, alert, seen_at, condition=condition, level=Level.ACCOUNT)
    assert event.numbers[0]["value"] >= 3
