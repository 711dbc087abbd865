# SPDX-License-Identifier: Apache-2.0
"""What drawing in batches leaves: sealed conditioning of selfies, and what each pass took."""

import sqlalchemy as sa
from alembic import op

from consent import triggers

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    before = sa.inspect(connection).get_table_names()
    op.create_table(
        "conditioning",
        sa.Column("selfie", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("encoder", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["selfie", "subject"],
            ["selfie.object", "selfie.subject"],
            name=op.f("fk_conditioning_selfie"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("selfie", "encoder", name=op.f("pk_conditioning")),
    )
    op.create_table(
        "render_pass",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("recipe_sha256", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("dtype", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rows", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("micros", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_render_pass")),
    )
    new = ("conditioning", "render_pass")
    for statement in triggers.added(connection.dialect.name, before, new):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Refuse: a ledger is never cut back."""
    raise RuntimeError("a ledger is never cut back; restore a backup instead")
