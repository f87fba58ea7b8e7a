"""The kinds of notices: what each is about, may it disturb somebody's quiet hours, may its e-mail come twice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Subject(StrEnum):
    """What people choose channels for."""

    CONNECTIONS = "connections"
    ALERTS = "alerts"
    BOARD = "board"
    SHARING = "sharing"
    AUTOMATIONS = "automations"


@dataclass(frozen=True)
class Kind:
    """`subject` is None for what only ever goes where it is told to go; `once`: a second e-mail would read as a
    second event, and the inbox shows the first.
    """

    subject: Subject | None
    urgent: bool = False
    once: bool = False


KINDS = {
    "connection_needs_reauth": Kind(Subject.CONNECTIONS, urgent=True),
    "connection_needs_user_action": Kind(Subject.CONNECTIONS, urgent=True),
    "connection_expires": Kind(Subject.CONNECTIONS),
    "accounts_unreachable": Kind(Subject.CONNECTIONS),
    "alert_fired": Kind(Subject.ALERTS, once=True),
    "alert_fired_many": Kind(Subject.ALERTS, once=True),
    "alert_pause_done": Kind(Subject.ALERTS, once=True),
    "alert_pauseToday_done": Kind(Subject.ALERTS, once=True),
    "alert_changeBudget_done": Kind(Subject.ALERTS, once=True),
    "alert_action_refused": Kind(Subject.ALERTS, once=True),
    "alert_action_limited": Kind(Subject.ALERTS, once=True),
    "alert_action_no_budget": Kind(Subject.ALERTS, once=True),
    "alert_action_stopped": Kind(Subject.ALERTS, once=True),
    "board_assigned": Kind(Subject.BOARD),
    "board_mentioned": Kind(Subject.BOARD),
    "share_invited": Kind(Subject.SHARING),
    "share_accepted": Kind(Subject.SHARING),
    "share_declined": Kind(Subject.SHARING),
    "automation_failed": Kind(Subject.AUTOMATIONS, once=True),
    "automation_failing": Kind(Subject.AUTOMATIONS, once=True),
    "automation_not_deployed": Kind(Subject.AUTOMATIONS, once=True),
    "daily_summary": Kind(None, urgent=True, once=True),
    "report": Kind(None, urgent=True, once=True),
}
# where a subject goes until its owner says otherwise
USUAL = {
    Subject.CONNECTIONS: ("email",),
    Subject.ALERTS: ("email",),
    Subject.BOARD: (),
    Subject.SHARING: ("email",),
    Subject.AUTOMATIONS: ("email",),
}
_UNKNOWN = Kind(None, urgent=True)  # better at night than lost in a table nobody filled in


def of(kind: str) -> Kind:
    return KINDS.get(kind, _UNKNOWN)
