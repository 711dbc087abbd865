# SPDX-License-Identifier: Apache-2.0
"""Hand a whole log from one database to another: close it, compare, take its keys away, open it.

Rules:
1. a log is closed under its head lock, in a new term: what was acknowledged is in it, and nothing
   more will be, whoever still has it open
2. a copy is compared row by row before anything here is taken away
3. keys go before the copy opens: whoever reads here afterwards finds ciphertext without a key, so
   that a withdrawal there cannot be missed by a reader here
4. an open log that holds anything is never cleared
5. who takes something away says up to which term, and the log itself is asked in the same
   transaction: one that was held up meanwhile finds a later term, and takes nothing
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    delete,
    inspect,
    or_,
    select,
    update,
)

from consent import database, merkle
from consent.errors import Broken
from consent.notes import Checkpoint
from consent.tables import entry, log_head, metadata, subject_key
from consent.words import Reason

_BATCH: Final = 2_000
_VERSION: Final = "alembic_version"
_NOT_COMPARED: Final = frozenset({log_head.name, "answered", "lease"})
"""The head, which says open or closed; and what is written without it, so that a closed log still
takes it: answers kept for whoever asks again, and who works at which request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a log stands in one database."""

    size: int
    term: int
    open: bool


def standing(engine: Engine) -> Standing | None:
    """Say how a log stands in a database; None where there is none."""
    if not inspect(engine).has_table(log_head.name):
        return None
    with database.reading(engine) as connection:
        found = connection.execute(select(log_head.c.size, log_head.c.term, log_head.c.open))
        row = found.one_or_none()
    return None if row is None else Standing(size=row[0], term=row[1], open=bool(row[2]))


def close(engine: Engine, term: int) -> None:
    """Close a log in a term; succeeds again when repeated.

    Errors: Broken(unavailable) where it is of a later term: who asks knows less than the log.
    """
    _set(engine, term, is_open=0)


def reopen(engine: Engine, term: int) -> None:
    """Open a log in a term; succeeds again when repeated. Errors: as `close`."""
    _set(engine, term, is_open=1)


def _set(engine: Engine, term: int, *, is_open: int) -> None:
    mine = update(log_head).where(log_head.c.term <= term).values(term=term, open=is_open)
    with engine.begin() as connection:
        if not connection.execute(mine).rowcount:
            raise Broken(Reason.UNAVAILABLE, f"the log is of a later term than {term}")


def shred(engine: Engine, term: int) -> int:
    """Delete every wrapped key of a log closed in a term or before; return how many there were.

    Errors: Broken(unavailable) where the log is open, or of a later term.
    """
    with engine.begin() as connection:
        if not _stays(connection, term, log_head.c.open == 0):
            kind = f"only a log that is closed, and in no later term than {term}"
            raise Broken(Reason.UNAVAILABLE, f"{kind}, gives its keys away")
        gone = connection.execute(delete(subject_key)).rowcount
    _reach_the_file(engine)
    return gone


def _stays(connection: Connection, term: int, taken: ColumnElement[bool]) -> bool:
    """Hold a log as it is until the transaction ends; say whether it is one to take from."""
    known = update(log_head).where(log_head.c.term <= term, taken)
    return bool(connection.execute(known.values(term=log_head.c.term)).rowcount)


def _reach_the_file(engine: Engine, more: str = "") -> None:
    """Have SQLite write over what was deleted, journal included."""
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        for statement in (more, "PRAGMA wal_checkpoint(TRUNCATE)"):
            cursor.execute(statement)


def summary(engine: Engine) -> Mapping[str, str]:
    """Say of every table how many rows it has, and the SHA-256 over them in order of their key.

    What is written to a closed log, too, is left out: it may change between two looks.
    """
    with database.reading(engine) as connection:
        return {
            table.name: _digest(connection, table)
            for table in metadata.sorted_tables
            if table.name not in _NOT_COMPARED
        }


def _digest(connection: Connection, table: Table) -> str:
    ordered = select(table).order_by(*table.primary_key.columns)
    digest, count = hashlib.sha256(), 0
    found = connection.execute(ordered, execution_options={"yield_per": _BATCH})
    for row in found:
        digest.update(repr(tuple(row)).encode() + b"\n")
        count += 1
    return f"{count} {digest.hexdigest()}"


def recomputed(engine: Engine, origin: str) -> Checkpoint:
    """Return a log's head, its root computed anew from the entries themselves."""
    tree = merkle.Tree()
    with database.reading(engine) as connection:
        found = select(entry.c.body).order_by(entry.c.seq)
        rows = connection.execute(found, execution_options={"yield_per": _BATCH}).scalars()
        tree.extend(merkle.leaf_hash(bytes(body)) for body in rows)
    return Checkpoint(origin, len(tree), tree.root())


def clear(engine: Engine, term: int) -> None:
    """Drop all that a database holds; succeeds again when repeated. Takes the tables' owner.

    Errors: Broken(unavailable) where an open log holds entries: that one is alive; or where it is
    of a later term.
    """
    held = standing(engine) is not None
    dead = or_(log_head.c.open == 0, log_head.c.size == 0)
    with engine.begin() as connection:
        if held and not _stays(connection, term, dead):
            kind = f"a log that is open, or of a later term than {term}"
            raise Broken(Reason.UNAVAILABLE, f"{kind}, is not cleared")
        _drop_triggers(connection)
        metadata.drop_all(connection)
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {_VERSION}")
    _reach_the_file(engine, "VACUUM")


def _drop_triggers(connection: Connection) -> None:
    """Take SQLite's triggers away first: some guard a table against another's being dropped."""
    if connection.dialect.name == "sqlite":
        named = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        for name in connection.exec_driver_sql(named).scalars().all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
