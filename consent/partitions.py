# SPDX-License-Identifier: Apache-2.0
"""Divide people's tables on PostgreSQL by a hash of whose rows they are.

Read from the catalogue, so that a fresh database and a released one with rows are divided by the
same code: rows are copied, and every key, check, index, trigger and policy is said again with the
words in which the catalogue keeps it. A key that names nobody gets `subject` behind it, since a
database holds a table together by keys that say in which part to look; where another table hangs
on such a key, or where it is more than the name of a row, the table stays whole.
The parts lie in a schema of their own, where no right of the application leads: it comes to them
through their table alone, and so past its policies alone.
Source: PostgreSQL 18, chapter 5.12.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Table, UniqueConstraint, func, select, text

from consent import row_security
from consent.scopes import EVERYBODY, SETTING
from consent.tables import metadata

OWNER: Final = "subject"
MOST: Final = 64
_LOG: Final = frozenset({"permit", "spent", "entry"})
"""What the log's own numbers hold together stays whole."""


def divisible() -> tuple[str, ...]:
    """Name the tables that can be divided, in the order of their keys."""
    return tuple(table.name for table in metadata.sorted_tables if _can(table))


def _can(table: Table) -> bool:
    if table.name in _LOG or OWNER not in table.c or table.c[OWNER].nullable:
        return False
    unique = (one for one in table.constraints if isinstance(one, UniqueConstraint))
    named = all(OWNER in {column.name for column in one.columns} for one in unique)
    return named and all(OWNER in targets for targets in _hung_on(table))


def _hung_on(table: Table) -> Iterator[set[str]]:
    """Yield the columns by which other tables, or its own rows, hang on a table."""
    for other in metadata.tables.values():
        for key in other.foreign_key_constraints:
            if key.referred_table is table:
                yield {element.column.name for element in key.elements}


def divided(connection: Connection) -> dict[str, int]:
    """Say which tables are divided here, and into how many parts."""
    rows = connection.exec_driver_sql(
        "SELECT c.relname, count(*) FROM pg_class c JOIN pg_inherits i ON i.inhparent = c.oid "
        "WHERE c.relkind = 'p' AND c.relnamespace = current_schema()::regnamespace "
        "GROUP BY c.relname ORDER BY c.relname"
    )
    return dict(tuple(row) for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """A table as the catalogue tells it, without what names it from outside."""

    name: str
    keys: tuple[tuple[str, str], ...]  #: name and definition of primary and unique keys
    indexes: tuple[str, ...]
    triggers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hook:
    """A foreign key into a table, or out of it."""

    table: str
    name: str
    definition: str


def divide(connection: Connection, names: Iterable[str], parts: int) -> None:
    """Divide whole tables into so many parts each, with all their rows.

    In the caller's transaction, as their owner; from here on that is about everybody, since a row
    that row security hid would not be copied.
    """
    already = divided(connection)
    whole = [name for name in names if name not in already]
    if parts < 2 or not whole:  # noqa: PLR2004 - one part is the whole
        return
    connection.execute(select(func.set_config(SETTING, EVERYBODY.said(), True)))
    schema = _schema_of_parts(connection)
    hooks = _hooks(connection, whole)
    for hook in hooks:
        connection.exec_driver_sql(f'ALTER TABLE "{hook.table}" DROP CONSTRAINT "{hook.name}"')
    for name in whole:
        _divide(connection, _said(connection, name), schema, parts)
    for hook in hooks:
        connection.exec_driver_sql(
            f'ALTER TABLE "{hook.table}" ADD CONSTRAINT "{hook.name}" {hook.definition}'
        )
    for statement in row_security.statements(whole):
        connection.exec_driver_sql(statement)


def _schema_of_parts(connection: Connection) -> str:
    """Make the schema of the parts beside the one of the tables; return its name."""
    here = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
    schema = f"{here}_parts"
    connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
    return schema


def _hooks(connection: Connection, names: Sequence[str]) -> list[_Hook]:
    """List the foreign keys from and to these tables."""
    rows = connection.execute(
        text(
            "SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid) "
            "FROM pg_constraint c JOIN pg_class t ON t.oid IN (c.conrelid, c.confrelid) "
            "WHERE c.contype = 'f' AND c.conparentid = 0 AND t.relname = ANY (:names) "
            "AND t.relnamespace = current_schema()::regnamespace GROUP BY c.oid ORDER BY c.oid"
        ),
        {"names": list(names)},
    )
    return [_Hook(table=t.strip('"'), name=n, definition=d) for t, n, d in rows]


def _said(connection: Connection, name: str) -> _Said:
    """Read a table's keys, indexes and triggers from the catalogue."""
    told = {"table": f'"{name}"'}

    def column(statement: str) -> tuple[str, ...]:
        return tuple(connection.execute(text(statement), told).scalars())

    keys = connection.execute(
        text(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = to_regclass(:table) AND contype IN ('p', 'u') ORDER BY contype"
        ),
        told,
    )
    return _Said(
        name=name,
        keys=tuple((named, _with_owner(said)) for named, said in keys),
        indexes=column(
            "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = "
            "to_regclass(:table) AND NOT EXISTS "
            "(SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))"
        ),
        triggers=column(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger "
            "WHERE tgrelid = to_regclass(:table) AND NOT tgisinternal ORDER BY tgname"
        ),
    )


def _with_owner(key: str) -> str:
    """Put the owner behind a key that does not name one: `PRIMARY KEY (seq)`, say."""
    kind, _, columns = key.partition("(")
    named = [column.strip() for column in columns.rstrip(")").split(",")]
    return key if OWNER in named else f"{kind}({', '.join([*named, OWNER])})"


def _divide(connection: Connection, said: _Said, schema: str, parts: int) -> None:
    """Make one table anew in parts, its rows and all that the catalogue said of it."""
    run, name = connection.exec_driver_sql, f'"{said.name}"'
    old = f'"{said.name} whole"'
    run(f"ALTER TABLE {name} RENAME TO {old}")
    run(
        f"CREATE TABLE {name} (LIKE {old} INCLUDING DEFAULTS INCLUDING CONSTRAINTS "
        f"INCLUDING STORAGE) PARTITION BY HASH ({OWNER})"
    )
    for part in range(parts):
        named = f'"{schema}"."{said.name}_{part:02}"'
        run(
            f"CREATE TABLE {named} PARTITION OF {name} "
            f"FOR VALUES WITH (MODULUS {parts}, REMAINDER {part})"
        )
        for statement in row_security.guard(named):
            run(statement)
    run(f"INSERT INTO {name} SELECT * FROM {old}")  # noqa: S608 - names of our own tables
    run(f"DROP TABLE {old}")
    for key, definition in said.keys:
        run(f'ALTER TABLE {name} ADD CONSTRAINT "{key}" {definition}')
    for statement in (*said.indexes, *said.triggers):
        run(statement)
