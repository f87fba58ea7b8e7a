"""The overview of an account and a campaign's page, for owners and for those they let look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session

from vibekanban.domains.meta import overview as own
from vibekanban.domains.meta.models import Level
from vibekanban.domains.sharing import sights
from vibekanban.domains.sharing.sights import Seen, Sight


@dataclass(frozen=True)
class Look:
    """What is shown, what else there is to choose from, and as whom it was read; no sight without any account."""

    choices: list[Seen]
    found: own.Overview
    sight: Sight | None


def overview(session: Session, me: UUID, account_id: UUID | None, **asked: Any) -> Look:
    """The overview of one account, the first one unless named; NotFound for what one may not look at."""
    choices = sights.seen(session, me)
    if not choices:
        return Look(choices, own.Overview([]), None)
    sight = sights.of_account(session, me, account_id or choices[0].account.id)
    return Look(choices, own.overview(session, sight.owner_id, sight.account_id, **asked), sight)


def detail(session: Session, me: UUID, campaign_id: UUID, **asked: Any) -> tuple[own.Detail, Sight]:
    """Everything the page of a campaign shows, and as whom it was read."""
    sight = sights.of_object(session, me, Level.CAMPAIGN, campaign_id)
    return own.detail(session, sight.owner_id, campaign_id, **asked), sight
