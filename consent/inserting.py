# SPDX-License-Identifier: Apache-2.0
"""Insert many rows of any table in one statement, each database in its own fast way.

SQLite takes tuples past SQLAlchemy's compiler; PostgreSQL takes one array a column, so that a
thousand rows and one row are one round trip alike: row after row, in their order.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Boolean, Column, Connection, Double, Integer, LargeBinary, Table, Text
from sqlalchemy.types import TypeEngine

_Made = Callable[[Any], Any] | None
_KINDS: Final[tuple[tuple[type[TypeEngine[Any]], str, _Made], ...]] = (
    (Integer, "bigint", None),
    (Text, "text", str),
    (LargeBinary, "bytea", bytes),
    (Boolean, "boolean", bool),
    (Double, "double precision", float),
)
"""What a column is called in an array, and what its values are made before they are sent."""


def insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of any table in one statement; they name the columns that the first names.

    Errors: KeyError for a row that lacks one, ValueError for a name that is no column.
    """
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "sqlite":
        bare = [tuple([row[name] for name in names]) for row in rows]
        connection.exec_driver_sql(_marks(table, names), bare)
        return
    kinds = _kinds(table, names)
    sent = [_column(rows, name, made) for name, (_, made) in zip(names, kinds, strict=True)]
    empty = tuple(all(value is None for value in column) for column in sent)
    statement = _unnest(table, names, empty)
    given = tuple([column for column, nothing in zip(sent, empty, strict=True) if not nothing])
    connection.exec_driver_sql(statement, given)


def _column(rows: Sequence[Mapping[str, Any]], name: str, made: _Made) -> list[Any]:
    if made is None:
        return [row[name] for row in rows]
    return [None if (value := row[name]) is None else made(value) for row in rows]


@cache
def _kinds(table: Table, names: tuple[str, ...]) -> tuple[tuple[str, _Made], ...]:
    return tuple(_kind(table.c[name]) for name in names)


def _kind(column: Column[Any]) -> tuple[str, _Made]:
    for kind, called, made in _KINDS:
        if isinstance(column.type, kind):
            return called, made
    raise ValueError(f"no rows of {column.type!r} are written in one statement")


def _into(table: Table, names: tuple[str, ...]) -> str:
    listed = ", ".join(f'"{table.c[name].name}"' for name in names)
    return f'INSERT INTO "{table.name}" ({listed})'


@cache
def _marks(table: Table, names: tuple[str, ...]) -> str:
    return f"{_into(table, names)} VALUES ({', '.join('?' for _ in names)})"


@cache
def _unnest(table: Table, names: tuple[str, ...], empty: tuple[bool, ...]) -> str:
    """Write the statement; a column without any value is not sent."""
    kinds = [called for called, _ in _kinds(table, names)]
    chosen = ", ".join("NULL" if e else f"c{n}" for n, e in enumerate(empty))
    sent = [(n, k) for n, (k, e) in enumerate(zip(kinds, empty, strict=True)) if not e]
    arrays = ", ".join(f"%b::{kind}[]" for _, kind in sent)
    called = ", ".join(f"c{n}" for n, _ in sent)
    return f"{_into(table, names)} SELECT {chosen} FROM unnest({arrays}) AS sent ({called})"  # noqa: S608
