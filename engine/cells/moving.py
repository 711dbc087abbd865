# SPDX-License-Identifier: Apache-2.0
"""Move a shard from one cell to another while everything runs.

(1) prepare an empty closed database where it goes, and copy sealed bytes ahead: they never change
(2) begin   the directory says `moving`, in a new term: who opens the shard now waits
(3) close   the log takes nothing any more, whoever still has it open; all that was answered is in
(4) carry   every row, and what sealed bytes came meanwhile; nothing is read there yet
(5) compare row by row, the root from the entries; sealed bytes by name and size, as they are put
    there; the directory: `carried`
(6) shred   the wrapped keys that were left behind: no reader opens a byte there from now on
(7) open    the copy, in the new term; then the directory points to it
(8) clear   what the old cell still holds
A move that was broken off anywhere goes on when it is asked for again; until (5) it can also be
given up, by moving the shard to where it is. At no moment are two logs open, and keys stand in the
open one alone: what was copied is shredded before a given-up move opens the old one again. Only
where that place is away they are left there, until whoever asks again can clear it; the directory
names it as long. Bytes deleted here after (1) are without a row there, for the reaper.
What is taken away is taken up to a term, which the log there is asked for in the same transaction:
a mover that was held up between its lock and the step finds that others came further.
Before anything is put into a place or cleared from it, something is laid into the store that
lives: one that shows it as well is the same under another name, and is left alone.
"""

import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from consent import carrying, database, faults, handover
from consent.blobs import Blobs, blob_name
from consent.chance import SystemChance
from consent.errors import Broken, Misused, OnlyouError
from consent.scopes import EVERYBODY, within
from consent.words import Reason
from engine import wiring
from engine.cells import founding
from engine.cells.directory import Directory, Place, State
from engine.cells.layout import Layout
from engine.settings import Settings
from engine.tables import answered

_LOCK: Final = "moving.lock"
_OWNER_ONLY: Final = 0o600
_log: Final = logging.getLogger(__name__)
_ADVISORY: Final = 0x6F6E6C79  # "only": names our locks among others of the same database


def _sure() -> None:
    """Stand for a lock that cannot be lost: it is held as long as this process lives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """Move shards; one mover at a time.

    `still` raises where another may move by now: it is asked before anything is taken away.
    """

    layout: Layout
    directory: Directory
    still: Callable[[], None] = _sure

    def move(self, number: int, target: str) -> Place:
        """Have a shard lie in a cell, whatever an earlier attempt left undone.

        Errors: Misused(unknown-key) for a cell that is none, or while it is on its way elsewhere;
        Broken(unavailable) where a copy differs, or somebody else moves or may have begun to.
        """
        self.layout.settings(number, target)
        with self._alone() as alone:
            return alone.go_on(number, target)

    def go_on(self, number: int, target: str) -> Place:
        """Take what steps are left, with every other mover kept out. Errors: as `move`."""
        place = self._begun(self.directory.place(number), target)
        if place.state is State.MOVING:
            place = self._carried(place)
        if place.state is State.CARRIED:
            place = self._handed_over(place)
        return self._cleared(place)

    def _begun(self, place: Place, target: str) -> Place:
        """Find or make the state from which to go on towards a cell."""
        if place.state is State.OPEN:
            if target == place.cell:
                return place
            if target != place.beside:
                place = self.directory.reserve(self._cleared(place), target)
            self._prepared(place)
            place = self.directory.begin(place)
            faults.point("move.begun")
        elif target == place.cell and place.state is State.MOVING:
            return self._given_up(place)
        if target != place.beside:
            raise Misused(
                Reason.UNKNOWN_KEY,
                f"shard {place.number} is on its way to {place.beside!r}: let it arrive first",
            )
        return place

    def _given_up(self, place: Place) -> Place:
        self.still()
        self._copy_shredded(place)
        self.still()
        with self._database(place, place.cell) as here:
            handover.reopen(here, place.term)
        return self.directory.give_up(place)

    def _copy_shredded(self, place: Place) -> None:
        """Take the keys of a copy that nobody will open, if there is one that can be reached."""
        try:
            with self._database(place, str(place.beside)) as there:
                if handover.standing(there) is not None:
                    handover.shred(there, place.term)
        except (OnlyouError, SQLAlchemyError):
            _log.warning("a copy that was given up could not be shredded; ask again to clear it")

    def _prepared(self, place: Place) -> None:
        """Take step (1)."""
        to = self._settings(place, str(place.beside))
        self._apart(place)
        self._bared(to, place.term)
        _complete(wiring.blobs(self._settings(place, place.cell)), wiring.blobs(to))
        faults.point("move.prepared")

    def _bared(self, to: Settings, term: int) -> None:
        """Have a closed database without a row, whatever an attempt before left in it."""
        founding.ready(to)
        with _owned(to) as there:
            found = handover.standing(there)
            if found is not None and found.size:
                self.still()
                handover.clear(there, term)
                founding.ready(to)
            handover.close(there, term)

    def _carried(self, place: Place) -> Place:
        """Take steps (3) to (5)."""
        to = self._settings(place, str(place.beside))
        with self._database(place, place.cell) as here:
            handover.close(here, place.term)
            faults.point("move.closed")
            with _owned(to) as there:
                found = handover.standing(there)
            if found is None or found.size:
                self._bared(to, place.term)
            with _owned(to) as there:
                carrying.carry(here, there)
                faults.point("move.rows")
                _complete(wiring.blobs(self._settings(place, place.cell)), wiring.blobs(to))
                faults.point("move.blobs")
                self._compared(place, here, there)
                _answers(here, there)
        self.still()
        place = self.directory.carried(place)
        faults.point("move.carried")
        return place

    def _compared(self, place: Place, here: Engine, there: Engine) -> None:
        old, new = handover.summary(here), handover.summary(there)
        differ = sorted(name for name, rows in old.items() if new.get(name) != rows)
        origin = self.layout.origin(place.number)
        if differ or handover.recomputed(here, origin) != handover.recomputed(there, origin):
            named = differ[0] if differ else "entry"
            raise Broken(Reason.UNAVAILABLE, f"the copy differs in {named!r}; nothing was moved")

    def _handed_over(self, place: Place) -> Place:
        """Take steps (6) and (7)."""
        with self._database(place, place.cell) as here:
            self.still()
            handover.shred(here, place.term)
        faults.point("move.shredded")
        with self._database(place, str(place.beside)) as there:
            handover.reopen(there, place.term)
        faults.point("move.opened")
        place = self.directory.flip(place)
        faults.point("move.flipped")
        return place

    def _cleared(self, place: Place) -> Place:
        """Take step (8), where anything is left."""
        if place.beside is None:
            return place
        left = self._settings(place, place.beside)
        self._apart(place)
        with _owned(left) as there:
            self.still()
            handover.clear(there, place.term)
        faults.point("move.cleared")
        blobs = wiring.blobs(left)
        for page in blobs.pages():
            self.still()
            for stored in page:
                blobs.delete(stored.name)
        return self.directory.cleared(place)

    # --- places

    def _apart(self, place: Place) -> None:
        """Look whether both stores are one. Errors: Broken(unavailable) where they are."""
        lives, other = (
            wiring.blobs(self._settings(place, cell)) for cell in (place.cell, str(place.beside))
        )
        name = blob_name(SystemChance())
        lives.put_new(name, b"")
        try:
            if other.head(name):
                same = f"{place.beside!r} keeps sealed bytes in the store of {place.cell!r}"
                raise Broken(Reason.UNAVAILABLE, f"{same}, by another name; nothing was done")
        finally:
            lives.delete(name)

    def _settings(self, place: Place, cell: str) -> Settings:
        return self.layout.settings(place.number, cell)

    @contextmanager
    def _database(self, place: Place, cell: str) -> Iterator[Engine]:
        with _opened(self._settings(place, cell).database) as engine:
            yield engine

    @contextmanager
    def _alone(self) -> Iterator["Moves"]:
        """Keep every other mover out: on this machine by a file, on others by the database."""
        path = self.layout.front.home / _LOCK
        with ExitStack() as held:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
            held.callback(os.close, handle)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise _busy() from error
            yield replace(self, still=held.enter_context(_advised(self.directory.engine)))


@contextmanager
def _advised(engine: Engine) -> Iterator[Callable[[], None]]:
    """Hold PostgreSQL's word for it, and give what asks whether it still stands.

    It is kept in no transaction: the server ends a session that is idle in one, and its locks.
    SQLite is on one machine.
    """
    if engine.dialect.name != "postgresql":
        yield _sure
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        asked = f"SELECT pg_try_advisory_lock({_ADVISORY})"
        if not connection.exec_driver_sql(asked).scalar():
            raise _busy()
        try:
            yield partial(_held, connection)
        finally:
            with suppress(SQLAlchemyError):
                connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_ADVISORY})")
            connection.invalidate()  # which ends the session, and its lock, in a moment


def _held(connection: Connection) -> None:
    """Ask for a session's lock. Errors: Broken(unavailable) where it, or the session, is gone."""
    mine = "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    with suppress(SQLAlchemyError):
        if _ADVISORY in connection.exec_driver_sql(mine).scalars().all():
            return
    raise Broken(Reason.UNAVAILABLE, "the lock of this move is gone; ask for the move again")


def _busy() -> Broken:
    return Broken(Reason.UNAVAILABLE, "somebody else moves a shard at this moment")


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = database.connect(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _owned(chosen: Settings) -> AbstractContextManager[Engine]:
    return _opened(chosen.database_owner or chosen.database)


def _answers(here: Engine, there: Engine) -> None:
    """Bring what was answered since the rows were read: who asks again is told it there, too.

    A closed log still takes it: what is answered last was done just before the log was closed.
    """
    with carrying.snapshot(here) as old:
        rows = [dict(row) for row in old.execute(select(answered)).mappings()]
    with within(EVERYBODY), there.begin() as new:
        new.execute(delete(answered))
        if rows:
            new.execute(insert(answered), rows)


def _complete(source: Blobs, target: Blobs) -> None:
    """Copy what is not there yet, whole; what is deleted meanwhile is not missed.

    Errors: Broken(unavailable) where something did not arrive.
    """
    for page in source.pages():
        for stored in page:
            size = source.size(stored.name)
            if not size or target.size(stored.name) == size:
                continue
            try:
                target.put_new(stored.name, source.get(stored.name))
            except Broken:
                if source.head(stored.name):
                    raise
            else:
                _arrived(target, stored.name, size)


def _arrived(target: Blobs, name: str, size: int) -> None:
    if target.size(name) != size:
        raise Broken(Reason.UNAVAILABLE, "sealed bytes did not arrive; nothing was moved")
