# SPDX-License-Identifier: Apache-2.0
"""A permit is spent for good: remembered beside the rows, which may go, and across their tables.

What was spent before is not filled in: a permit lasts minutes, and nothing runs meanwhile.
"""

import sqlalchemy as sa
from alembic import op

from consent import triggers

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    before = sa.inspect(connection).get_table_names()
    op.create_table(
        "spent",
        sa.Column("permit_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("permit_slot", sa.Integer(), nullable=False),
        sa.Column("effect_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["permit_seq", "permit_slot"],
            ["permit.seq", "permit.slot"],
            name=op.f("fk_spent_permit"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["effect_seq"], ["entry.seq"], name=op.f("fk_spent_entry")),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_spent")),
        sa.UniqueConstraint("effect_seq", name=op.f("uq_spent_effect_seq")),
    )
    for statement in triggers.added(connection.dialect.name, before, ("spent",)):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Refuse: a ledger is never cut back."""
    raise RuntimeError("a ledger is never cut back; restore a backup instead")
