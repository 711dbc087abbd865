# SPDX-License-Identifier: Apache-2.0
"""Compare the store of sealed bytes with the rows that name them: neither without the other.

Rules:
1. both are read in parts: never are all names held at once
2. bytes are deleted once they are old and no row names them, asked after they were listed: a row
   that lands meanwhile keeps its bytes
3. a row whose bytes are gone is only counted and named, never deleted by looking: a store that is
   empty for an hour, or another one than meant, must not cost anybody a portrait
"""

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import func, select

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
_PARTS: Final = tuple(f"{part:02x}" for part in range(256))
_FEW: Final = 50_000
"""Rows up to which their names are compared at once, not part by part."""


class Reaper:
    """Look for what a crash or a loss left behind, on either side."""

    def __init__(self, ledger: Ledger, blobs: Blobs) -> None:
        self._ledger = ledger
        self._blobs = blobs

    def reap(self, before: Micros) -> int:
        """Delete bytes written before a moment that no row names; count them.

        Units: `before` is the real clock's, since a store dates its objects by it.
        """
        reaped = 0
        for page in self._blobs.pages():
            orphans = self._unknown(one.name for one in page if one.written_at <= before)
            for name in orphans:
                self._blobs.delete(name)
            reaped += len(orphans)
        return reaped + self._blobs.clear(before)

    def strays(self) -> int:
        """Count bytes without a row: ciphertext that nobody can open any more."""
        pages = self._blobs.pages()
        return sum(len(self._unknown(one.name for one in page)) for page in pages)

    @within(EVERYBODY)  # bytes whose row is hidden would be deleted
    def _unknown(self, names: Iterable[str]) -> list[str]:
        listed = sorted(names)
        if not listed:
            return []
        with self._ledger.read() as connection:
            known = {
                name
                for table in SEALED
                for name in connection.execute(
                    select(table.c.blob).where(table.c.blob.in_(listed))
                ).scalars()
            }
        return [name for name in listed if name not in known]

    def lost(self) -> Iterator[tuple[Subject, ObjectId]]:
        """Name the portraits and selfies whose bytes are not in the store; there should be none.

        Rows are read before the store: what goes meanwhile is in both or in neither.
        """
        for part in self._parts():
            named = self._named(part)
            for page in self._blobs.pages(part) if named else ():
                for one in page:
                    named.pop(one.name, None)
            gone = [name for name in named if not self._blobs.head(name)]
            yield from (named[name] for name in gone if self._unknown([name]) == [])

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
