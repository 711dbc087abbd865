# SPDX-License-Identifier: Apache-2.0
"""Blocks of decisions: everybody's chain where a block finds it; permits that a record allows."""

import sqlalchemy as sa
from alembic import op

from consent import triggers

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_GUARD = "permit_recorded"


def upgrade() -> None:
    """Apply. On SQLite the table lies in the order of its key from now on, which needs a copy."""
    connection = op.get_bind()
    dialect = connection.dialect.name
    if dialect == "sqlite":
        _lay_out_by_person(connection)
    else:
        connection.exec_driver_sql("ALTER TABLE chain SET (fillfactor = 50)")
        for wide in ("records", "sealed"):
            connection.exec_driver_sql(f"ALTER TABLE block ALTER {wide} SET STORAGE EXTERNAL")
    on = "" if dialect == "sqlite" else ' ON "permit"'
    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {_GUARD}{on}")
    for statement in triggers.statements(dialect):
        if f" {_GUARD}" in statement:
            connection.exec_driver_sql(statement)


def _lay_out_by_person(connection: sa.Connection) -> None:
    own = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'chain'"
    ).scalars()
    guards = list(own)
    connection.exec_driver_sql("CREATE TEMPORARY TABLE chain_before AS SELECT * FROM chain")
    op.drop_table("chain")
    op.create_table(
        "chain",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("slot", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_chain_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_chain")),
        sa.UniqueConstraint("tag", name=op.f("uq_chain_tag")),
        sqlite_with_rowid=False,
    )
    connection.exec_driver_sql(
        "INSERT INTO chain (subject, tag, last, slot) "
        "SELECT subject, tag, last, slot FROM chain_before ORDER BY subject"
    )
    connection.exec_driver_sql("DROP TABLE chain_before")
    for guard in guards:
        connection.exec_driver_sql(guard)


def downgrade() -> None:
    """Refuse: a ledger is never cut back."""
    raise RuntimeError("a ledger is never cut back; restore a backup instead")
