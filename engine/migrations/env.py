# SPDX-License-Identifier: Apache-2.0
"""Alembic's environment: the connection comes from `engine.migrations`, never from a file."""

from alembic import context

from consent.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
