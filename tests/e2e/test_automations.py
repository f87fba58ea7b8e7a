"""A person has n8n run a template on their account, sees what it did, lets it act, and ends it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Somebody, settled
from vibekanban.core.i18n import say

pytestmark = pytest.mark.browser


def test_an_automation_is_started_run_changed_and_ended(visit: Visit, somebody: Somebody) -> None:
    page = visit(storage_state=somebody.state).tab()
    page.goto("/app/automations")
    settled(page)
    page.get_by_role("button", name=say("es", "automations.templates.pause_without_results")).click()
    form = page.locator("dialog#automation")
    form.locator("input[name=name]").fill("De prueba")
    form.locator("input[type=checkbox][name^=account-]").first.check()
    form.locator("input[name=param-max_spend]").fill("1000000")
    form.get_by_role("button", name=say("es", "automations.begin")).click()
    expect(page.locator(".pill", has_text=say("es", "automations.state.RUNNING"))).to_be_visible(
        timeout=30_000
    )
    expect(page.get_by_text(say("es", "automations.trying"), exact=True)).to_be_visible()

    page.locator("main").get_by_role("button", name=say("es", "automations.run"), exact=True).first.click()
    page.locator("dialog#automation-run").get_by_role("button", name=say("es", "automations.run")).click()
    expect(page.get_by_text(say("es", "automations.nothing"))).to_be_visible(timeout=30_000)

    page.locator("main").get_by_role("button", name=say("es", "automations.change"), exact=True).first.click()
    change = page.locator("dialog#automation-change")
    change.locator("input[name=mode][value=real]").check()
    change.get_by_role("button", name=say("es", "ui.save")).click()
    expect(page.locator(".pill", has_text=say("es", "automations.real"))).to_be_visible()

    page.locator("main").get_by_role("button", name=say("es", "automations.end"), exact=True).first.click()
    page.locator("dialog#automation-end").get_by_role("button", name=say("es", "automations.end")).click()
    expect(page.locator(".pill", has_text=say("es", "automations.state.ENDED"))).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name=say("es", "automations.run"))).to_have_count(0)
