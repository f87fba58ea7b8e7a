"""Telling somebody something over the channels that were chosen for it, once each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session

from vibekanban.domains.accounts import queries as people
from vibekanban.domains.notifications import deliveries, inbox, outbox

EMAIL = "email"


def deliver(
    session: Session,
    user_id: UUID,
    *,
    kind: str,
    data: dict[str, Any],
    channels: Sequence[str | UUID],
    dedupe_key: str,
) -> None:
    """Write the inbox line, and order one delivery for each channel; a repeated call adds nothing.

    `channels` are `"email"` (the user's own address) and ids of the user's own channels; an id that is not
    the user's, or is switched off, is passed over. The texts are `notifications.<kind>.title` and `.body`,
    formatted with `data` (plain JSON values); an e-mail uses `emails.<kind>.subject`, `.body` and `.action`
    where they exist. `data["href"]`, a path of the Spanish tree, is the page the message opens.
    """
    params = {name: value for name, value in data.items() if name != "href"}
    href = str(data.get("href") or "")
    inbox.write(session, user_id, kind, params, dedupe_key=dedupe_key, href=href)
    user = people.user(session, user_id)
    if user is None or not user.is_active:
        return
    for chosen in dict.fromkeys(channels):
        if chosen == EMAIL:
            outbox.put(session, user, kind, params, dedupe_key=outbox.key_for(user_id, dedupe_key), href=href)
        else:
            deliveries.put(session, user_id, _id(chosen), kind, params, dedupe_key=dedupe_key, href=href)


def _id(chosen: str | UUID) -> UUID:
    return chosen if isinstance(chosen, UUID) else UUID(chosen)
