# SPDX-License-Identifier: Apache-2.0
"""What an outsider checks: block slots, the aggregates, cosignatures, model cards, attestations."""

import sqlalchemy as sa
from alembic import op

from consent import triggers

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NEW = ("aggregate", "cosignature", "card", "attestation")


def upgrade() -> None:
    """Apply. A last entry without a slot is no block, as all were before."""
    connection = op.get_bind()
    before = sa.inspect(connection).get_table_names()
    op.add_column("chain", sa.Column("slot", sa.BigInteger(), autoincrement=False, nullable=True))
    op.add_column("block", sa.Column("nonce", sa.LargeBinary(), nullable=True))
    op.add_column("block", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    _create()
    for statement in triggers.added(connection.dialect.name, before, _NEW):
        connection.exec_driver_sql(statement)


def _create() -> None:
    op.create_table(
        "aggregate",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("t", sa.Text(), server_default="aggregate", nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint("t IN ('aggregate')", name=op.f("ck_aggregate_t")),
        sa.ForeignKeyConstraint(
            ["seq", "t"], ["entry.seq", "entry.t"], name=op.f("fk_aggregate_seq_t")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_aggregate")),
    )
    op.create_table(
        "cosignature",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("size", "witness", name=op.f("pk_cosignature")),
    )
    op.create_table(
        "card",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_card")),
    )
    op.create_table(
        "attestation",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("age_band", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("age_band IN ('adult', 'minor')", name=op.f("ck_attestation_age_band")),
        sa.CheckConstraint(
            "said_by IN ('self', 'system', 'guardian', 'operator', 'friend')",
            name=op.f("ck_attestation_said_by"),
        ),
        sa.ForeignKeyConstraint(
            ["subject"],
            ["subject.id"],
            name=op.f("fk_attestation_subject"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_attestation")),
    )
    op.create_index("ix_attestation_subject", "attestation", ["subject"])


def downgrade() -> None:
    """Refuse: a ledger is never cut back."""
    raise RuntimeError("a ledger is never cut back; restore a backup instead")
