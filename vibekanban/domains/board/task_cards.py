"""Tasks on the board: they stand in whichever column a person puts them.

Whoever looks at somebody else's account sees of its tasks those that are theirs to do.
"""

from __future__ import annotations

from vibekanban.core import db
from vibekanban.domains.board import tasks
from vibekanban.domains.board.card import Card, Move, Source, selected
from vibekanban.domains.board.models import Stage

KEPT = "interval '30 days'"  # how long a finished task stays on the board
_FROM = f"""
FROM board_tasks t LEFT JOIN reach r ON r.id = t.account_id
WHERE (t.user_id = :me OR r.owner_id = t.user_id AND EXISTS (
    SELECT 1 FROM board_assignments g WHERE g.user_id = t.user_id AND g.card_id = t.id AND g.assignee_id = :me
)) AND (t.done_at IS NULL OR t.done_at > now() - {KEPT})
"""


def _targets(card: Card) -> frozenset[Stage]:
    return frozenset(Stage) - {card.stage}


def _move(asked: Move) -> None:
    with db.transaction() as session:
        tasks.put(session, asked.card.owner_id, asked.card.id, asked.stage)


SOURCE = Source(
    kind="task",
    select=selected(
        "task",
        _FROM,
        id="t.id",
        owner="t.user_id",
        account="r.id",
        stage="t.stage",
        title="t.title",
        due_on="t.due_on",
        at="t.created_at",
        detail="jsonb_build_object('notes', t.notes)",
    ),
    targets=_targets,
    move=_move,
    outward=True,
)
