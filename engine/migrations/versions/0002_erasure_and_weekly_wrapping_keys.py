# SPDX-License-Identifier: Apache-2.0
"""What is left to do for those who asked to be erased; the week that a key was wrapped in."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Keys wrapped before stay under the root key (week 0) until the next sweep."""
    op.create_table(
        "erasure",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("requested_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("keys_destroyed", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bytes_destroyed", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("blobs", sa.Text(), nullable=False),
        sa.Column("done_seq", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("done_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_erasure")),
    )
    op.add_column(
        "subject_key",
        sa.Column(
            "week", sa.BigInteger(), autoincrement=False, server_default="0", nullable=False
        ),
    )


def downgrade() -> None:
    """Refuse: a ledger is never cut back."""
    raise RuntimeError("a ledger is never cut back; restore a backup instead")
