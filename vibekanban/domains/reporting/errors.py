"""What can be wrong with saved reports."""

from __future__ import annotations

from vibekanban.core.errors import Conflict


class TooManyReports(Conflict):
    code = "too_many_reports"
