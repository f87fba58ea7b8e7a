"""Campaigns on the board: their column follows from what Meta says, moving one pauses or resumes it at Meta."""

from __future__ import annotations

from vibekanban.domains.board.card import Card, Move, Source, selected
from vibekanban.domains.board.models import Stage
from vibekanban.domains.editing import switching
from vibekanban.domains.editing.switching import Verb
from vibekanban.domains.meta.models import Level

KEPT = "interval '30 days'"  # how long what is over stays on the board
_OVER = "(c.missing_at IS NOT NULL OR c.status IN ('ARCHIVED', 'DELETED') OR coalesce(c.stop_time < now(), false))"
_STAGE = f"""CASE WHEN {_OVER} THEN 'done' WHEN c.status = 'PAUSED' THEN 'paused'
    WHEN c.effective_status = 'WITH_ISSUES' OR jsonb_array_length(c.issues) > 0 THEN 'attention' ELSE 'running' END"""
_FROM = f"""
FROM campaigns c JOIN reach r ON r.id = c.account_id
LEFT JOIN LATERAL (
    SELECT sum(s.daily_budget)::bigint AS daily_budget FROM ad_sets s
    WHERE s.campaign_id = c.id AND s.status = 'ACTIVE' AND c.daily_budget IS NULL AND c.lifetime_budget IS NULL
) parts ON true
WHERE NOT {_OVER} OR greatest(c.missing_at, c.stop_time, c.updated_time) > now() - {KEPT}
"""
VERBS = {Stage.PAUSED: Verb.PAUSE, Stage.RUNNING: Verb.RESUME}


def _today(count: str) -> str:
    """A count kept beside the campaign, zero once the account's day has turned."""
    return f"CASE WHEN c.today = (now() AT TIME ZONE r.timezone)::date THEN c.today_{count} ELSE 0 END"


def _targets(card: Card) -> frozenset[Stage]:
    """Attention is where issues put it, and what is over stays over."""
    if card.stage in {Stage.RUNNING, Stage.ATTENTION}:
        return frozenset({Stage.PAUSED})
    return frozenset({Stage.RUNNING}) if card.stage is Stage.PAUSED else frozenset()


def _move(asked: Move) -> None:
    switching.switch(
        asked.card.owner_id, Level.CAMPAIGN, asked.card.id, VERBS[asked.stage], actor=asked.actor
    )


SOURCE = Source(
    kind="campaign",
    select=selected(
        "campaign",
        _FROM,
        id="c.id",
        owner="r.owner_id",
        account="r.id",
        stage=_STAGE,
        title="c.name",
        status="c.effective_status",
        spend_micros=_today("spend_micros"),
        revenue_micros=_today("revenue_micros"),
        conversions_micros=_today("conversions_micros"),
        impressions=_today("impressions"),
        clicks=_today("clicks"),
        daily_budget="coalesce(c.daily_budget, parts.daily_budget)",
        lifetime_budget="c.lifetime_budget",
        at="c.created_time",
        detail="jsonb_build_object('issues', c.issues, 'objective', c.objective, 'metaId', c.meta_id)",
    ),
    targets=_targets,
    move=_move,
    spends=True,
    outward=True,
)
