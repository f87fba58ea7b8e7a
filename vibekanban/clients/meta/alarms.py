"""What an operator must see: our app's secret, its version, its permissions at Meta. Never a tenant's fault."""

from __future__ import annotations

from typing import Any

from vibekanban.core import broker, logging

EVERY = 3600  # seconds; one line an hour says it, thousands would hide it

log = logging.logger(__name__)


def alarm(kind: str, **facts: Any) -> None:
    """Log an error once an hour for all processes."""
    if broker.connection().set(f"meta:alarm:{kind}", b"1", nx=True, ex=EVERY):
        log.error("meta.operator_alarm", kind=kind, **facts)
