# SPDX-License-Identifier: Apache-2.0
"""The marks that portraits leave with. Those made before have none, and say so when asked."""

import sqlalchemy as sa
from alembic import op

from consent import triggers

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    before = sa.inspect(connection).get_table_names()
    op.create_table(
        "issued",
        sa.Column("reference", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_issued")),
    )
    op.create_table(
        "mark",
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reference", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "epoch"],
            ["asset.object", "asset.subject", "asset.purpose", "asset.epoch"],
            name=op.f("fk_mark_asset"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("object", name=op.f("pk_mark")),
        sa.UniqueConstraint("reference", name=op.f("uq_mark_reference")),
    )
    for statement in triggers.added(connection.dialect.name, before, ("issued", "mark")):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Refuse: a ledger is never cut back."""
    raise RuntimeError("a ledger is never cut back; restore a backup instead")
