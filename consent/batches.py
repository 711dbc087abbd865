# SPDX-License-Identifier: Apache-2.0
"""Write and read many rows of the log in one statement, each database in its own fast way.

SQLite takes tuples past SQLAlchemy's compiler; PostgreSQL takes one packed array a column, so a
thousand rows and one row are one round trip alike. The statements name columns in the order in
which the rows come.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from consent.packing import Packed, blobs, longs, texts

_ENTRIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sqlite": "INSERT INTO entry (seq, t, body, leaf) VALUES (?, ?, ?, ?)",
        "postgresql": "INSERT INTO entry (seq, t, body, leaf) SELECT * FROM "
        "unnest(%b::bigint[], %b::text[], %b::bytea[], %b::bytea[])",
    }
)
_OPENINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sqlite": "INSERT INTO opening (seq, subject, sealed) VALUES (?, ?, ?)",
        "postgresql": "INSERT INTO opening (seq, subject, sealed) SELECT * FROM "
        "unnest(%b::bigint[], %b::bigint[], %b::bytea[])",
    }
)
_MOVED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sqlite": "UPDATE chain SET last = ?, slot = ? WHERE subject = ?",
        "postgresql": "UPDATE chain SET last = moved.last, slot = moved.slot FROM "
        "unnest(%b::bigint[], %b::bigint[], %b::bigint[]) AS moved (last, slot, subject) "
        "WHERE chain.subject = moved.subject",
    }
)
_BLOCK: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sqlite": "INSERT INTO block (seq, records, nonce, sealed) VALUES (?, ?, ?, ?)",
        "postgresql": "INSERT INTO block (seq, records, nonce, sealed) VALUES (%s, %b, %b, %b)",
    }
)
_CHAIN_ENDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sqlite": "SELECT subject, tag, last, slot FROM chain "
        "WHERE subject IN (SELECT value FROM json_each(?))",
        "postgresql": "SELECT subject, tag, last, slot FROM chain "
        "WHERE subject = ANY (%b::bigint[])",
    }
)


def add_entries(connection: Connection, rows: Sequence[tuple[int, str, bytes, bytes]]) -> None:
    """Insert entries in their order. Shapes: (seq, t, body, leaf of 32 bytes)."""
    _write(connection, _ENTRIES, rows, (longs, texts, blobs, blobs))


def add_openings(connection: Connection, rows: Sequence[tuple[int, int, bytes]]) -> None:
    """Insert sealed openings. Shapes: (seq, subject, sealed)."""
    _write(connection, _OPENINGS, rows, (longs, longs, blobs))


def move_chains(connection: Connection, rows: Sequence[tuple[int, int | None, int]]) -> None:
    """Name everybody's new last entry. Shapes: (last, slot where that is a block, subject)."""
    _write(connection, _MOVED, rows, (longs, longs, longs))


def move_head(connection: Connection, size: int) -> None:
    """Name how many entries there are now."""
    mark = "?" if connection.dialect.name == "sqlite" else "%b::bigint"
    connection.exec_driver_sql(f"UPDATE log_head SET size = {mark}", (size,))  # noqa: S608


def add_block(connection: Connection, row: tuple[int, bytes, bytes, bytes]) -> None:
    """Insert what a block entry commits to. Shapes: (seq, records, nonce, sealed facts)."""
    connection.exec_driver_sql(_BLOCK[connection.dialect.name], row)


def chain_ends(
    connection: Connection, subjects: Sequence[int]
) -> Iterator[tuple[int, tuple[str, int | None, int | None]]]:
    """Read the ends of many chains. Shapes: subject, (tag, last, slot); no row for a stranger."""
    lite = connection.dialect.name == "sqlite"
    given = orjson.dumps(subjects).decode() if lite else longs(subjects)
    statement = _CHAIN_ENDS[connection.dialect.name]
    for subject, tag, last, slot in connection.exec_driver_sql(statement, (given,)).all():
        yield subject, (tag, last, slot)


def _write(
    connection: Connection,
    statements: Mapping[str, str],
    rows: Sequence[tuple[Any, ...]],
    packers: Sequence[Callable[[Sequence[Any]], Packed]],
) -> None:
    if not rows:
        return
    statement = statements[connection.dialect.name]
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(statement, list(rows))
    else:
        columns = zip(*rows, strict=True)
        packed = tuple(pack(column) for pack, column in zip(packers, columns, strict=True))
        connection.exec_driver_sql(statement, packed)
