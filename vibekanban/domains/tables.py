"""Imports every table, so that foreign keys and migrations see them all."""

from sqlmodel import SQLModel

from vibekanban.domains.access import models as access
from vibekanban.domains.accounts import models as accounts
from vibekanban.domains.alerts import models as alerts
from vibekanban.domains.automations import models as automations
from vibekanban.domains.board import models as board
from vibekanban.domains.currencies import models as currencies
from vibekanban.domains.editing import models as editing
from vibekanban.domains.guarding import models as guarding
from vibekanban.domains.meta import models as meta
from vibekanban.domains.meta import run_models as meta_runs
from vibekanban.domains.notifications import models as notifications
from vibekanban.domains.reporting import models as reporting
from vibekanban.domains.sharing import models as sharing

METADATA = SQLModel.metadata

__all__ = [
    "METADATA",
    "access",
    "accounts",
    "alerts",
    "automations",
    "board",
    "currencies",
    "editing",
    "guarding",
    "meta",
    "meta_runs",
    "notifications",
    "reporting",
    "sharing",
]
