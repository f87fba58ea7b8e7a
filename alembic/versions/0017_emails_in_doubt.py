"""e-mails say that they are being sent, and that nobody knows whether they were

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    _allow("pending", "sending", "sent", "failed", "unknown")
    op.drop_index("emails_pending", table_name="emails")
    op.create_index(
        "emails_open", "emails", ["created_at"], postgresql_where=sa.text("status IN ('pending', 'sending')")
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.execute("UPDATE emails SET status = 'pending' WHERE status = 'sending'")
    op.execute("UPDATE emails SET status = 'failed' WHERE status = 'unknown'")
    _allow("pending", "sent", "failed")
    op.drop_index("emails_open", table_name="emails")
    op.create_index(
        "emails_pending", "emails", ["created_at"], postgresql_where=sa.text("status = 'pending'")
    )


def _allow(*statuses: str) -> None:
    listed = ", ".join(f"'{status}'" for status in statuses)
    op.execute("ALTER TABLE emails DROP CONSTRAINT emailstatus")
    op.execute(f"ALTER TABLE emails ADD CONSTRAINT emailstatus CHECK (status IN ({listed}))")
