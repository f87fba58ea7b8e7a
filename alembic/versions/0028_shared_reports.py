"""Share links show saved reports too."""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def _allow(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute("SET lock_timeout = '4s'")
    op.execute("ALTER TABLE share_links DROP CONSTRAINT sharekind")
    op.execute(f"ALTER TABLE share_links ADD CONSTRAINT sharekind CHECK (kind IN ({listed}))")


def upgrade() -> None:
    _allow("board", "summary", "report")


def downgrade() -> None:
    op.execute("DELETE FROM share_links WHERE kind = 'report'")
    _allow("board", "summary")
