"""What an alert does at Meta when it fires: once, within its guardrails, and undone at midnight where it said so."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session, select

from tests.conftest import Sandbox
from tests.domains.editing.shop import Shop, a_shop
from tests.domains.meta.meta_sandbox import fault, queued
from tests.factories.accounts import a_user
from tests.factories.alerts import ABOVE_100, AT, a_firing, an_alert, read, spent
from tests.factories.meta import a_campaign, a_connection, an_account
from vibekanban.clients.meta import errors as meta_errors
from vibekanban.core import columns
from vibekanban.core.errors import Invalid
from vibekanban.core.queue import Job
from vibekanban.domains.alerts import actions, alerts, engine, telling
from vibekanban.domains.alerts.models import ActionOutcome, AlertEvent, AlertResume, AlertType
from vibekanban.domains.guarding import stopping
from vibekanban.domains.meta.models import ActorKind, Level, MetaAccount
from vibekanban.domains.notifications import inbox

PAUSE, TODAY = {"kind": "pause"}, {"kind": "pauseToday"}


def budget(percent: float, **limits: Any) -> dict[str, Any]:
    return {"kind": "changeBudget", "percent": percent, "atMost": 1000, **limits}


@pytest.fixture
def shop(session: Session, sandbox: Sandbox) -> Shop:
    return a_shop(session, sandbox)


def acted(shop: Shop, action: dict[str, Any], **values: Any) -> tuple[AlertEvent, ActionOutcome | None]:
    """A firing for the shop's first campaign, acted upon."""
    alert = an_alert(shop.session, shop.account, action=action, **values)
    event = a_firing(shop.session, alert, shop.campaign())
    return event, actions.act(event.id)


def test_a_pause_is_made_at_meta_and_logged_as_the_rules(shop: Shop) -> None:
    event, outcome = acted(shop, PAUSE)
    assert outcome is ActionOutcome.DONE
    assert shop.at_meta(shop.campaign(), "status")["status"] == "PAUSED"
    change = shop.change(event.change_id)
    assert (change.action, change.actor_kind, change.actor_name) == ("pause", ActorKind.RULE, "Gasto alto")
    titles = [line.title for line in inbox.lines(shop.session, shop.user.id, "es")]
    assert titles == [f"«{shop.campaign().name}» está en pausa"]


def test_a_firing_is_acted_upon_once(shop: Shop) -> None:
    event, _ = acted(shop, budget(10))
    writes = len(shop.writes())
    assert actions.act(event.id) is None
    assert len(shop.writes()) == writes


def test_a_second_try_finds_the_change_of_the_first(shop: Shop) -> None:
    event, _ = acted(shop, budget(10))
    writes, change_id = len(shop.writes()), event.change_id
    event.acted_at, event.acting_until, event.outcome = None, None, None
    shop.session.flush()
    assert actions.act(event.id) is ActionOutcome.DONE
    assert (event.change_id, len(shop.writes())) == (change_id, writes)


def test_what_is_paused_already_is_left_alone_and_nobody_resumes_it(shop: Shop) -> None:
    shop.tell_meta(shop.campaign(), status="PAUSED")
    _, outcome = acted(shop, TODAY)
    assert outcome is ActionOutcome.UNCHANGED
    assert shop.session.exec(select(AlertResume)).all() == []


def test_a_pause_of_today_ends_at_the_accounts_midnight(shop: Shop) -> None:
    event, _ = acted(shop, TODAY)
    pause = shop.session.get_one(AlertResume, event.id)
    assert pause.resume_at == actions.midnight(shop.account, columns.now())
    assert actions.due(shop.session) == []
    pause.resume_at = columns.now()
    shop.session.flush()
    assert actions.due(shop.session) == [event.id]
    assert actions.resume(event.id)
    assert shop.at_meta(shop.campaign(), "status")["status"] == "ACTIVE"
    assert actions.due(shop.session) == []
    assert not actions.resume(event.id)


def test_a_pause_that_somebody_else_made_since_is_not_ended(shop: Shop) -> None:
    event, _ = acted(shop, TODAY)
    shop.edit(Level.CAMPAIGN, shop.campaign(), {"status": "ACTIVE"})
    shop.edit(Level.CAMPAIGN, shop.campaign(), {"status": "PAUSED"})
    assert not actions.resume(event.id)
    assert shop.at_meta(shop.campaign(), "status")["status"] == "PAUSED"


def test_a_budget_changes_by_percent_of_what_meta_holds(shop: Shop) -> None:
    shop.tell_meta(shop.campaign(), daily_budget=10000)
    event, outcome = acted(shop, budget(-20))
    assert outcome is ActionOutcome.DONE
    assert shop.at_meta(shop.campaign(), "daily_budget")["daily_budget"] == "8000"
    assert shop.change(event.change_id).after == {"dailyBudget": "80.00"}


def test_a_budget_changes_so_often_a_day_and_no_more(shop: Shop) -> None:
    alert = an_alert(shop.session, shop.account, action=budget(10))
    outcomes = [actions.act(a_firing(shop.session, alert, shop.campaign(), columns.now() - timedelta(minutes=n)).id)
                for n in (2, 1)]  # fmt: skip
    assert outcomes == [ActionOutcome.DONE, ActionOutcome.LIMITED]


@pytest.mark.parametrize(
    ("held", "action", "currency", "after"),
    [
        (10000, budget(20), "EUR", "120.00"),
        (10000, budget(20, atMost=110), "EUR", "110.00"),
        (10000, budget(20, atMost=90), "EUR", None),
        (10000, budget(-50, atLeast=70), "EUR", "70.00"),
        (10000, budget(-50, atLeast=200), "EUR", None),
        (1005, budget(-50), "EUR", "5.02"),
        (1005, budget(-50), "JPY", "502"),
        (1, budget(-90), "JPY", None),
    ],
)
def test_a_budget_stays_within_its_guardrails(
    held: int, action: dict[str, Any], currency: str, after: str | None
) -> None:
    written = actions.read(action, Level.CAMPAIGN)
    assert isinstance(written, actions.ChangeBudget)
    assert actions.changed(held, written, currency) == (Decimal(after) if after else None)


def test_an_ad_set_whose_campaign_holds_the_budget_has_none_to_change(
    session: Session, sandbox: Sandbox
) -> None:
    shop = a_shop(session, sandbox)
    alert = an_alert(session, shop.account, action=budget(10), level=Level.AD_SET)
    event = a_firing(session, alert, shop.ad_set())
    assert actions.act(event.id) is ActionOutcome.NO_BUDGET


def test_what_meta_refuses_is_told_and_not_tried_again(shop: Shop, sandbox: Sandbox) -> None:
    shop.tell_meta(shop.campaign(), status="ARCHIVED")
    event, outcome = acted(shop, PAUSE)
    assert (outcome, event.error_code) == (ActionOutcome.REFUSED, "not_switchable")
    assert actions.waiting(shop.session) == []


def test_while_meta_is_away_it_is_tried_again(shop: Shop, sandbox: Sandbox) -> None:
    alert = an_alert(shop.session, shop.account, action=PAUSE)
    event = a_firing(shop.session, alert, shop.campaign())
    fault(sandbox, "html502", times=-1)
    with pytest.raises(meta_errors.MetaError):
        actions.act(event.id)
    sandbox.admin.delete("/_sandbox/faults")
    assert actions.waiting(shop.session) == [event.id]
    assert actions.act(event.id) is ActionOutcome.DONE


def test_an_alert_that_was_switched_off_meanwhile_does_nothing(shop: Shop) -> None:
    alert = an_alert(shop.session, shop.account, action=PAUSE)
    event = a_firing(shop.session, alert, shop.campaign())
    alerts.change(shop.session, shop.user.id, alert.id, is_active=False)
    assert actions.act(event.id) is ActionOutcome.SWITCHED_OFF
    assert shop.writes() == []


def test_a_kill_switch_holds_an_action_and_says_so(shop: Shop) -> None:
    stopping.stop_account(shop.session, shop.user.id, shop.account.id, stopped=True)
    event, outcome = acted(shop, PAUSE)
    assert outcome is ActionOutcome.STOPPED
    assert shop.writes() == []
    (line,) = inbox.lines(shop.session, shop.user.id, "es")
    assert line.title == "Tu alerta no ha actuado: está detenido"
    assert shop.account.name in line.body
    stopping.stop_account(shop.session, shop.user.id, shop.account.id, stopped=False)
    assert actions.waiting(shop.session) == []
    assert actions.act(event.id) is None


def test_the_switch_for_everything_holds_actions_too(shop: Shop) -> None:
    stopping.stop_everything(shop.session, shop.user.id, stopped=True)
    _, outcome = acted(shop, budget(10))
    assert outcome is ActionOutcome.STOPPED
    assert shop.writes() == []


def test_a_pause_of_today_ends_when_the_switch_is_off_again(shop: Shop) -> None:
    event, _ = acted(shop, TODAY)
    pause = shop.session.get_one(AlertResume, event.id)
    pause.resume_at = columns.now()
    stopping.stop_account(shop.session, shop.user.id, shop.account.id, stopped=True)
    assert actions.due(shop.session) == []
    assert not actions.resume(event.id)
    assert shop.at_meta(shop.campaign(), "status")["status"] == "PAUSED"
    stopping.stop_account(shop.session, shop.user.id, shop.account.id, stopped=False)
    assert actions.due(shop.session) == [event.id]
    assert actions.resume(event.id)


def test_an_ad_sets_budget_changes_four_times_an_hour_and_no_more(session: Session, sandbox: Sandbox) -> None:
    shop = a_shop(session, sandbox, "dificil", "MXN")
    own = shop.ad_set(1)
    for amount in range(4):
        shop.edit(Level.AD_SET, own, {"daily_budget": Decimal(500 + amount)})
    writes = len(shop.writes())
    alert = an_alert(session, shop.account, action=budget(10), level=Level.AD_SET)
    event = a_firing(session, alert, own)
    assert actions.act(event.id) is ActionOutcome.LIMITED
    assert event.error_code == "budget_changed_too_often"
    assert len(shop.writes()) == writes


def test_a_pass_orders_the_action_with_the_notice(database: Any, account: MetaAccount) -> None:
    with database() as session:
        campaign = a_campaign(session, account)
        an_alert(session, campaign, action=PAUSE)
        an_alert(session, campaign, name="Solo aviso")
        read(session, account.id, AT)
    spent(account.id, AT, {"campaign": campaign.meta_id, "spend": "120"})
    engine.judge()
    telling.tell()
    with database() as session:
        events = session.exec(select(AlertEvent)).all()
        ordered = [str(event.id) for event in events if event.action]
        assert len(events) == 2
        assert actions.waiting(session) == [event.id for event in events if event.action]
    assert queued(Job.ACT_ON_ALERT) == [(event_id,) for event_id in ordered]


@pytest.mark.parametrize(
    ("action", "level", "field"),
    [
        ({"kind": "explode"}, Level.CAMPAIGN, "action.kind"),
        ({"kind": "changeBudget", "percent": 10}, Level.CAMPAIGN, "action.atMost"),
        (budget(0), Level.CAMPAIGN, "action.percent"),
        (budget(10), Level.AD, "action"),
        (PAUSE, Level.ACCOUNT, "action"),
    ],
)
def test_an_action_that_can_not_be_done_is_refused(
    session: Session, action: dict[str, Any], level: Level, field: str
) -> None:
    account = an_account(session, a_connection(session, a_user(session)))
    with pytest.raises(Invalid) as refused:
        alerts.create(
            session,
            account.user_id,
            name="Alerta",
            type=AlertType.BUDGET_THRESHOLD,
            account_id=account.id,
            condition=ABOVE_100,
            window="today",
            level=level,
            action=action,
        )
    assert list(refused.value.fields) == [field]
