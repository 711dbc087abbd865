# SPDX-License-Identifier: Apache-2.0
"""Ask for many rows by number in a statement whose text does not grow with them.

`IN (?, ?, ...)` is written, parsed and planned anew for every length: for a hundred people that
costs more than reading their rows. Here all numbers are one value: an array, or JSON on SQLite.
"""

from collections.abc import Callable, Iterable
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Dialect, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, UserDefinedType
from typing_extensions import override

from consent.packing import Longs, longs


def among(column: ColumnElement[int], numbers: Iterable[int]) -> ColumnElement[bool]:
    """Say that a column holds one of these numbers; of none, that it holds none of them."""
    return _Among(column, bindparam(None, list(numbers), type_=_Numbers()))


class _Numbers(UserDefinedType[list[int]]):
    """Whole numbers as one value."""

    cache_ok = True

    @override
    def bind_processor(self, dialect: Dialect) -> Callable[[list[int] | None], str | Longs]:
        if dialect.name == "sqlite":
            return lambda numbers: orjson.dumps(numbers).decode()
        return lambda numbers: longs(numbers or ())


class _Among(FunctionElement[Any]):
    """A column and the numbers that it may hold."""

    inherit_cache = True
    type = NullType()  # a truth value would be compared with 1 on SQLite, past any index


@compiles(_Among, "sqlite")
def _on_sqlite(one: _Among, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    column, numbers = (compiler.process(part, **kw) for part in one.clauses)
    return f"{column} IN (SELECT value FROM json_each({numbers}))"  # noqa: S608


@compiles(_Among, "postgresql")
def _on_postgresql(one: _Among, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    column, numbers = (compiler.process(part, **kw) for part in one.clauses)
    return f"{column} = ANY (CAST({numbers} AS BIGINT[]))"
