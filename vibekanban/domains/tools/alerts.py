"""Tools of alerts: reading, trying on the past, writing, switching off and on, deleting, restoring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from sqlmodel import Session

from vibekanban.core import db, i18n
from vibekanban.core.errors import NotFound
from vibekanban.domains.access.models import Scope
from vibekanban.domains.alerts import actions, alerts, backtest
from vibekanban.domains.alerts.actions import ActionKind, ChangeBudget
from vibekanban.domains.alerts.models import Alert, AlertType
from vibekanban.domains.alerts.shapes import Backtest, FiringRow, Watched
from vibekanban.domains.meta import objects
from vibekanban.domains.meta.models import Level, MetaAccount
from vibekanban.domains.tools import keeping, reach, settable
from vibekanban.domains.tools.shapes import Arguments, Optional, Paging, Reference, page_of, past
from vibekanban.domains.tools.tool import Context, Done, InvalidArguments
from vibekanban.domains.tools.writing import Budgets, Writing

AlertName = Annotated[str, Field(min_length=1, max_length=120)]
Channel = Literal["email"] | UUID


# what an alert is drafted from
KEPT = (
    "account_id", "campaign_id", "level", "name", "type", "name_filter", "condition", "window", "maturity_hours",
    "minimum", "cooldown_minutes", "hysteresis", "channels", "action", "is_active",
)  # fmt: skip


class AlertRow(Watched):
    """`id` is null of one that is only tried."""

    id: UUID | None


class WrittenAlert(keeping.Written):
    item: AlertRow | None


class BacktestResult(Backtest):
    """`count` firings, of which `firings` are the first hundred."""

    count: int


class ListAlerts(Paging):
    account_id: Reference | Optional = None
    campaign_id: Reference | Optional = None


class GetAlertEvents(Paging):
    alert_id: UUID


class _Fields(Arguments):
    """What an alert watches and does; the condition is judged on each object of the level."""

    type: AlertType = AlertType.PERFORMANCE_DROP
    level: Literal["account", "campaign", "adset", "ad"] = "campaign"
    name_filter: Annotated[str, Field(max_length=100)] = ""
    window: Annotated[str, Field(max_length=20)] = "today"
    maturity_hours: Annotated[int, Field(ge=0, le=168)] = 0
    minimum: settable.Document | Optional = None
    cooldown_minutes: Annotated[int, Field(ge=0, le=43200)] = 60
    hysteresis: Annotated[float, Field(ge=0, le=100)] = 0
    channels: Annotated[list[Channel], Field(max_length=20)] | Optional = None
    action: settable.Document | Optional = None

    def values(self) -> dict[str, Any]:
        """What was given, over the defaults of a new one, as the use cases take it."""
        skipped = {*Writing.model_fields, "account_id", "campaign_id", "alert_id", "since", "until"}
        named = self.model_fields_set if isinstance(self, UpdateAlert) else type(self).model_fields.keys()
        found = {name: getattr(self, name) for name in named - skipped}
        if "level" in found:
            found["level"] = Level(found["level"])
        if found.get("channels") is not None:
            found["channels"] = [str(one) for one in found["channels"]]
        return found


class _New(_Fields):
    name: AlertName
    account_id: Reference | Optional = None
    campaign_id: Reference | Optional = None
    condition: settable.Document


class CreateAlert(_New, Writing):
    pass


class BacktestAlert(_New):
    since: date | Optional = None
    until: date | Optional = None


class UpdateAlert(_Fields, Writing):
    alert_id: UUID
    name: AlertName | Optional = None
    condition: settable.Document | Optional = None
    is_active: bool = True


class OneAlert(Writing):
    alert_id: UUID


def list_alerts(context: Context, asked: ListAlerts) -> Done:
    caller = context.caller
    with db.transaction() as session:
        account_ids = reach.narrowed(session, caller, asked.account_id)
        campaign_id = None
        if asked.campaign_id:
            campaign_id = objects.found(
                session, caller.user_id, Level.CAMPAIGN, asked.campaign_id, account_ids=account_ids
            ).id
        rows = alerts.alerts(
            session,
            caller.user_id,
            account_ids=account_ids,
            campaign_id=campaign_id,
            before=past(asked.cursor),
            limit=asked.limit + 1,
        )
        return Done(page_of([AlertRow.model_validate(one) for one in rows], asked.limit))


def events(context: Context, asked: GetAlertEvents) -> Done:
    with db.transaction() as session:
        found = _reached(session, context, asked.alert_id)
        rows = alerts.firings(
            session, context.caller.user_id, found.id, before=past(asked.cursor), limit=asked.limit + 1
        )
        shown = [FiringRow.model_validate(one) for one in rows]
        return Done(page_of(shown, asked.limit), account_id=found.account_id)


def backtested(context: Context, asked: BacktestAlert) -> Done:
    watch = context.watch
    place = _place(context, asked)

    def step(judged: int, total: int) -> None:
        watch.check()
        words = "backtest" if judged < total else "done"
        watch.tell(judged, total, i18n.say(context.locale, f"mcp.progress.{words}"))

    replay = backtest.backtest(
        context.caller.user_id, since=asked.since, until=asked.until, step=step, **place, **asked.values()
    )
    first = Backtest.model_validate(replace(replay, firings=replay.firings[:100]))
    result = BacktestResult(**dict(first), count=len(replay.firings))
    return Done(result, account_id=place["account_id"])


def create(context: Context, asked: CreateAlert) -> Done:
    user_id = context.caller.user_id
    place, values = _place(context, asked), asked.values()

    with db.transaction() as session:
        draft, _ = alerts.drafted(session, user_id, **place, **values)

    def made(session: Session) -> Alert:
        return alerts.create(session, user_id, **place, **values)

    return _write(context, asked, "create_alert", draft, lambda: draft, made, "alert_created", draft.action)


def update(context: Context, asked: UpdateAlert) -> Done:
    user_id, values = context.caller.user_id, asked.values()
    if not values:
        raise InvalidArguments({"alertId": "mcp.fields.nothing"})
    with db.transaction() as session:
        found = _reached(session, context, asked.alert_id)

    def tried() -> Alert:
        kept = {name: getattr(found, name) for name in KEPT}
        with db.transaction() as session:
            return alerts.drafted(session, user_id, **{**kept, **values})[0]

    def changed(session: Session) -> Alert:
        return alerts.change(session, user_id, found.id, **values)

    action = values.get("action", found.action)
    return _write(context, asked, "update_alert", found, tried, changed, "alert_changed", action)


def switch(active: bool) -> Callable[[Context, OneAlert], Done]:
    """Switching an alert on, or off."""

    def run(context: Context, asked: OneAlert) -> Done:
        user_id = context.caller.user_id
        with db.transaction() as session:
            found = _reached(session, context, asked.alert_id)
        words = "resume_alert" if active else "pause_alert"

        def changed(session: Session) -> Alert:
            return alerts.change(session, user_id, found.id, is_active=active)

        # what it does is let loose by switching it on
        action = found.action if active else None
        return _write(context, asked, words, found, lambda: found, changed, words, action)

    return run


def delete(context: Context, asked: OneAlert) -> Done:
    with db.transaction() as session:
        found = _reached(session, context, asked.alert_id)

    def removed(session: Session) -> Alert:
        alerts.remove(session, context.caller.user_id, found.id)
        return found

    return _write(context, asked, "delete_alert", found, lambda: found, removed, "alert_deleted", None)


def restore(context: Context, asked: OneAlert) -> Done:
    user_id = context.caller.user_id
    with db.transaction() as session:
        found = _reached(session, context, asked.alert_id, or_removed=True)

    def back(session: Session) -> Alert:
        return alerts.restore(session, user_id, found.id)

    # what it does is let loose again
    return _write(context, asked, "restore_alert", found, lambda: found, back, "alert_restored", found.action)


# -- shared


def _reached(session: Session, context: Context, alert_id: UUID, *, or_removed: bool = False) -> Alert:
    found = alerts.alert(session, context.caller.user_id, alert_id, or_removed=or_removed)
    if found.account_id not in context.caller.account_ids:
        raise NotFound()
    return found


def _place(context: Context, asked: _New) -> dict[str, Any]:
    """The account, and the campaign where it watches but one."""
    caller = context.caller
    if asked.account_id is None and asked.campaign_id is None:
        raise InvalidArguments({"accountId": "mcp.fields.missing"})
    with db.transaction() as session:
        account_ids = reach.narrowed(session, caller, asked.account_id)
        if asked.campaign_id is None:
            return {"account_id": account_ids[0]}
        campaign = objects.found(
            session, caller.user_id, Level.CAMPAIGN, asked.campaign_id, account_ids=account_ids
        )
        return {"account_id": campaign.account_id, "campaign_id": campaign.id}


def _write(
    context: Context,
    asked: Writing,
    tool: str,
    alert: Alert,
    preview: Callable[[], Alert],
    act: Callable[[Session], Alert],
    words: str,
    action: Mapping[str, Any] | None,
) -> Done:
    does = actions.read(dict(action), alert.level) if action else None
    also = tuple(NEEDED[does.kind]) if does else ()
    for scope in also:
        context.caller.must(scope)  # an alert that acts is a write put off
    with db.transaction() as session:
        currency = session.get_one(MetaAccount, alert.account_id).currency
    kept = keeping.Keeping(
        tool, Scope.ALERTS, alert.account_id, alert.name, preview, act, words, currency, also, _budgets(does)
    )
    return keeping.kept(context, asked, kept, AlertRow.model_validate, WrittenAlert)


NEEDED: Mapping[ActionKind, tuple[Scope, ...]] = {
    ActionKind.PAUSE: (Scope.PAUSE,),
    ActionKind.PAUSE_TODAY: (Scope.PAUSE, Scope.RESUME),
    ActionKind.CHANGE_BUDGET: (Scope.EDIT,),
}


def _budgets(does: actions.Action | None) -> Budgets:
    """The largest step the action may take: from what comes to its most, to its most."""
    if not isinstance(does, ChangeBudget):
        return {}
    most = Decimal(str(does.at_most))
    percent = Decimal(str(does.percent))
    return {"dailyBudget": (most * 100 / (100 + percent), most)}
