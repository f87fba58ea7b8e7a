"""calls that wait for a person, and dry runs, are told apart from those that did something

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def _allow(*values: str) -> None:
    told = ", ".join(f"'{value}'" for value in values)
    op.drop_constraint("outcome", "audit_entries", type_="check")
    op.create_check_constraint("outcome", "audit_entries", f"outcome IN ({told})")


def upgrade() -> None:
    _allow("ok", "held", "rehearsed", "refused", "failed")


def downgrade() -> None:
    op.execute("UPDATE audit_entries SET outcome = 'ok' WHERE outcome IN ('held', 'rehearsed')")
    _allow("ok", "refused", "failed")
