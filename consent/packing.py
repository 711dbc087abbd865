# SPDX-License-Identifier: Apache-2.0
"""Columns of values as the arrays that PostgreSQL takes them in, in its own binary form.

The driver packs an array value by value in Python; here a column is packed as one, which costs a
third. Shapes: an array is its dimensions (1), whether it holds a NULL, the number of its type, how
many there are and where they begin (1); then each value after its length, -1 for NULL.
Source: PostgreSQL's `array_recv`, and the binary forms of its types.
"""

from collections.abc import Callable, Sequence
from functools import cache
from struct import Struct
from typing import Any, Final, TypeVar

import numpy as np

_HEAD: Final = Struct("!iiIii").pack
_LENGTH: Final = Struct("!i").pack
_LONG: Final = Struct("!iq").pack
_REAL: Final = Struct("!id").pack
_FLAG: Final = Struct("!i?").pack
_NULL: Final = _LENGTH(-1)
_LONGS: Final = np.dtype([("length", ">i4"), ("number", ">i8")])


class Packed(bytes):
    """A packed column; the driver sends its bytes as they are."""

    #: PostgreSQL's numbers of the type of one value, and of the array
    one: int
    many: int


P = TypeVar("P", bound=Packed)


class Longs(Packed):
    """A column of bigint."""

    one, many = 20, 1016


class Texts(Packed):
    """A column of text."""

    one, many = 25, 1009


class Blobs(Packed):
    """A column of bytea."""

    one, many = 17, 1001


class Flags(Packed):
    """A column of boolean."""

    one, many = 16, 1000


class Reals(Packed):
    """A column of double precision."""

    one, many = 701, 1022


@cache
def teach() -> None:
    """Let the driver send packed columns, over all connections that are made from then on."""
    from psycopg import adapters, pq  # noqa: PLC0415 - only who has PostgreSQL has its driver
    from psycopg.adapt import Dumper  # noqa: PLC0415

    for kind in (Longs, Texts, Blobs, Flags, Reals):
        how = {"format": pq.Format.BINARY, "oid": kind.many, "dump": lambda _, packed: packed}
        adapters.register_dumper(kind, type(f"{kind.__name__}Dumper", (Dumper,), how))


def longs(column: Sequence[Any]) -> Longs:
    """Pack whole numbers. Errors: struct.error for what is none."""
    found = np.array(column)
    if found.dtype != np.int64:  # a NULL among them, or what is no number at all
        return _packed(Longs, column, lambda number: _LONG(8, number))
    rows = np.empty(len(column), _LONGS)
    rows["length"], rows["number"] = 8, found
    return Longs(_head(Longs, len(column), nulls=False) + rows.tobytes())


def texts(column: Sequence[Any]) -> Texts:
    """Pack texts, and words that are texts."""
    return _packed(Texts, column, _text)


def blobs(column: Sequence[Any]) -> Blobs:
    """Pack bytes of any kind."""
    return _packed(Blobs, column, _blob)


def flags(column: Sequence[Any]) -> Flags:
    """Pack truth values."""
    return _packed(Flags, column, lambda flag: _FLAG(1, flag))


def reals(column: Sequence[Any]) -> Reals:
    """Pack numbers that are not whole."""
    return _packed(Reals, column, lambda number: _REAL(8, number))


def _text(text: str) -> bytes:
    said = text.encode()
    return _LENGTH(len(said)) + said


def _blob(blob: bytes) -> bytes:
    return _LENGTH(len(blob)) + bytes(blob)


def _packed(kind: type[P], column: Sequence[Any], one: Callable[[Any], bytes]) -> P:
    told = [_NULL if value is None else one(value) for value in column]
    return kind(_head(kind, len(column), nulls=_NULL in told) + b"".join(told))


def _head(kind: type[Packed], count: int, *, nulls: bool) -> bytes:
    return _HEAD(1, nulls, kind.one, count, 1)
