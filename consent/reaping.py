# SPDX-License-Identifier: Apache-2.0
"""Compare the store of sealed bytes with the rows that name them: neither without the other.

Rules:
1. both are read in parts: never are all names held at once
2. bytes are deleted once they are old and no row names them, asked after they were listed: a row
   that lands meanwhile keeps its bytes
3. how old bytes are is judged by two clocks, the store's and this machine's, and either may be
   set: so two looks, half an hour apart by a clock that nobody sets, must find them without a row
4. a row whose bytes are gone is only counted and named, never deleted by looking: a store that is
   empty for an hour, or another one than meant, must not cost anybody a portrait
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Final

from sqlalchemy import Connection, func, select

from consent import clocks, database
from consent.blobs import Blobs
from consent.errors import Broken
from consent.ledger import Ledger
from consent.scopes import EVERYBODY, within
from consent.tables import asset, quarantined, selfie
from consent.words import HOUR, Micros, ObjectId, Subject

SEALED: Final = (asset, quarantined, selfie)
"""Where the sealed bytes that a policy gives a time to are named."""
GRACE: Micros = Micros(HOUR)
"""How long bytes may lie without a row: longer than any sealing takes."""
APART: Micros = Micros(HOUR // 2)
"""How far two looks lie apart that both find bytes without a row, before they are deleted."""
_REMEMBERED: Final = 100_000
"""Names of bytes without a row that are remembered from look to look; more wait their turn."""
_PARTS: Final = tuple(f"{part:02x}" for part in range(256))
_FEW: Final = 50_000
"""Rows up to which their names are compared at once, not part by part."""
Read = Callable[[], AbstractContextManager[Connection]]
"""Opens one view of the rows."""


class Reaper:
    """Look for what a crash or a loss left behind, on either side."""

    def __init__(
        self,
        ledger: Ledger,
        blobs: Blobs,
        *,
        names: str = "",
        elapsed: Callable[[], Micros] = clocks.elapsed,
    ) -> None:
        """`names` is the URL to read by how bytes are named, where it is not the ledger's own."""
        self._ledger = ledger
        self._blobs = blobs
        self._names = names
        self._elapsed = elapsed
        self._seen: dict[str, Micros] = {}

    def reap(self, before: Micros, apart: Micros = APART) -> int:
        """Delete bytes written before a moment that no row named at an earlier look, nor now.

        Returns how many. Units: `before` is the real clock's, since a store dates its objects by
        it; `apart` is how long ago the earlier look was at the least, 0 for none.
        """
        now, seen, reaped = self._elapsed(), dict[str, Micros](), 0
        with self._sweep() as read:
            for page in self._blobs.pages():
                written = {one.name: one.written_at for one in page}
                for name in _unknown(read, written):
                    first = self._seen.get(name, now)
                    if written[name] <= before and now - first >= apart:
                        self._blobs.delete(name)
                        reaped += 1
                    elif len(seen) < _REMEMBERED:
                        seen[name] = first
        self._seen = seen
        return reaped + self._blobs.clear(before)

    def strays(self) -> int:
        """Count bytes without a row: ciphertext that nobody can open any more."""
        pages = self._blobs.pages()
        with self._sweep() as read:
            return sum(len(_unknown(read, (one.name for one in page))) for page in pages)

    @contextmanager
    def _sweep(self) -> Iterator[Read]:
        """Reach the rows, for one sweep, as whoever may read names and nothing that they open."""
        if not self._names:
            yield self._ledger.read
            return
        engine = database.connect(self._names)
        try:
            yield partial(database.reading, engine)
        finally:
            engine.dispose()

    def lost(self) -> Iterator[tuple[Subject, ObjectId]]:
        """Name the portraits and selfies whose bytes are not in the store; there should be none.

        Rows are read before the store: what goes meanwhile is in both or in neither.
        """
        with self._sweep() as read:
            for part in self._parts():
                named = self._named(part)
                for page in self._blobs.pages(part) if named else ():
                    for one in page:
                        named.pop(one.name, None)
                gone = [name for name in named if not self._blobs.head(name)]
                yield from (named[name] for name in gone if not _unknown(read, [name]))

    def fill(self, other: Blobs) -> int:
        """Take from another store what rows name and this one has not; count it.

        What neither has stays missing: its person destroyed it meanwhile, or it is `lost`. Errors:
        Broken(unavailable) where a store fails: what is not whole is not told as if it were.
        """
        brought = 0
        for part in self._parts():
            named = self._named(part)
            for page in self._blobs.pages(part) if named else ():
                for one in page:
                    named.pop(one.name, None)
            for name in named:
                brought += self._bring(name, other)
        return brought

    def _bring(self, name: str, other: Blobs) -> bool:
        if not other.head(name):
            return False
        try:
            content = other.get(name)
        except Broken:
            if other.head(name):
                raise
            return False  # gone between the two
        self._blobs.put_new(name, content)
        return True

    def _parts(self) -> tuple[str, ...]:
        with self._ledger.read() as connection:
            rows = sum(
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in SEALED
            )
        return ("",) if rows <= _FEW else _PARTS

    def _named(self, part: str) -> dict[str, tuple[Subject, ObjectId]]:
        with self._ledger.read() as connection:
            return {
                name: (Subject(subject), ObjectId(obj))
                for table in SEALED
                for name, subject, obj in connection.execute(
                    select(table.c.blob, table.c.subject, table.c.object).where(
                        table.c.blob.startswith(part)
                    )
                )
            }


@within(EVERYBODY)  # bytes whose row is hidden would be deleted
def _unknown(read: Read, names: Iterable[str]) -> list[str]:
    """Name those that no row names now."""
    listed = sorted(names)
    with read() as connection:
        known = {
            name
            for table in SEALED
            for name in connection.execute(
                select(table.c.blob).where(table.c.blob.in_(listed))
            ).scalars()
        }
    return [name for name in listed if name not in known]
