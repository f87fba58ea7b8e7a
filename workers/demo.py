"""Jobs of the demo."""

from __future__ import annotations

from vibekanban.clients.meta.errors import Refused
from vibekanban.core.logging import logger
from vibekanban.domains.sharing import demo

log = logger(__name__)


def connect() -> None:
    """Connect the demo's media buyer; a sandbox that refuses does so for an address that is not this machine's."""
    try:
        demo.connect()
    except Refused:
        log.warning("demo_not_connected")
