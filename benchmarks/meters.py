# SPDX-License-Identifier: Apache-2.0
"""What some work asks of its database: statements, commits, bytes of log, rows, processor time.

Counted where they pass: a statement is one that goes to the driver, whatever number of rows it
carries; a commit is one of a transaction that wrote. PostgreSQL says itself how much log it wrote
and which processes are its own; on SQLite those figures are 0.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final

from sqlalchemy import Connection, Engine, event, text

_WROTE: Final = "onlyou_wrote"
_READS: Final = ("SELECT", "EXPLAIN", "PRAGMA", "SHOW")


@dataclass(slots=True, kw_only=True)
class Meter:
    """What was counted between two moments. Units: seconds, bytes."""

    statements: int = 0
    commits: int = 0
    seconds: float = 0.0
    #: processor time of this process, and of the database's
    own: float = 0.0
    server: float = 0.0
    #: bytes of write-ahead log, and by which the database and its blobs grew
    logged: int = 0
    grown: int = 0

    def each(self, count: int) -> "Meter":
        """Share it among so many."""
        return Meter(**{name: getattr(self, name) / count for name in self.__slots__})


@contextmanager
def metered(engine: Engine, blobs: Path | None = None) -> Iterator[Meter]:
    """Count what is asked of a database until the block ends."""
    meter, turn = Meter(), threading.Lock()

    def asked(connection: Connection, _cursor: object, statement: str, *_: Any) -> None:  # noqa: ANN401
        with turn:
            meter.statements += 1
        if not statement.lstrip().upper().startswith(_READS):
            connection.info[_WROTE] = True

    def committed(connection: Connection) -> None:
        if connection.info.pop(_WROTE, False):
            with turn:
                meter.commits += 1

    before = _now(engine, blobs)
    event.listen(engine, "before_cursor_execute", asked)
    event.listen(engine, "commit", committed)
    start, own = perf_counter(), process_time()
    try:
        yield meter
    finally:
        meter.seconds, meter.own = perf_counter() - start, process_time() - own
        event.remove(engine, "before_cursor_execute", asked)
        event.remove(engine, "commit", committed)
        after = _now(engine, blobs)
        meter.server, meter.logged, meter.grown = (
            after[0] - before[0],
            after[1] - before[1],
            after[2] - before[2],
        )


def _now(engine: Engine, blobs: Path | None) -> tuple[float, int, int]:
    stored = sum(one.stat().st_size for one in blobs.rglob("*") if one.is_file()) if blobs else 0
    if engine.dialect.name == "sqlite":
        file = Path(str(engine.url.database))
        return 0.0, 0, stored + (file.stat().st_size if file.exists() else 0)
    with engine.connect() as connection:
        pid, logged, size = connection.execute(text(_ASKED)).one()
    return _busy(_parent(pid)), int(logged), stored + int(size)


_ASKED: Final = (
    "SELECT pg_backend_pid(), pg_current_wal_insert_lsn() - '0/0'::pg_lsn, "
    "pg_database_size(current_database())"
)


def _parent(pid: int) -> int:
    return int(_stat(pid)[1])


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()


def _busy(postmaster: int) -> float:
    """Add up the processor seconds of a server and all its processes, those that ended too."""
    ticks = 0
    for place in Path("/proc").glob("[0-9]*"):
        try:
            found = _stat(int(place.name))
        except OSError:
            continue
        if int(found[1]) == postmaster:
            ticks += int(found[11]) + int(found[12])
        elif int(place.name) == postmaster:
            ticks += sum(map(int, found[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
