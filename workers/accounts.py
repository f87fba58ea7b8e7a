"""Jobs that keep sessions, links and kept answers small."""

from __future__ import annotations

from vibekanban.core import db
from vibekanban.domains.access import oauth
from vibekanban.domains.accounts import idempotency, links, sessions


def forget_old() -> None:
    """Delete what is over: sessions, one-time links, answers kept for a repeat."""
    with db.transaction() as session:
        sessions.forget_old(session)
        links.forget_old(session)
        idempotency.forget_old(session)
        oauth.forget_old(session)
