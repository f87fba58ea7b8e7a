"""An alert that was removed is away at once, can be brought back for a day, and is then gone."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from tests.factories.alerts import AT, an_alert, fired, passed, spent
from vibekanban.core import columns
from vibekanban.core.errors import NotFound
from vibekanban.domains.alerts import alerts, engine, sheet
from vibekanban.domains.alerts.errors import TooManyAlerts
from vibekanban.domains.alerts.models import Alert
from vibekanban.domains.meta.models import Campaign, MetaAccount


@pytest.fixture
def alert(database: Any, account: MetaAccount, campaign: Campaign) -> Alert:
    with database() as session:
        return an_alert(session, account)


def removed(database: Any, alert: Alert) -> None:
    with database() as session:
        alerts.remove(session, alert.user_id, alert.id)


def test_a_removed_alert_is_nowhere_and_fires_no_more(
    database: Any, account: MetaAccount, campaign: Campaign, alert: Alert
) -> None:
    removed(database, alert)
    spent(account.id, AT, {"campaign": campaign.meta_id, "spend": "120"})
    assert passed(database, account, AT) == 0
    with database() as session:
        assert list(alerts.alerts(session, alert.user_id)) == []
        for look in (alerts.alert, alerts.firings, alerts.remove, alerts.change):
            with pytest.raises(NotFound):
                look(session, alert.user_id, alert.id)


def test_a_removed_alert_comes_back_with_its_history_and_watches_again(
    database: Any, account: MetaAccount, campaign: Campaign, alert: Alert
) -> None:
    spent(account.id, AT, {"campaign": campaign.meta_id, "spend": "120"})
    assert passed(database, account, AT) == 1
    removed(database, alert)
    with database() as session:
        assert list(alerts.latest(session, alert.user_id)) == []
        alerts.restore(session, alert.user_id, alert.id)
        assert len(alerts.latest(session, alert.user_id)) == 1
    assert engine.judge([account.id], again=True) == 0
    tomorrow = AT + timedelta(days=1)
    spent(account.id, tomorrow, {"campaign": campaign.meta_id, "spend": "130"})
    assert passed(database, account, tomorrow) == 1


def test_it_comes_back_only_while_there_is_room(
    database: Any, campaign: Campaign, alert: Alert, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed(database, alert)
    monkeypatch.setattr(alerts, "MOST", 1)
    with database() as session:
        an_alert(session, campaign)
    with database() as session, pytest.raises(TooManyAlerts):
        alerts.restore(session, alert.user_id, alert.id)


def test_nobody_else_brings_it_back(database: Any, alert: Alert) -> None:
    removed(database, alert)
    with database() as session, pytest.raises(NotFound):
        alerts.restore(session, columns.new_id(), alert.id)


def test_after_a_day_it_is_gone_with_its_firings(
    database: Any, account: MetaAccount, campaign: Campaign, alert: Alert
) -> None:
    spent(account.id, AT, {"campaign": campaign.meta_id, "spend": "120"})
    passed(database, account, AT)
    removed(database, alert)
    with database() as session:
        alerts.forget_removed(session)
        assert session.get(Alert, alert.id) is not None
        session.get_one(Alert, alert.id).removed_at = columns.now() - timedelta(days=2)
        session.flush()
        alerts.forget_removed(session)
        assert session.exec(select(Alert)).all() == []
    assert fired(database) == []


def test_firings_are_taken_away_as_a_table(
    database: Any, account: MetaAccount, campaign: Campaign, alert: Alert
) -> None:
    spent(account.id, AT, {"campaign": campaign.meta_id, "spend": "120.50"})
    passed(database, account, AT)
    text = sheet.csv(
        fired(database), {alert.id: alert}, {account.id: account}, "es", ZoneInfo("Europe/Madrid")
    )
    (line,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert line["Cuándo"] == "2026-03-11T14:20+01:00"
    assert (line["Alerta"], line["Dónde"], line["Métrica"]) == ("Gasto alto", campaign.name, "Gasto")
    assert (line["Valor"], line["Umbral"], line["Moneda"]) == ("120.5", "100", account.currency)
