"""Failures of alerts."""

from __future__ import annotations

from vibekanban.core.errors import Conflict


class TooManyAlerts(Conflict):
    """Somebody has as many alerts as one person may have."""

    code = "too_many_alerts"
