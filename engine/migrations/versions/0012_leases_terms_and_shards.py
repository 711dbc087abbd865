# SPDX-License-Identifier: Apache-2.0
"""More than one process, more than one machine: leases, terms, and the directory of shards."""

import sqlalchemy as sa
from alembic import op

from consent import triggers

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_NEW = ("lease", "leader", "cell", "shard", "global_checkpoint")

_WAITING = (
    "INSERT INTO lease (object, subject, purpose, epoch, holder, term, until) "
    "SELECT o.object, o.subject, o.purpose, o.epoch, '', 0, r.at FROM portrait_order o "
    "JOIN request r ON r.object = o.object "
    "WHERE NOT EXISTS (SELECT 1 FROM asset a WHERE a.object = o.object) "
    "AND NOT EXISTS (SELECT 1 FROM refusal n WHERE n.object = o.object) "
    "AND NOT EXISTS (SELECT 1 FROM quarantined q WHERE q.object = o.object)"
)
"""What was asked for and is not made: from now on a request waits as long as its lease stands."""


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    before = sa.inspect(connection).get_table_names()
    op.add_column(
        "log_head", sa.Column("term", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column(
        "log_head",
        sa.Column(
            "open",
            sa.Integer(),
            sa.CheckConstraint("open IN (0, 1)", name=op.f("ck_log_head_open")),
            server_default="1",
            nullable=False,
        ),
    )
    op.create_table(
        "lease",
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("until", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "epoch"],
            ["request.object", "request.subject", "request.purpose", "request.epoch"],
            name=op.f("fk_lease_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("object", name=op.f("pk_lease")),
    )
    op.create_index("ix_lease_until", "lease", ["until"], unique=False)
    op.create_table(
        "leader",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("until", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leader")),
    )
    op.create_table(
        "cell",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell")),
    )
    op.create_table(
        "shard",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("beside", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'moving', 'carried')", name=op.f("ck_shard_state")),
        sa.ForeignKeyConstraint(["beside"], ["cell.id"], name=op.f("fk_shard_beside")),
        sa.ForeignKeyConstraint(["cell"], ["cell.id"], name=op.f("fk_shard_cell")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shard")),
    )
    op.create_table(
        "global_checkpoint",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("heads", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_global_checkpoint")),
    )
    for table in ("asset", "quarantined", "selfie"):
        op.create_index(
            f"ix_{table}_blob", table, ["blob"], postgresql_ops={"blob": "text_pattern_ops"}
        )
    connection.exec_driver_sql(_WAITING)
    for statement in triggers.added(connection.dialect.name, before, _NEW):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Refuse: a ledger is never cut back."""
    raise RuntimeError("a ledger is never cut back; restore a backup instead")
