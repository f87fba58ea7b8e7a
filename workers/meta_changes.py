"""Jobs of the change log."""

from __future__ import annotations

from vibekanban.core import db
from vibekanban.core.errors import AppError
from vibekanban.core.logging import logger
from vibekanban.domains.meta import changes, switching

log = logger(__name__)


def resolve_changes() -> None:
    """Settle changes whose writer died by looking at each object; what Meta will not say waits its turn."""
    with db.transaction() as session:
        stranded = changes.stranded(session)
    for change in stranded:
        try:
            outcome = switching.resolve(change)
        except AppError as error:
            log.warning("change_unresolved", change=str(change.id), code=error.code)
        else:
            log.info("change_resolved", change=str(change.id), outcome=outcome.value)
