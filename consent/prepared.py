# SPDX-License-Identifier: Apache-2.0
"""Statements that are asked for so often that building and compiling them each time would show.

One is written with SQLAlchemy like any other, compiled once for each kind of database, and run
with values that are bound by name; what comes back is as the driver gives it. `IN` has no place in
it: how many values there are would be part of its text.

A question of many rows can be `Gathered` into one: SQLite's driver lets another thread go first
at every row it steps to, and under load getting back its turn costs more than reading the row.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import CompoundSelect, Connection, Dialect, Row, Select, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_Question = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]
_Bound = Callable[[Mapping[str, Any]], Any]


class Prepared:
    """One statement, ready to be asked."""

    def __init__(self, statement: _Question) -> None:
        self._statement = statement
        self._ready: dict[str, tuple[str, _Bound]] = {}

    def __call__(self, connection: Connection, **values: Any) -> Sequence[Row[*tuple[Any, ...]]]:  # noqa: ANN401 - whatever the columns hold
        """Ask it with a value for each name it binds. Errors: KeyError for one that is missing."""
        dialect = connection.dialect
        known = self._ready.get(dialect.name)
        text, bound = known or self._ready.setdefault(
            dialect.name, _compiled(self._statement, dialect)
        )
        return connection.exec_driver_sql(text, bound(values)).all()


def _compiled(statement: _Question, dialect: Dialect) -> tuple[str, _Bound]:
    """Compile; a driver takes its values in order or by name."""
    made = statement.compile(dialect=dialect)
    fixed = {name: bind.value for name, bind in made.binds.items() if not bind.required}
    if not made.positiontup:
        return str(made), lambda values: fixed | values
    order = tuple(made.positiontup)
    return str(made), lambda values: tuple(
        [values[name] if name in values else fixed[name] for name in order]
    )


class Gathered(FunctionElement[str]):
    """The columns of many rows as one value, for `rows` to read; in whatever order they came."""

    inherit_cache = True
    type = Text()


@compiles(Gathered, "sqlite")
def _on_sqlite(gathered: Gathered, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    return f"json_group_array(json_array({compiler.process(gathered.clauses, **kw)}))"


@compiles(Gathered, "postgresql")
def _on_postgresql(gathered: Gathered, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    listed = compiler.process(gathered.clauses, **kw)
    return f"coalesce(json_agg(json_build_array({listed}))::text, '[]')"


def rows(gathered: str) -> Sequence[Sequence[Any]]:
    """Read what was gathered: text, whole numbers and nulls, as they were in their columns."""
    found: Sequence[Sequence[Any]] = orjson.loads(gathered)
    return found
