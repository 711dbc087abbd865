# SPDX-License-Identifier: Apache-2.0
"""Insert many rows of any table in one statement, each database in its own fast way.

SQLite takes tuples past SQLAlchemy's compiler; PostgreSQL takes one packed array a column, so a
thousand rows and one row are one round trip alike: row after row, in their order.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Boolean, Column, Connection, Double, Integer, LargeBinary, Table, Text
from sqlalchemy.types import TypeEngine

from consent import packing
from consent.packing import Packed

_Packer = Callable[[Sequence[Any]], Packed]
_KINDS: Final[tuple[tuple[type[TypeEngine[Any]], str, _Packer], ...]] = (
    (Integer, "bigint", packing.longs),
    (Text, "text", packing.texts),
    (LargeBinary, "bytea", packing.blobs),
    (Boolean, "boolean", packing.flags),
    (Double, "double precision", packing.reals),
)
"""What a column is called in an array, and how it is packed."""


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
    columns = [[row[name] for row in rows] for name in names]
    empty = tuple(all(value is None for value in column) for column in columns)
    packers = [pack for _, pack in _kinds(table, names)]
    given = [
        pack(column)
        for pack, column, nothing in zip(packers, columns, empty, strict=True)
        if not nothing
    ]
    connection.exec_driver_sql(_unnest(table, names, empty), tuple(given))


@cache
def _kinds(table: Table, names: tuple[str, ...]) -> tuple[tuple[str, _Packer], ...]:
    return tuple(_kind(table.c[name]) for name in names)


def _kind(column: Column[Any]) -> tuple[str, _Packer]:
    for kind, called, pack in _KINDS:
        if isinstance(column.type, kind):
            return called, pack
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
