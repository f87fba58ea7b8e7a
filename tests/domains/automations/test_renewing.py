"""Automations follow their owner's time zone and their template, where nothing has to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tests.domains.automations.conftest import Shop
from tests.domains.meta.meta_sandbox import queued
from vibekanban.clients.n8n.api import N8n
from vibekanban.core.queue import Job
from vibekanban.domains.access.models import McpToken, Scope
from vibekanban.domains.accounts.models import User
from vibekanban.domains.automations import automations, deploying, renewing, templates
from vibekanban.domains.automations.errors import TemplateOutgrown
from vibekanban.domains.automations.models import State, Wanted
from vibekanban.domains.automations.renewing import Asks
from workers import automations as jobs

KEY = "pause_without_results"
OPTIONAL = {"type": "integer", "minimum": 0, "maximum": 10, "default": 3}


def moved(shop: Shop, timezone: str = "America/Bogota") -> None:
    with shop.database() as session:
        session.get_one(User, shop.user_id).timezone = timezone


def swept(shop: Shop, automation_id: UUID) -> None:
    jobs.sweep()
    deploying.follow(automation_id)


def zone(n8n: N8n, shop: Shop, automation_id: UUID) -> str:
    """In which n8n runs it."""
    workflow = n8n.workflow(str(shop.seen(automation_id).automation.workflow_id))
    return workflow.document["settings"]["timezone"]


def newer(
    monkeypatch: pytest.MonkeyPatch,
    *,
    properties: dict[str, Any] | None = None,
    required: Sequence[str] = (),
    scopes: Sequence[Scope] = (),
) -> int:
    """A next version of the template is ours from now on; its number."""
    old = templates.template(KEY)
    schema = {
        **old.schema,
        "properties": {**old.schema["properties"], **(properties or {})},
        "required": [*old.schema["required"], *required],
    }
    new = replace(old, version=old.version + 1, schema=schema, scopes=(*old.scopes, *scopes))
    held = {**templates.catalogue(), KEY: new}
    monkeypatch.setattr(templates, "catalogue", lambda: held)
    return new.version


def test_a_changed_time_zone_reaches_n8n(shop: Shop, n8n: N8n) -> None:
    automation_id = shop.running()
    assert zone(n8n, shop, automation_id) == "Europe/Madrid"
    moved(shop)
    swept(shop, automation_id)
    assert zone(n8n, shop, automation_id) == "America/Bogota"
    assert shop.seen(automation_id).automation.state is State.RUNNING


def test_what_is_up_to_date_is_left_alone(shop: Shop) -> None:
    automation_id = shop.running()
    before = shop.seen(automation_id).automation.revision
    jobs.sweep()
    assert shop.seen(automation_id).automation.revision == before
    assert queued(Job.FOLLOW_AUTOMATION) == [(str(automation_id),)]  # from its beginning


def test_a_paused_one_follows_and_stays_paused(shop: Shop, n8n: N8n) -> None:
    automation_id = shop.running()
    shop.does(automations.pause, automation_id)
    moved(shop)
    swept(shop, automation_id)
    assert zone(n8n, shop, automation_id) == "America/Bogota"
    assert shop.seen(automation_id).automation.state is State.PAUSED


def test_ended_and_failed_ones_are_left_alone(shop: Shop) -> None:
    ended, failed = shop.running(), shop.running()
    shop.does(automations.end, ended)
    with shop.database() as session:
        session.get_one(automations.Automation, failed).state = State.FAILED
    moved(shop)
    with shop.database() as session:
        assert renewing.renew_the_behind(session) == 0


def test_a_newer_template_that_asks_for_nothing_reaches_n8n(
    shop: Shop, n8n: N8n, monkeypatch: pytest.MonkeyPatch
) -> None:
    automation_id = shop.running(params={"max_spend": 77})
    version = newer(monkeypatch, properties={"patience": OPTIONAL})
    swept(shop, automation_id)
    shown = shop.seen(automation_id)
    assert (shown.automation.version, shown.asks) == (version, None)
    assert shown.automation.params["max_spend"] == 77
    document = str(n8n.workflow(str(shown.automation.workflow_id)).document)
    assert '"patience": 3' in document
    assert '"max_spend": 77' in document


def test_they_follow_some_at_a_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        shop.running()
    newer(monkeypatch)
    with shop.database() as session:
        assert [renewing.renew_the_behind(session, limit=2) for _ in range(3)] == [2, 1, 0]


def test_a_newer_template_that_asks_for_a_value_waits_for_its_owner(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    automation_id = shop.running()
    before = shop.seen(automation_id).automation
    version = newer(monkeypatch, properties={"patience": OPTIONAL}, required=["patience"])
    with shop.database() as session:
        assert [renewing.renew_the_behind(session) for _ in range(2)] == [1, 0]
    shown = shop.seen(automation_id)
    assert (shown.automation.revision, shown.asks) == (before.revision, Asks(["patience"], []))
    with shop.database() as session, pytest.raises(TemplateOutgrown):
        automations.resume(session, shop.user_id, automation_id)
    with shop.database() as session:
        automations.change(session, shop.user_id, automation_id, params={"patience": 5})
    deploying.follow(automation_id)
    shown = shop.seen(automation_id)
    assert (shown.automation.version, shown.asks) == (version, None)
    assert (shown.automation.state, shown.automation.params["patience"]) == (State.RUNNING, 5)


def test_one_that_waits_for_its_owner_does_not_follow_the_time_zone_either(
    shop: Shop, n8n: N8n, monkeypatch: pytest.MonkeyPatch
) -> None:
    automation_id = shop.running()
    newer(monkeypatch, properties={"patience": OPTIONAL}, required=["patience"])
    moved(shop)
    for _ in range(2):
        swept(shop, automation_id)
    assert zone(n8n, shop, automation_id) == "Europe/Madrid"
    assert shop.seen(automation_id).automation.state is State.RUNNING


def test_a_newer_template_that_needs_more_rights_gets_them_from_its_owner(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    automation_id = shop.running()
    old = shop.seen(automation_id).automation.token_id
    newer(monkeypatch, scopes=[Scope.EDIT])
    swept(shop, automation_id)
    assert shop.seen(automation_id).asks == Asks([], [Scope.EDIT])
    with shop.database() as session:
        automations.change(session, shop.user_id, automation_id, params={})
    deploying.follow(automation_id)
    shown = shop.seen(automation_id)
    assert (shown.asks, shown.stops) == (None, [])
    with shop.database() as session:
        token = session.get_one(McpToken, shown.automation.token_id)
        assert token.scopes == ["read", "pause", "edit"]
        assert session.get_one(McpToken, old).revoked_at is not None


def test_one_that_n8n_lost_is_not_made_from_a_template_that_asks_for_more(
    shop: Shop, n8n: N8n, monkeypatch: pytest.MonkeyPatch
) -> None:
    automation_id = shop.running()
    n8n.delete_workflow(str(shop.seen(automation_id).automation.workflow_id))
    newer(monkeypatch, properties={"patience": OPTIONAL}, required=["patience"])
    shop.does(automations.pause, automation_id)
    shown = shop.seen(automation_id).automation
    assert (shown.wanted, shown.state) == (Wanted.PAUSED, State.FAILED)
    assert shown.problem == "automation_outgrown"
