"""Pausing and resuming: the edit of a status that people, programs and rules make most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from vibekanban.domains.editing import edits
from vibekanban.domains.editing.edits import Edit
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import Level
from vibekanban.domains.meta.objects import Live, Thing


class Verb(StrEnum):
    PAUSE = "pause"
    RESUME = "resume"

    @property
    def status(self) -> str:
        return "PAUSED" if self is Verb.PAUSE else "ACTIVE"


@dataclass(frozen=True)
class Switched:
    """The object afterwards; `changed` is False when it was so already."""

    thing: Thing
    changed: bool
    before: Live
    after: Live
    change_id: UUID | None


def switch(
    user_id: UUID,
    level: Level,
    reference: UUID | str,
    verb: Verb,
    *,
    actor: Actor,
    account_ids: Sequence[UUID] | None = None,
) -> Switched:
    """Pause or resume at Meta and log it; opens its own short transactions, none during a call."""
    done = edits.apply(user_id, Edit(level, reference, {"status": verb.status}, account_ids), actor)
    return Switched(done.thing, done.changed, done.before, done.after, done.change_id)
