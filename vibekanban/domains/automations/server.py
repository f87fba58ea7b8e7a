"""Our n8n: how it is reached."""

from __future__ import annotations

from vibekanban.clients.n8n.api import N8n
from vibekanban.clients.n8n.shapes import Owner
from vibekanban.core.settings import settings


def opened() -> N8n:
    """A client of our n8n; use it as a context manager."""
    chosen = settings()
    owner = Owner(chosen.n8n_owner, chosen.n8n_owner_password) if keeps_apart() else None
    return N8n(chosen.n8n_api, chosen.n8n_api_key, owner=owner)


def keeps_apart() -> bool:
    """Whether each person's things are kept in a project of their own: only n8n's owner may ask which it is."""
    return bool(settings().n8n_owner_password)
