# SPDX-License-Identifier: Apache-2.0
"""Read again what was read before: what need not be remembered of a long log is looked up.

A person's entries are found by walking their chain back. Where a chain is broken, which is a
finding of its own, the walk ends.
"""

from collections.abc import Iterator
from typing import Final

from consent.verify.canonical import Folder
from consent.verify.grammar import Entry, read_entry
from consent.verify.openings import named
from consent.verify.tiles import read_tile
from consent.verify.tree import WIDTH

RECORD: Final = 70
_NO_SEQ: Final = (1 << 64) - 1
_MOST_STEPS: Final = 20_000
_MOST_TILES: Final = 16


class Past:
    """The entries of a bundle by their number."""

    def __init__(self, folder: Folder, size: int | None) -> None:
        self._folder = folder
        self._size = size
        self._tiles: dict[int, list[bytes]] = {}

    def entry(self, seq: int) -> Entry | None:
        """Return an entry; None where there is none or it is malformed."""
        number = seq // WIDTH
        if number not in self._tiles:
            if len(self._tiles) >= _MOST_TILES:
                del self._tiles[next(iter(self._tiles))]
            self._tiles[number] = read_tile(self._folder, number, self._size)
        tile = self._tiles[number]
        read = read_entry(tile[seq % WIDTH]) if seq % WIDTH < len(tile) else ""
        return None if isinstance(read, str) else read

    def record(self, seq: int, slot: int) -> bytes:
        """Return a record of a block, nothing where there is none."""
        raw = self._folder.part(f"blocks/{seq}.bin", RECORD * slot, RECORD)
        return raw if len(raw) == RECORD else b""

    def chain(self, seq: int, entry: Entry) -> Iterator[tuple[int, Entry]]:
        """Yield the entries of an entry's person before it, newest first, records left out."""
        tag, before, prev = entry["tag"], seq, entry.get("prev")
        for _ in range(_MOST_STEPS):
            here = prev[0] if isinstance(prev, list) else prev
            if here is None or here >= before:
                return
            if isinstance(prev, list):
                prev = self._before(here, prev[1], tag)
            else:
                found = self.entry(here)
                if found is None or found.get("tag") != tag:
                    return
                yield here, found
                prev = found.get("prev")
            before = here

    def _before(self, seq: int, slot: int, tag: str) -> int | list[int] | None:
        """Return what a record names as the entry before it."""
        record = self.record(seq, slot)
        if not record or named(record[:16]) != tag.encode():
            return None
        last, place = int.from_bytes(record[56:64], "big"), int.from_bytes(record[64:68], "big")
        if last == _NO_SEQ:
            return None
        return last if place == (1 << 32) - 1 else [last, place]
