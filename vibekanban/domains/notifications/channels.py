"""Telling somebody something over the channels that were chosen for it, once each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session

from vibekanban.domains.accounts import queries as people
from vibekanban.domains.notifications import deliveries, inbox, kinds, outbox, preferences

EMAIL = preferences.EMAIL


def deliver(
    session: Session,
    user_id: UUID,
    *,
    kind: str,
    data: dict[str, Any],
    channels: Sequence[str | UUID],
    dedupe_key: str,
    urgent: bool | None = None,
) -> None:
    """Write the inbox line, and order one delivery for each channel; a repeated call adds nothing.

    `channels` are `"email"` (the user's own address) and ids of the user's own channels; an id that is not
    the user's, or is switched off, is passed over. The texts are `notifications.<kind>.title` and `.body`,
    formatted with `data` (plain JSON values); an e-mail uses `emails.<kind>.subject`, `.body` and `.action`
    where they exist. `data["href"]`, a path of the Spanish tree, is the page the message opens.
    What is not `urgent` (by default as its kind says) waits for the end of the user's quiet hours.
    """
    params = {name: value for name, value in data.items() if name != "href"}
    href = str(data.get("href") or "")
    inbox.write(session, user_id, kind, params, dedupe_key=dedupe_key, href=href)
    user = people.user(session, user_id)
    if user is None or not user.is_active:
        return
    now_too = kinds.of(kind).urgent if urgent is None else urgent
    not_before = None if now_too else preferences.quiet_until(session, user_id, user.timezone)
    for chosen in dict.fromkeys(channels):
        if chosen == EMAIL:
            outbox.put(
                session,
                user,
                kind,
                params,
                dedupe_key=outbox.key_for(user_id, dedupe_key),
                href=href,
                not_before=not_before,
            )
        else:
            deliveries.put(
                session,
                user_id,
                _id(chosen),
                kind,
                params,
                dedupe_key=dedupe_key,
                href=href,
                not_before=not_before,
            )


def tell(session: Session, user_id: UUID, kind: str, *, dedupe_key: str, href: str = "", **data: Any) -> None:
    """Deliver over the channels that the user chose for what the kind is about; a repeated call adds nothing."""
    subject = kinds.of(kind).subject
    chosen = preferences.preferences(session, user_id).routes[subject] if subject else ()
    deliver(
        session,
        user_id,
        kind=kind,
        data={**data, "href": href},
        channels=chosen,
        dedupe_key=dedupe_key,
    )


def forget(session: Session, user_id: UUID, *, about: str) -> None:
    """Delete what somebody was told about a thing, and what was still to be sent; `about` begins its dedupe keys."""
    inbox.forget(session, user_id, about=about)
    outbox.withdraw(session, about=f"{user_id}:{about}")
    deliveries.withdraw(session, user_id, about=about)


def _id(chosen: str | UUID) -> UUID:
    return chosen if isinstance(chosen, UUID) else UUID(chosen)
