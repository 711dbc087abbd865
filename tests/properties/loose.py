# SPDX-License-Identifier: Apache-2.0
"""Take the guards off one table: what the controls of the property tests begin from."""

from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, UniqueConstraint, select

from consent import database, roles
from tests.postgres import APPLICATION


def without_keys(url: str, table: Table, *, cascades: bool = True) -> None:
    """Make one table anew, hanging on nothing; with `cascades`, a withdrawal still clears it.

    Its uniqueness stays, since other tables may hang on it. On PostgreSQL the URL is the owner's.
    """
    engine = database.connect(url)
    with engine.begin() as connection:
        _renew(connection, table)
        postgres = engine.dialect.name == "postgresql"
        if postgres:
            roles.grant(connection, APPLICATION)
        if cascades and postgres:
            _clear_by_trigger(connection, table)
        elif not cascades and not postgres:
            connection.exec_driver_sql(f"DROP TRIGGER fk_{table.name}_basis_cascade")
    engine.dispose()


def _renew(connection: Connection, table: Table) -> None:
    unique = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    loose = Table(
        table.name,
        MetaData(),
        *map(_column, table.columns),
        *(UniqueConstraint(*(column.name for column in one.columns)) for one in unique),
    )
    cascade = " CASCADE" if connection.dialect.name == "postgresql" else ""
    rows = [dict(row) for row in connection.execute(select(table)).mappings()]
    connection.exec_driver_sql(f"DROP TABLE {table.name}{cascade}")
    loose.create(connection)
    if rows:
        connection.execute(loose.insert(), rows)


def _column(column: Column[Any]) -> Column[Any]:
    default = column.server_default.arg if column.server_default else None  # type: ignore[attr-defined]
    return Column(column.name, column.type, nullable=column.nullable, server_default=default)


def _clear_by_trigger(connection: Connection, table: Table) -> None:
    """Do on PostgreSQL what the backstop triggers of SQLite do: delete what hangs on a basis."""
    same = " AND ".join(f"{name} = OLD.{name}" for name in ("subject", "purpose", "epoch"))
    connection.exec_driver_sql(
        "CREATE FUNCTION clear() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608
        f"DELETE FROM {table.name} WHERE {same}; RETURN OLD; END $$"
    )
    connection.exec_driver_sql(
        "CREATE TRIGGER clear AFTER DELETE ON basis FOR EACH ROW EXECUTE FUNCTION clear()"
    )


def believed(
    _writing: Any, permits: Any, _step: Any
) -> tuple[set[tuple[int, str, int]], set[int]]:
    """Believe every permit, as a gate without a second look would."""
    return {(p.subject, str(p.purpose), p.epoch) for p in permits}, set()
