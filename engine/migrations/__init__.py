# SPDX-License-Identifier: Apache-2.0
"""Bring a database to the schema of this version, and refuse to run on any other."""

from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from consent import database
from consent.errors import Broken
from consent.words import Reason

_HERE: Final = Path(__file__).parent


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    return config


@cache
def head() -> str:
    """Name the schema version that this code needs; its files are read once a process."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _known() -> frozenset[str]:
    """Name every schema version that this code can start from."""
    return frozenset(
        script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()
    )


def current(engine: Engine) -> str:
    """Name the schema version that a database has; empty for an empty database."""
    with database.reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def upgrade(engine: Engine) -> str:
    """Bring a database to the present schema, in one transaction; return its version.

    Errors: Broken(schema-version) for one that a later version has made.
    """
    found = current(engine)
    if found and found not in _known():
        raise Broken(
            Reason.SCHEMA_VERSION,
            f"the database is at schema {found}, which this version does not know; "
            f"it goes up to {head()}: use the version that made it",
        )
    with engine.begin() as connection:
        command.upgrade(_config(connection), "head")
    return current(engine)


def bring(connection: Connection, to: str = "head") -> None:
    """Bring an open connection's database to a schema, in its transaction.

    Errors: Broken(schema-version) for one that this version does not know.
    """
    if to != "head" and to not in _known():
        raise Broken(
            Reason.SCHEMA_VERSION,
            f"this version does not know schema {to}; it goes up to {head()}",
        )
    command.upgrade(_config(connection), to)


def check(engine: Engine) -> None:
    """Refuse a database of another version. Errors: Broken(schema-version), the operator's."""
    found, needed = current(engine), head()
    if found != needed:
        raise Broken(
            Reason.SCHEMA_VERSION,
            f"the database is at schema {found or 'none'}, this version needs {needed}; "
            "run `onlyou init` to bring it there",
        )
