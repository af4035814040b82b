"""Which alarms were told, and which weeks' summaries were put."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "alarm",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "kind", name=op.f("pk_alarm")),
    )
    op.create_table(
        "summary",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "week", name=op.f("pk_summary")),
    )


def downgrade() -> None:
    """Back from this revision."""
    op.drop_table("summary")
    op.drop_table("alarm")
