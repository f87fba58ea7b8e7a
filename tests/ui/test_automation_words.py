"""Runs of automations in words."""

from __future__ import annotations

import pytest

from vibekanban.core import columns, i18n
from vibekanban.domains.access.models import AuditEntry, Outcome
from vibekanban.domains.automations.models import AutomationRun
from vibekanban.domains.automations.runs import Done
from vibekanban.ui.automations import words


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_every_end_of_a_call_has_its_word_and_colour(outcome: Outcome, locale: str) -> None:
    call = AuditEntry(user_id=columns.new_id(), tool="pause_campaign", outcome=outcome)
    run = AutomationRun(automation_id=columns.new_id(), user_id=columns.new_id(), execution_id="7")
    [[tool, told, tone]] = words.calls(Done(run, [call]), locale)
    assert tool == "pause_campaign"
    assert told
    assert tone
