"""Jobs of exchange rates."""

from __future__ import annotations

from vibekanban.core import logging
from vibekanban.core.errors import OutsideFailed
from vibekanban.domains.currencies import rates

log = logging.logger(__name__)


def read_rates() -> None:
    """Keep what is published; when it cannot be had, totals go on with the rates of the day before."""
    try:
        rates.read()
    except OutsideFailed as error:
        log.warning("rates.unread", reason=error.code)
