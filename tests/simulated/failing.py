# SPDX-License-Identifier: Apache-2.0
"""Let the n-th I/O of an act fail: a statement, a commit, a key file, a wait for the disk, a blob.

A commit is two: refused, and landed with nobody told. What is raised is what the place itself
raises: an error of the driver, no space left, no answer.
"""

import errno
import hashlib
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from consent import faults
from tests.simulated.village import Village

WRITES = os.O_WRONLY | os.O_RDWR
BLOBS = {"blob.put.before", "blob.put.after", "blob.get.before", "blob.delete.before"}


@dataclass(slots=True)
class Failing:
    """Count I/O; fail the n-th. `what` says which it was, once it came."""

    fatal: int
    home: Path
    taken: int = 0
    what: str = ""
    trail: list[str] = field(default_factory=list)

    def due(self, what: str) -> bool:
        """Count one; say whether it is the one that fails."""
        self.taken += 1
        self.trail.append(what)
        if self.taken == self.fatal:
            self.what = what
        return self.taken == self.fatal

    def lost(self, what: str) -> None:
        """Fail as a database does whose disk or line is gone."""
        if self.due(what):
            raise OperationalError(what, None, sqlite3.OperationalError("disk I/O error"))

    def full(self, what: str) -> None:
        """Fail as a disk does that is full."""
        if self.due(what):
            raise OSError(errno.ENOSPC, "no space left on device")


class _Current:
    """What the audit hook looks at: a hook can be set, never taken back."""

    failing: Failing | None = None
    set: bool = False


def _touched(what: str, given: tuple[Any, ...]) -> None:
    failing = _Current.failing
    if failing is None or what not in {"open", "os.rename", "os.remove"}:
        return
    if not str(given[0]).startswith(f"{failing.home}/keys") or str(given[0]).endswith(".lock"):
        return
    if what != "open" or given[2] & WRITES:
        failing.full(f"{what} of {Path(given[0]).suffix}")


@contextmanager
def failing_at(village: Village, fatal: int) -> Iterator[Failing]:
    """Fail the n-th I/O of what is done inside; with 0 none, all are counted."""
    failing = Failing(fatal, village.home)
    if not _Current.set:
        sys.addaudithook(_touched)
        _Current.set = True

    def passing(name: str) -> None:
        if name in BLOBS:
            failing.full(name)

    _Current.failing = failing
    with pytest.MonkeyPatch.context() as patch, _listening(village, failing):
        patch.setattr(os, "fsync", lambda _handle: failing.full("fsync"))
        try:
            with faults.injecting(passing):
                yield failing
        finally:
            _Current.failing = None


@contextmanager
def _listening(village: Village, failing: Failing) -> Iterator[None]:
    """Stand at every statement of one database, before every commit and after it."""
    engine = village.rooms.consent.ledger.engine
    honest: Callable[[Any], None] = engine.dialect.do_commit

    def statement(_c: Connection, _cursor: Any, text: str, *_: Any) -> None:
        if not text.startswith("PRAGMA"):
            failing.lost(" ".join(text.split()[:3]))

    def committing(_connection: Connection) -> None:
        failing.lost("COMMIT, refused")

    def committed(connection: Any) -> None:
        honest(connection)
        if failing.due("COMMIT, landed"):
            raise sqlite3.OperationalError("disk I/O error")

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", committing)
    engine.dialect.do_commit = committed  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        engine.dialect.do_commit = honest  # type: ignore[method-assign, assignment]
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", committing)


def disk(home: Path) -> str:
    """Hash every byte of a home: a transaction that was taken back leaves none changed."""
    seen = hashlib.sha256()
    for file in sorted(file for file in home.rglob("*") if file.is_file()):
        if not file.name.endswith(("-journal", ".lock")):
            seen.update(repr((file.relative_to(home), file.read_bytes())).encode())
    return seen.hexdigest()
