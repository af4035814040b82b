"""One writer an account, and how often a server refused to let it in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "lease",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_lease")),
    )
    op.create_table(
        "refusal",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("settings", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_refusal")),
    )


def downgrade() -> None:
    """Back from this revision."""
    op.drop_table("refusal")
    op.drop_table("lease")
