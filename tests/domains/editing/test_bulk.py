"""Bulk edits against the sandbox: every row for itself, in its account's own money, and back again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from tests.domains.editing.shop import Shop, another, read
from tests.domains.meta.meta_sandbox import calls, fault, forget_calls, queued
from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.factories.metrics import a_fact, a_row, write
from vibekanban.core import broker, columns, db
from vibekanban.core.columns import new_id
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.editing import bulk, bulk_running
from vibekanban.domains.editing.bulk import Order, Ran
from vibekanban.domains.editing.bulk_actions import Action
from vibekanban.domains.editing.errors import NotRevertible
from vibekanban.domains.editing.models import RowState, RunState
from vibekanban.domains.meta import connections, insights
from vibekanban.domains.meta.models import AdSet, Level, MetaConnection
from workers import meta_changes

ShopOf = Callable[..., Shop]


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's transaction is one connection, which threads can not share."""
    monkeypatch.setattr(bulk_running, "AT_ONCE", 1)


def order(action: Action, things: list[Any], **params: Any) -> Order:
    return Order(action, [one if isinstance(one, UUID) else one.id for one in things], params)


def run(shop: Shop, action: Action, things: list[Any], **params: Any) -> Ran:
    return bulk.start(shop.user.id, order(action, things, **params), shop.actor)


def finished(shop: Shop, run_id: UUID) -> Ran:
    """What the jobs make of it."""
    while waiting := queued(Job.RUN_BULK):
        broker.connection().delete("rq:queue:human")
        for args in waiting:
            meta_changes.run_bulk(*args)
    shop.session.expire_all()
    return bulk.ran(shop.session, shop.user.id, run_id)


def ad_sets_with_budgets(shop: Shop, count: int) -> list[AdSet]:
    """A campaign of so many ad sets, each with an odd budget of its own."""
    act = f"act_{shop.account.meta_account_id}"
    with connections.opened(shop.account.id, Lane.HUMAN) as meta:
        campaign = meta.post(
            f"{act}/campaigns",
            name="Muchos",
            objective="OUTCOME_TRAFFIC",
            special_ad_categories=[],
            is_adset_budget_sharing_enabled=False,
            status="PAUSED",
        )["id"]
        for number in range(count):
            meta.post(
                f"{act}/adsets",
                name=f"Zona {number}",
                campaign_id=campaign,
                optimization_goal="LINK_CLICKS",
                billing_event="IMPRESSIONS",
                daily_budget=1037 + 13 * number,
                targeting={"geo_locations": {"countries": ["ES"]}},
                status="PAUSED",
            )
    read(shop.session, shop.account)
    query = select(AdSet).where(AdSet.account_id == shop.account.id, col(AdSet.name).startswith("Zona "))
    found = list(shop.session.exec(query.order_by(col(AdSet.meta_id))))
    assert len(found) == count
    return found


def budgets(shop: Shop, things: list[AdSet]) -> list[str]:
    with connections.opened(shop.account.id, Lane.HUMAN) as meta:
        return [meta.get(one.meta_id, fields="daily_budget")["daily_budget"] for one in things]


def test_fifty_budgets_change_and_undoing_restores_each_to_the_minor_unit(shop: Shop) -> None:
    things = ad_sets_with_budgets(shop, 50)
    before = budgets(shop, things)
    ordered = run(shop, Action.CHANGE_BUDGET_PERCENT, things, percent="17.3")
    assert (ordered.run.status, ordered.run.done) == (RunState.RUNNING, 0)
    done = finished(shop, ordered.run.id)
    assert (done.run.status, done.run.done, done.run.failed) == (RunState.DONE, 50, 0)
    exact = [
        str(int((Decimal(one) * Decimal("1.173")).quantize(Decimal(1), "ROUND_HALF_UP"))) for one in before
    ]
    assert budgets(shop, things) == exact
    undone = finished(shop, bulk.start_undo(shop.user.id, done.run.id, shop.actor).run.id)
    assert (undone.run.done, undone.run.failed) == (50, 0)
    assert budgets(shop, things) == before


def test_yen_and_dollars_change_together_and_one_bad_row_fails_alone(shop_of: ShopOf) -> None:
    dollars = shop_of("dificil", "USD")
    yen, pesos = another(dollars, "JPY"), another(dollars, "CLP")
    things = [dollars.campaign(), yen.campaign(), pesos.campaign(), dollars.ad_set(1)]
    done = run(dollars, Action.SET_BUDGET, things, amounts={"USD": "61.37", "JPY": "7001", "CLP": "24001"})
    assert [one.state for one in done.rows] == [RowState.DONE] * 3 + [RowState.FAILED]
    assert done.rows[3].error["fields"] == {"dailyBudget": "editing.rule.campaign_holds_budget"}
    held = [shop.at_meta(shop.campaign(), "daily_budget")["daily_budget"] for shop in (dollars, yen, pesos)]
    assert held == ["6137", "7001", "24001"]


def test_cents_of_yen_fail_that_row_alone(shop_of: ShopOf) -> None:
    dollars = shop_of("dificil", "USD")
    yen = another(dollars, "JPY")
    things = [dollars.campaign(), yen.campaign()]
    found = bulk.preview(
        dollars.user.id, order(Action.SET_BUDGET, things, amounts={"USD": "61.37", "JPY": "700.5"})
    )
    assert [one.trouble and one.trouble.fields for one in found.rows] == [
        None,
        {"dailyBudget": "meta.field.decimals"},
    ]


def test_one_amount_for_several_currencies_is_refused(shop_of: ShopOf) -> None:
    dollars = shop_of("dificil", "USD")
    things = [dollars.campaign(), another(dollars, "JPY").campaign()]
    with pytest.raises(Invalid) as error:
        run(dollars, Action.SET_BUDGET, things, amount="50")
    assert error.value.fields == {"amount": "bulk.rule.amount_per_currency"}


def test_a_percentage_of_yen_is_rounded_to_whole_yen(shop_of: ShopOf) -> None:
    shop = shop_of("dificil", "JPY")
    held = shop.campaign().daily_budget or 0
    found = bulk.preview(shop.user.id, order(Action.CHANGE_BUDGET_PERCENT, [shop.campaign()], percent="3.33"))
    wanted = (Decimal(held) * Decimal("1.0333")).quantize(Decimal(1), "ROUND_HALF_UP")
    assert found.rows[0].after == {"dailyBudget": str(wanted)}


@pytest.fixture
def one_store(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """The metrics store inside of the test's transaction too."""

    @contextmanager
    def joined() -> Iterator[Session]:
        yield session

    monkeypatch.setattr(db, "metrics_transaction", joined)


@pytest.mark.usefixtures("one_store")
def test_a_preview_names_the_money_and_writes_nothing(shop: Shop) -> None:
    campaign, today = shop.campaign(), columns.now().date()
    spent = [
        a_fact(campaign.meta_id, today, spend="30.00"),
        a_fact(shop.campaign(1).meta_id, today, spend="70.00"),
    ]
    write(shop.session, shop.account.id, spent, since=today, until=today)
    whole = a_row(day=today, account_id=shop.account.meta_account_id, spend="100.00")
    facts = [insights.fact(whole, Level.ACCOUNT)]
    write(shop.session, shop.account.id, facts, since=today, until=today, level=Level.ACCOUNT)
    found = bulk.preview(shop.user.id, order(Action.CHANGE_BUDGET_PERCENT, [campaign], percent=-50))
    (weight,) = found.weighed.by_currency
    assert weight.daily_moved == -Decimal(campaign.daily_budget or 0) / 200
    assert (weight.spend_touched, weight.spend_total, weight.share) == (30, 100, 30)
    assert (shop.writes(), shop.changes()) == ([], [])


def test_a_preview_asks_meta_itself_in_one_call_and_writes_nothing(shop: Shop) -> None:
    things = [shop.campaign(), shop.campaign(1)]
    forget_calls(shop.sandbox)
    found = bulk.preview(shop.user.id, order(Action.PAUSE, things))
    assert [(one.asked, one.trouble) for one in found.rows] == [(True, None)] * 2
    assert {
        one["params"].get("execution_options") for one in calls(shop.sandbox) if one["method"] == "POST"
    } == {'["validate_only"]'}
    assert shop.at_meta(things[0], "status")["status"] == "ACTIVE"


def test_a_row_that_meta_would_refuse_says_so_before_it_is_applied(shop: Shop) -> None:
    shop.tell_meta(shop.campaign(), status="ARCHIVED")
    found = bulk.preview(shop.user.id, order(Action.PAUSE, [shop.campaign(), shop.campaign(1)]))
    assert [one.trouble is not None for one in found.rows] == [True, False]


def test_a_connection_that_only_reads_is_known_without_asking(shop: Shop) -> None:
    connection = shop.session.get_one(MetaConnection, shop.account.connection_id)
    connection.scopes = ["ads_read"]
    shop.session.flush()
    forget_calls(shop.sandbox)
    found = bulk.preview(shop.user.id, order(Action.PAUSE, [shop.campaign()]))
    assert found.rows[0].trouble is not None
    assert found.rows[0].trouble.code == "meta_needs_permission"
    assert calls(shop.sandbox) == []


def test_what_is_inside_of_another_is_not_counted_twice(shop: Shop) -> None:
    things = [shop.campaign(), shop.ad_set(), shop.ad()]
    found = bulk.preview(shop.user.id, order(Action.PAUSE, things))
    (weight,) = found.weighed.by_currency
    assert weight.daily_moved == -Decimal(shop.campaign().daily_budget or 0) / 100


def test_names_are_found_and_replaced(shop: Shop) -> None:
    campaign = shop.campaign()
    name, part = campaign.name, campaign.name.split()[0]
    run(shop, Action.RENAME, [campaign], find=part, replace="Nuevo", suffix=" ✓")
    assert shop.at_meta(campaign, "name")["name"] == name.replace(part, "Nuevo") + " ✓"


def test_a_row_that_is_so_already_is_left_alone(shop: Shop) -> None:
    shop.edit(Level.CAMPAIGN, shop.campaign(), {"status": "PAUSED"})
    done = run(shop, Action.PAUSE, [shop.campaign(), shop.campaign(1)])
    assert [one.state for one in done.rows] == [RowState.SAME, RowState.DONE]


def test_a_budget_changed_at_meta_meanwhile_is_not_written_over(shop: Shop) -> None:
    shop.tell_meta(shop.campaign(), daily_budget=99900)
    done = run(shop, Action.CHANGE_BUDGET_PERCENT, [shop.campaign()], percent=10)
    assert (done.rows[0].state, done.rows[0].error_code) == (RowState.FAILED, "changed_since")
    assert shop.at_meta(shop.campaign(), "daily_budget")["daily_budget"] == "99900"


def test_what_meta_alone_refuses_fails_its_row(shop: Shop) -> None:
    fault(shop.sandbox, "error", times=1, path=shop.campaign().meta_id, method="POST", code=100)
    done = run(shop, Action.PAUSE, [shop.campaign(), shop.campaign(1)])
    assert [one.state for one in done.rows] == [RowState.FAILED, RowState.DONE]
    assert done.rows[0].error["said"]["es"]


def test_an_object_of_nobody_is_a_row_that_fails(shop: Shop) -> None:
    done = run(shop, Action.PAUSE, [new_id(), shop.campaign()])
    assert [(one.state, one.error_code) for one in done.rows] == [
        (RowState.FAILED, "not_found"),
        (RowState.DONE, None),
    ]


def test_another_persons_objects_do_not_exist(shop: Shop) -> None:
    stranger = a_user(shop.session)
    theirs = a_campaign(shop.session, an_account(shop.session, a_connection(shop.session, stranger)))
    with pytest.raises(NotFound):
        run(shop, Action.PAUSE, [theirs])
    done = run(shop, Action.PAUSE, [theirs, shop.campaign()])
    with pytest.raises(NotFound):
        bulk.ran(shop.session, stranger.id, done.run.id)
    with pytest.raises(NotFound):
        bulk.start_undo(stranger.id, done.run.id, shop.actor)
    assert theirs.status == "ACTIVE"


@pytest.mark.parametrize(
    ("action", "params", "field"),
    [
        (Action.CHANGE_BUDGET_PERCENT, {"percent": "-100"}, "percent"),
        (Action.CHANGE_BUDGET_PERCENT, {"percent": "x"}, "percent"),
        (Action.SET_BUDGET, {}, "amount"),
        (Action.RENAME, {"replace": "x"}, "find"),
        (Action.PAUSE, {"percent": "1"}, "percent"),
    ],
)
def test_parameters_are_checked(shop: Shop, action: Action, params: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        run(shop, action, [shop.campaign()], **params)
    assert error.value.fields.keys() == {field}


def test_more_than_five_hundred_are_refused(shop: Shop) -> None:
    with pytest.raises(Invalid):
        run(shop, Action.PAUSE, [new_id() for _ in range(501)])


def test_a_batch_is_undone_once(shop: Shop) -> None:
    done = run(shop, Action.PAUSE, [shop.campaign(), shop.campaign(1)])
    assert bulk.start_undo(shop.user.id, done.run.id, shop.actor).run.done == 2
    assert shop.at_meta(shop.campaign(1), "status")["status"] == "ACTIVE"
    with pytest.raises(NotRevertible) as error:
        bulk.start_undo(shop.user.id, done.run.id, shop.actor)
    assert error.value.params == {"reason": "reverted"}


def test_undoing_a_batch_leaves_what_somebody_changed_since(shop: Shop) -> None:
    things = [shop.campaign(), shop.campaign(1)]
    done = run(shop, Action.CHANGE_BUDGET_PERCENT, things, percent=10)
    shop.tell_meta(shop.campaign(), daily_budget=12345)
    undone = bulk.start_undo(shop.user.id, done.run.id, shop.actor)
    states = {one.object_id: one.state for one in undone.rows}
    assert states == {things[0].id: RowState.FAILED, things[1].id: RowState.DONE}
    assert shop.at_meta(shop.campaign(), "daily_budget")["daily_budget"] == "12345"
