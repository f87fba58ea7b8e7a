"""What a share link shows to eyes from outside: campaigns by state, or each account's dashboard of thirty days."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from vibekanban.core import db
from vibekanban.domains.board import cards
from vibekanban.domains.board.cards import Column
from vibekanban.domains.board.filters import Filters
from vibekanban.domains.board.models import Stage
from vibekanban.domains.meta import metrics
from vibekanban.domains.meta.models import Campaign, MetaAccount
from vibekanban.domains.sharing.links import Opened

SHOWN = 100  # cards of a column
DAYS = 30


@dataclass(frozen=True)
class Share:
    """A campaign and its part of the account's numbers."""

    name: str
    numbers: dict[str, Any]


@dataclass(frozen=True)
class Glance:
    """An account's range as `metrics.summary` tells it."""

    account: MetaAccount
    asked: metrics.Range
    numbers: dict[str, Any]
    campaigns: list[Share]


def board(session: Session, opened: Opened) -> list[Column]:
    """The campaigns of the link's accounts; nothing that people added for themselves."""
    kept = {name: value for name, value in opened.link.filters.items() if name != "account"}
    within = [account.id for account in opened.accounts]
    found = cards.columns(
        session, opened.link.user_id, Filters.parse(kept), limit=SHOWN, within=_narrowed(opened, within)
    )
    return [column for column in found if column.stage is not Stage.APPROVAL]  # campaigns are never there


def summary(session: Session, opened: Opened) -> list[Glance]:
    """Each of the link's accounts; reads the metrics store in a transaction of its own."""
    found_in = col(Campaign.account_id).in_([account.id for account in opened.accounts])
    names = {
        (account_id, meta_id): name
        for account_id, meta_id, name in session.exec(
            select(Campaign.account_id, Campaign.meta_id, Campaign.name).where(found_in)
        )
    }
    with db.metrics_transaction() as store:
        found = []
        for account in opened.accounts:
            asked = metrics.chosen(metrics.local_today(account), None, None, default=DAYS)
            numbers = json.loads(metrics.summary(store, account, asked))
            spent = sorted(numbers["campaigns"], key=lambda row: float(row["spend"]), reverse=True)
            campaigns = [
                Share(names[account.id, row["metaCampaignId"]], row)
                for row in spent[:SHOWN]
                if (account.id, row["metaCampaignId"]) in names
            ]
            found.append(Glance(account, asked, numbers, campaigns))
    return found


def _narrowed(opened: Opened, within: list[Any]) -> list[Any]:
    """A board that was filtered by an account shows that one only, as long as the link has it."""
    asked = opened.link.filters.get("account")
    return [one for one in within if str(one) == asked] if asked else within
