"""What can go wrong with automations."""

from __future__ import annotations

from vibekanban.core.errors import Conflict, NotFound


class UnknownTemplate(NotFound):
    code = "automation_template_unknown"


class TooManyAutomations(Conflict):
    code = "too_many_automations"


class AutomationEnded(Conflict):
    """It ended: nothing changes it any more."""

    code = "automation_ended"


class TemplateOutgrown(Conflict):
    """Its template has a newer version that asks for what only its owner can say."""

    code = "automation_outgrown"


class NotRunning(Conflict):
    """It can be run now only while it runs."""

    code = "automation_not_running"
