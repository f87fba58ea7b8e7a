"""The daily summary as an e-mail: each account's yesterday, what moved, what fired, what is in trouble."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from vibekanban.core import db, i18n
from vibekanban.core.columns import now
from vibekanban.domains.accounts.models import User
from vibekanban.domains.alerts import summary
from vibekanban.domains.alerts.models import Alert, AlertEvent
from vibekanban.domains.meta import accounts
from vibekanban.domains.meta.daily import Daily, Mover, Numbers, daily
from vibekanban.domains.meta.models import ConnectionStatus
from vibekanban.domains.notifications.blocks import Block

MOST_ALERTS = 10
NONE = "—"


@dataclass(frozen=True)
class Told:
    """What a summary is made of; it is `late` while numbers of yesterday are still to be read."""

    accounts: list[Daily]
    fired: list[tuple[str, int]]
    troubles: list[tuple[str, str]]
    late: bool

    @property
    def empty(self) -> bool:
        return all(one.empty for one in self.accounts)


def gathered(session: Session, user_id: UUID) -> Told:
    """Everything a summary tells, read now."""
    with db.metrics_transaction() as store:
        days = [daily(session, store, one) for one in summary.subscribed_accounts(session, user_id)]
    known = accounts.connected(session, user_id, limit=1000)
    readable = {
        one.account.id
        for one in known
        if one.connection.status is ConnectionStatus.ACTIVE and one.account.unreachable_at is None
    }
    late = any(not one.complete and one.account.id in readable for one in days)
    return Told(days, _fired(session, user_id), _troubles(known), late)


def blocks(told: Told, user: User) -> list[Block]:
    """The body of the e-mail in the user's language and timezone; accounts without numbers are left out."""
    shown: list[Block] = []
    for one in told.accounts:
        if not one.empty:
            shown += _account(one, user)
    if told.fired:
        shown.append(_heading(user.locale, "summary.alerts"))
        shown.append({"head": [], "rows": [[name, f"{count} ×"] for name, count in told.fired]})
    if told.troubles:
        shown.append(_heading(user.locale, "summary.troubles"))
        rows = [[name, i18n.say(user.locale, f"summary.trouble.{what}")] for name, what in told.troubles]
        shown.append({"head": [], "rows": rows})
    return shown


def _fired(session: Session, user_id: UUID) -> list[tuple[str, int]]:
    """Alerts that fired within a day, those that fired most first, each with how often."""
    rows = session.execute(
        select(Alert.name, func.count())
        .join(AlertEvent, col(AlertEvent.alert_id) == col(Alert.id))
        .where(AlertEvent.user_id == user_id, AlertEvent.fired_at >= now() - timedelta(days=1))
        .group_by(col(Alert.id))
        .order_by(func.count().desc(), Alert.name)
        .limit(MOST_ALERTS)
    )
    return [(name, count) for name, count in rows]


def _troubles(known: Sequence[accounts.Connected]) -> list[tuple[str, str]]:
    """Connections that do not work and accounts Meta no longer lists."""
    broken = {
        one.connection.id: (one.connection.meta_user_name, one.connection.status.value)
        for one in known
        if one.connection.status is not ConnectionStatus.ACTIVE
    }
    lost = [
        (one.account.name, "unreachable")
        for one in known
        if one.account.unreachable_at is not None and one.connection.id not in broken
    ]
    return [*broken.values(), *lost]


def _account(one: Daily, user: User) -> list[Block]:
    locale, currency = user.locale, one.account.currency
    say = i18n.say
    event = one.account.conversion_event or "omni_purchase"
    lines: list[tuple[str, str, Callable[[Numbers], Any], int]] = [
        ("spend", "", lambda numbers: numbers.spend, 0),
        ("results", event, lambda numbers: numbers.conversions, 1),
        ("cpa", "", lambda numbers: numbers.cpa, -1),
        ("roas", "", lambda numbers: numbers.roas, 1),
    ]
    rows = []
    for name, note, of, better in lines:
        label = say(locale, f"summary.{name}") + (f" ({note})" if note else "")
        value = of(one.numbers)
        rows.append(
            [
                label,
                _written(name, value, currency, locale),
                change(value, of(one.before), locale, better),
                change(value, of(one.mean), locale, better),
            ]
        )
    heads = ["", *(say(locale, f"summary.head.{name}") for name in ("day", "before", "mean"))]
    shown: list[Block] = [
        {"heading": one.account.name},
        {"text": _read_at(one, user)},
        {"head": heads, "rows": rows},
    ]
    if one.movers:
        shown.append(
            {"head": [say(locale, "summary.movers"), *heads[1:3]], "rows": _moved(one.movers, one, locale)}
        )
    return shown


def _moved(movers: Sequence[Mover], one: Daily, locale: str) -> list[list[Any]]:
    return [
        [
            mover.name,
            i18n.money(mover.spend, one.account.currency, locale),
            change(mover.spend, mover.before, locale, 0),
        ]
        for mover in movers
    ]


def _read_at(one: Daily, user: User) -> str:
    """Which day it is, by the account's own calendar, and how fresh the numbers are."""
    day = i18n.day(one.day, user.locale, style="full")
    if one.fetched_at is None:
        return i18n.say(user.locale, "summary.unread", day=day)
    at = i18n.moment(one.fetched_at, user.locale, ZoneInfo(user.timezone))
    key = "summary.read" if one.complete else "summary.read_early"
    return i18n.say(user.locale, key, day=day, at=at)


def _written(name: str, value: Any, currency: str, locale: str) -> str:
    if value is None:
        return NONE
    if name in {"spend", "cpa"}:
        return i18n.money(value, currency, locale)
    return i18n.number(value, locale, decimals=2 if name == "roas" else 0 if value == int(value) else 1)


def change(value: Any, before: Any, locale: str, better: int) -> list[str] | str:
    """`▲ 12 %` with its tone; a sign where there is nothing to compare with."""
    if value is None or not before:
        return NONE
    ratio = float(Decimal(str(value)) / Decimal(str(before))) - 1
    if abs(ratio) < 0.005:
        return "="
    arrow, tone = ("▲", better) if ratio > 0 else ("▼", -better)
    words = f"{arrow} {i18n.percent(abs(ratio), locale, decimals=0)}"
    return [words, "good" if tone > 0 else "bad" if tone < 0 else ""]


def _heading(locale: str, key: str) -> Block:
    return {"heading": i18n.say(locale, key)}


def subject_day(user: User, moment: datetime | None = None) -> str:
    """The day before the reader's own today."""
    local = (moment or now()).astimezone(ZoneInfo(user.timezone))
    return i18n.day(local.date() - timedelta(days=1), user.locale, style="long")
