"""Firings as a table of plain values, for CSV files: a line a number that made one fire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from vibekanban.core import sheet
from vibekanban.core.i18n import say
from vibekanban.domains.alerts import wording
from vibekanban.domains.alerts.models import Alert, AlertEvent
from vibekanban.domains.meta.models import MetaAccount

COLUMNS = ("when", "name", "account", "thing", "id", "metric", "window", "value", "before", "threshold", "currency",
           "outcome")  # fmt: skip


def csv(
    firings: Iterable[AlertEvent],
    alerts: Mapping[UUID, Alert],
    accounts: Mapping[UUID, MetaAccount],
    locale: str,
    zone: ZoneInfo,
) -> str:
    """The firings of these alerts, moments on the reader's clock."""
    header = [say(locale, f"alerts.column.{name}") for name in COLUMNS]
    return sheet.text(header, _rows(firings, alerts, accounts, locale, zone))


def _rows(
    firings: Iterable[AlertEvent],
    alerts: Mapping[UUID, Alert],
    accounts: Mapping[UUID, MetaAccount],
    locale: str,
    zone: ZoneInfo,
) -> Iterator[list[str]]:
    for one in firings:
        account = accounts.get(one.account_id)
        first = [
            one.fired_at.astimezone(zone).isoformat(timespec="minutes"),
            alerts[one.alert_id].name,
            account.name if account else "",
            one.object_name,
            str(one.object_id),
        ]
        last = [account.currency if account else "", outcome(one, locale)]
        for number in sorted(one.numbers, key=lambda each: each["leaf"]):
            if number["met"]:
                now = wording.NOW
                window = "" if number["metric"] in now else wording.window(number["window"], locale)
                values = [_plain(number[name]) for name in ("value", "before", "threshold")]
                yield [*first, say(locale, f"alerts.metric.{number['metric']}"), window, *values, *last]


def outcome(firing: AlertEvent, locale: str) -> str:
    """What became of the firing's action; nothing for one that only tells."""
    if firing.action is None:
        return ""
    what = say(locale, f"alerts.action.{firing.action['kind']}")
    became = say(locale, f"alerts.outcome.{firing.outcome or 'waiting'}")
    return f"{what}: {became}"


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"
