"""Firings of alerts on the board: under attention until they are dealt with, or are over by themselves."""

from __future__ import annotations

from vibekanban.core import db
from vibekanban.domains.board import marks
from vibekanban.domains.board.card import Card, Move, Source, selected
from vibekanban.domains.board.models import Stage

KEPT = "interval '7 days'"  # how long what was dealt with stays on the board
URGENT = 1000  # above everything that nobody has put in a place
# the last firing of each object says it all: an alert that fires again is a new card
_FROM = f"""
FROM (
    SELECT DISTINCT ON (f.alert_id, f.object_id) f.* FROM alert_events f JOIN reach w ON w.id = f.account_id
    ORDER BY f.alert_id, f.object_id, f.fired_at DESC
) e
JOIN reach r ON r.id = e.account_id
JOIN alerts n ON n.id = e.alert_id
LEFT JOIN alert_states s ON s.alert_id = e.alert_id AND s.object_id = e.object_id
LEFT JOIN board_placements d ON d.user_id = r.owner_id AND d.card_id = e.id
WHERE n.removed_at IS NULL
    AND (e.fired_at > now() - {KEPT} OR (coalesce(s.firing, false) AND d.done_at IS NULL))
"""
_STAGE = "CASE WHEN d.done_at IS NOT NULL OR NOT coalesce(s.firing, false) THEN 'done' ELSE 'attention' END"
_DETAIL = """jsonb_build_object('alertId', n.id, 'alert', n.name, 'level', e.level, 'objectId', e.object_id,
    'objectName', e.object_name, 'numbers', e.numbers, 'firing', coalesce(s.firing, false))"""


def _targets(card: Card) -> frozenset[Stage]:
    """Done when somebody says so; back while it still fires."""
    if card.stage is Stage.ATTENTION:
        return frozenset({Stage.DONE})
    return frozenset({Stage.ATTENTION}) if card.detail.get("firing") else frozenset()


def _move(asked: Move) -> None:
    with db.transaction() as session:
        marks.mark_done(session, asked.card, done=asked.stage is Stage.DONE)


SOURCE = Source(
    kind="firing",
    select=selected(
        "firing",
        _FROM,
        id="e.id",
        owner="r.owner_id",
        account="r.id",
        stage=_STAGE,
        title="concat_ws(' · ', n.name, nullif(e.object_name, ''))",
        weight=str(URGENT),
        at="e.fired_at",
        detail=_DETAIL,
    ),
    targets=_targets,
    move=_move,
)
