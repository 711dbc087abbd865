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

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import chain
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    TableClause,
    column,
    delete,
    func,
    inspect,
    select,
    table,
)

from consent import database
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
    with within(EVERYBODY), database.reading(engine) as connection:
        yield connection


def copy(old: Connection, new: Connection) -> Mapping[str, int]:
    """Copy all rows from one open transaction into another; see `carry`."""
    source, target = tables(old), tables(new)
    _same(source, target)
    with _untriggered(new, target):
        _emptied(new, target)
        for name, one in target.items():
            _fill(old, one.ordered(source[name]), new, one.table)
    arrived = counts(new, target)
    if arrived != counts(old, source):
        raise Broken(Reason.SCHEMA_VERSION, "not every row arrived; nothing is kept")
    return arrived


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One table as its catalogue tells it: its columns, its key, what its rows hang on."""

    table: TableClause
    key: tuple[str, ...]
    parents: frozenset[str]
    own: tuple[str, ...]  #: columns by which a row hangs on a row of the same table

    def ordered(self, source: "Held") -> Select[Any]:
        """Read another database's rows in this one's order: what others hang on comes first."""
        there = source.table.c
        later = [there[name].is_not(None) for name in self.own]
        return select(source.table).order_by(*later, *(there[name] for name in self.key))


def tables(connection: Connection) -> Mapping[str, Held]:
    """Read from the catalogue what tables there are, parents first; partitions are parts."""
    parts = set(connection.exec_driver_sql(_PARTS).scalars()) if _postgresql(connection) else set()
    looked = inspect(connection)
    columns = looked.get_multi_columns()
    keys, hooks = looked.get_multi_pk_constraint(), looked.get_multi_foreign_keys()
    found = {
        place[1]: _held(place[1], told, keys[place], hooks[place])
        for place, told in columns.items()
        if place[1] not in parts | {_ITS_OWN}
    }
    order = TopologicalSorter({name: one.parents for name, one in sorted(found.items())})
    return {name: found[name] for name in order.static_order()}


def _held(name: str, columns: Iterable[Any], key: Any, hooks: Sequence[Any]) -> Held:  # noqa: ANN401
    # a key into a table in parts is there once for each part, too, which lies in another schema
    parents = {hook["referred_table"] for hook in hooks if not hook["referred_schema"]}
    own = [hook["constrained_columns"] for hook in hooks if hook["referred_table"] == name]
    return Held(
        table=table(name, *(column(one["name"], one["type"]) for one in columns)),
        key=tuple(key["constrained_columns"]),
        parents=frozenset(parents - {name}),
        own=tuple(chain.from_iterable(own)),
    )


def counts(connection: Connection, known: Mapping[str, Held]) -> Mapping[str, int]:
    """Count the rows of every table."""
    return {
        name: connection.execute(select(func.count()).select_from(one.table)).scalar_one()
        for name, one in known.items()
    }


_PARTS: Final = (
    "SELECT relname FROM pg_class WHERE relispartition AND relnamespace = "
    "current_schema()::regnamespace"
)


def _postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _same(source: Mapping[str, Held], target: Mapping[str, Held]) -> None:
    for name in sorted(source.keys() ^ target.keys()):
        raise Broken(Reason.SCHEMA_VERSION, f"only one of the databases has the table {name!r}")
    for name, one in source.items():
        if set(one.table.c.keys()) != set(target[name].table.c.keys()):
            raise Broken(Reason.SCHEMA_VERSION, f"the databases differ in the columns of {name!r}")


def _emptied(connection: Connection, known: Mapping[str, Held]) -> None:
    """Take away the head of a log that nobody wrote to; refuse where there is anything else."""
    head = known[_HEAD].table
    held = {name for name, many in counts(connection, known).items() if many and name != _HEAD}
    written = connection.execute(select(head.c.size).where(head.c.size > 0)).first()
    if held or written:
        what = min(held, default=_HEAD)
        raise Misused(Reason.UNKNOWN_KEY, f"the database holds something already: {what}")
    connection.execute(delete(head))


def _fill(old: Connection, rows: Select[Any], new: Connection, into: TableClause) -> None:
    found = old.execute(rows, execution_options={"yield_per": _BATCH})
    for some in found.mappings().partitions():
        new.execute(into.insert(), [dict(row) for row in some])


@contextmanager
def _untriggered(connection: Connection, known: Mapping[str, Held]) -> Iterator[None]:
    """Set all triggers of ours aside; those that hold foreign keys stay in force."""
    if _postgresql(connection):
        _each(connection, known, "DISABLE")
        yield
        _each(connection, known, "ENABLE")
        return
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    triggers = rows.all()
    for name, _ in triggers:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    for _, statement in triggers:
        connection.exec_driver_sql(statement)


def _each(connection: Connection, known: Iterable[str], word: str) -> None:
    for name in known:
        connection.exec_driver_sql(f'ALTER TABLE "{name}" {word} TRIGGER USER')
