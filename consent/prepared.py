# SPDX-License-Identifier: Apache-2.0
"""Statements that are asked for so often that building and compiling them each time would show.

One is written with SQLAlchemy like any other, compiled once for each kind of database, and run
with values that are bound by name; what comes back is as the driver gives it. `IN` has no place in
it: how many values there are would be part of its text.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Dialect, Row, Select

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
