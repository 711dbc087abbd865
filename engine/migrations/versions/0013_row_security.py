# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL guards people's rows itself: row-level security on every table with an owner column."""

import sqlalchemy as sa
from alembic import op

from consent import row_security

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. SQLite has no such thing: one process opens its file, and files are its guard."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        there = sa.inspect(connection).get_table_names()
        for statement in row_security.statements(there):
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Refuse: a ledger is never cut back."""
    raise RuntimeError("a ledger is never cut back; restore a backup instead")
