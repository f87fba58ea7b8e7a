"""Changing the key that seals stored secrets."""

from __future__ import annotations

from vibekanban.core import db, vault
from vibekanban.domains.meta import connections
from vibekanban.domains.notifications import own_channels
from vibekanban.runtime.refusal import Refusal


def rotate_keys() -> None:
    """Seal every stored secret again with the present key, batch by batch, so that no lock lasts."""
    total = 0
    while True:
        try:
            with db.transaction() as session:
                sealed = connections.reencrypt(session) + own_channels.reencrypt(session)
        except vault.Undecryptable:
            raise Refusal(
                "A stored secret opens with no key: add the one that sealed it to ENCRYPTION_KEYS_OLD."
            ) from None
        if sealed == 0:
            break
        total += sealed
    print(f"{total} secrets are sealed with the present key now; ENCRYPTION_KEYS_OLD may be emptied.")
