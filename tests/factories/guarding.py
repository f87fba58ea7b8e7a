"""Calls that wait for a person, as tests need them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from vibekanban.core.columns import new_id, now
from vibekanban.domains.access.models import McpToken
from vibekanban.domains.guarding.models import Approval
from vibekanban.domains.meta.models import Campaign


def an_approval(session: Session, token: McpToken, campaign: Campaign, **values: Any) -> Approval:
    """A pending budget change of a campaign that a token asked for."""
    given: dict[str, Any] = {
        "id": new_id(),
        "user_id": token.user_id,
        "token_id": token.id,
        "token_name": token.name,
        "account_id": campaign.account_id,
        "tool": "update_campaign",
        "arguments": {"campaignId": str(campaign.id), "dailyBudget": "150.00"},
        "digest": new_id().hex,
        "object_id": campaign.id,
        "object_name": campaign.name,
        "preview": {"changes": [{"field": "dailyBudget", "before": "100.00", "after": "150.00"}]},
        "reasons": ["approval_verb"],
        "expires_at": now() + timedelta(hours=24),
        **values,
    }
    made = Approval(**given)
    session.add(made)
    session.flush()
    return made
