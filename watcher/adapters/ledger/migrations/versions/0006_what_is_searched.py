"""What of an invitation is searched, as it is compared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from watcher.domain.searching import sought

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_invitation = sa.table(
    "invitation",
    *(sa.column(name) for name in ("id", "name", "headline", "company", "note", "sender", "subject", "sought")),
)


def upgrade() -> None:
    """To this revision."""
    op.add_column("invitation", sa.Column("sought", sa.String(), server_default="", nullable=False))
    columns, sql = _invitation.c, op.get_bind()
    pieces = (columns.name, columns.headline, columns.company, columns.note, columns.sender, columns.subject)
    for number, *texts in sql.execute(sa.select(columns.id, *pieces)).all():
        sql.execute(sa.update(_invitation).where(columns.id == number).values(sought=sought(*texts)))


def downgrade() -> None:
    """Back from this revision."""
    op.drop_column("invitation", "sought")
