"""Calls of programs that wait for a person, on the board: to the running column approves, to done rejects."""

from __future__ import annotations

from vibekanban.core import db
from vibekanban.domains.board.card import Card, Move, Source, selected
from vibekanban.domains.board.models import Stage
from vibekanban.domains.guarding import approvals

KEPT = "interval '7 days'"  # how long what was decided stays on the board
URGENT = 2000  # a program is waiting
_FROM = f"""
FROM approvals p JOIN reach r ON r.id = p.account_id AND r.owner_id = p.user_id
WHERE p.status IN ('pending', 'approved') OR p.decided_at > now() - {KEPT}
"""
_STAGE = """CASE WHEN p.status = 'pending' AND p.expires_at > now() THEN 'approval'
    WHEN p.status = 'approved' THEN 'running' ELSE 'done' END"""
_DETAIL = """jsonb_build_object('token', p.token_name, 'tool', p.tool, 'preview', p.preview, 'status', p.status,
    'reason', p.arguments ->> 'reason', 'objectName', p.object_name)"""


def _targets(card: Card) -> frozenset[Stage]:
    """Decided once: afterwards it stays where it is."""
    return frozenset({Stage.RUNNING, Stage.DONE}) if card.stage is Stage.APPROVAL else frozenset()


def _move(asked: Move) -> None:
    decide = approvals.approve if asked.stage is Stage.RUNNING else approvals.reject
    with db.transaction() as session:
        decide(session, asked.card.owner_id, asked.card.id)


SOURCE = Source(
    kind="approval",
    select=selected(
        "approval",
        _FROM,
        id="p.id",
        owner="r.owner_id",
        account="r.id",
        stage=_STAGE,
        title="concat_ws(' · ', p.token_name, nullif(p.object_name, ''))",
        weight=str(URGENT),
        at="p.created_at",
        detail=_DETAIL,
    ),
    targets=_targets,
    move=_move,
    spends=True,
)
