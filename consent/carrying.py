# SPDX-License-Identifier: Apache-2.0
"""Carry every row of one database into another of the same schema, of either kind.

Rules:
1. one snapshot is read and one transaction written: all rows are there at the end, or none
2. what the target's catalogue says is what is carried, not this version's tables: so an old schema
   is carried as it is; which schema it has (`alembic_version`) is the target's own affair
3. rows go in the order of foreign keys, which hold throughout. Triggers speak of writing history,
   not of copying it: they are set aside and stand again, as they were, in the same transaction
4. the target holds nothing before; what it holds afterwards is counted, not believed
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    Select,
    Table,
    delete,
    func,
    inspect,
    select,
)

from consent.errors import Broken, Misused
from consent.scopes import EVERYBODY, within
from consent.words import Reason

_BATCH: Final = 2_000
_ITS_OWN: Final = "alembic_version"
_HEAD: Final = "log_head"


def carry(source: Engine, target: Engine) -> Mapping[str, int]:
    """Copy all rows of a database into one that has the same tables and no rows.

    Returns how many rows each table has. On PostgreSQL the target is opened by the owner of its
    tables. Errors: Misused(unknown-key) where the target holds something already,
    Broken(schema-version) where the tables differ or not every row arrived.
    """
    with snapshot(source) as old, within(EVERYBODY), target.begin() as new:
        return copy(old, new)


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Open one view of a whole database that stays as it is, whatever is written meanwhile."""
    opened = engine.connect().execution_options(onlyou_reading=True, onlyou_snapshot=True)
    with within(EVERYBODY), opened as connection, connection.begin():
        yield connection


def copy(old: Connection, new: Connection) -> Mapping[str, int]:
    """Copy all rows from one open transaction into another; see `carry`."""
    source, target = reflected(old), reflected(new)
    _same(source, target)
    with _untriggered(new, target):
        _emptied(new, target)
        for table in target.sorted_tables:
            _fill(old, source.tables[table.name], new, table)
    arrived = counts(new, target)
    if arrived != counts(old, source):
        raise Broken(Reason.SCHEMA_VERSION, "not every row arrived; nothing is kept")
    return arrived


def reflected(connection: Connection) -> MetaData:
    """Read from the catalogue what tables there are; partitions are parts of their table."""
    parts = set(connection.exec_driver_sql(_PARTS).scalars()) if _postgresql(connection) else set()
    names = set(inspect(connection).get_table_names()) - parts - {_ITS_OWN}
    found = MetaData()
    found.reflect(connection, only=sorted(names), resolve_fks=False)
    return found


def counts(connection: Connection, tables: MetaData) -> Mapping[str, int]:
    """Count the rows of every table."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in tables.sorted_tables
    }


_PARTS: Final = (
    "SELECT relname FROM pg_class WHERE relispartition AND relnamespace = "
    "current_schema()::regnamespace"
)


def _postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _same(source: MetaData, target: MetaData) -> None:
    there, here = _columns(source), _columns(target)
    for name in sorted(there.keys() ^ here.keys()):
        raise Broken(Reason.SCHEMA_VERSION, f"only one of the databases has the table {name!r}")
    for name in there:
        if there[name] != here[name]:
            raise Broken(Reason.SCHEMA_VERSION, f"the databases differ in the columns of {name!r}")


def _columns(tables: MetaData) -> dict[str, set[str]]:
    return {name: set(table.columns.keys()) for name, table in tables.tables.items()}


def _emptied(connection: Connection, tables: MetaData) -> None:
    """Take away the head of a log that nobody wrote to; refuse where there is anything else."""
    head = tables.tables[_HEAD]
    held = {name for name, many in counts(connection, tables).items() if many and name != _HEAD}
    written = connection.execute(select(head.c.size).where(head.c.size > 0)).first()
    if held or written:
        raise Misused(
            Reason.UNKNOWN_KEY,
            f"the database holds something already ({min(held, default=_HEAD)})",
        )
    connection.execute(delete(head))


def _fill(old: Connection, table: Table, new: Connection, into: Table) -> None:
    found = old.execute(_in_order(table), execution_options={"yield_per": _BATCH})
    for rows in found.mappings().partitions():
        new.execute(into.insert(), [dict(row) for row in rows])


def _in_order(table: Table) -> Select[tuple[object, ...]]:
    """Read in the order of the key; what hangs on a row of the same table comes after those."""
    own = [
        column.is_not(None)
        for key in table.foreign_key_constraints
        if key.elements[0].target_fullname.partition(".")[0] == table.name
        for column in key.columns
    ]
    return select(table).order_by(*own, *table.primary_key.columns)


@contextmanager
def _untriggered(connection: Connection, tables: MetaData) -> Iterator[None]:
    """Set all triggers of ours aside; those that hold foreign keys stay in force."""
    if _postgresql(connection):
        _each(connection, tables, "DISABLE")
        yield
        _each(connection, tables, "ENABLE")
        return
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    triggers = rows.all()
    for name, _ in triggers:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    for _, statement in triggers:
        connection.exec_driver_sql(statement)


def _each(connection: Connection, tables: MetaData, word: str) -> None:
    for name in tables.tables:
        connection.exec_driver_sql(f'ALTER TABLE "{name}" {word} TRIGGER USER')
