# SPDX-License-Identifier: Apache-2.0
"""Prove from a bundle's tiles that an entry is in its log, or a decision in its block.

Nothing but a few tiles is read, whatever the size of the log. Source: RFC 9162 section 2.1.3.1,
C2SP tlog-tiles.
"""

from functools import lru_cache
from pathlib import Path
from typing import Final

from consent import merkle, tiles
from consent.merkle import Hash

_HASH: Final = 32
_KEPT: Final = 64
_TILE_BITS: Final = tiles.HEIGHT


class Prover:
    """Prove entries of one verified bundle."""

    def __init__(self, directory: Path, size: int) -> None:
        self._directory = directory
        self._size = size
        self._tile = lru_cache(_KEPT)(self._read)

    def entry(self, seq: int) -> bytes:
        """Return the bytes of an entry."""
        number = seq // tiles.WIDTH
        width = min(tiles.WIDTH, self._size - number * tiles.WIDTH)
        path = self._directory / tiles.entries_path(number, width)
        return tiles.unpack(path.read_bytes())[seq % tiles.WIDTH]

    def inclusion(self, seq: int) -> tuple[Hash, ...]:
        """Prove an entry; the proof holds against the checkpoint's root, deepest hash first."""
        return tuple(self._path(seq, 0, self._size))

    def _path(self, seq: int, start: int, end: int) -> list[Hash]:
        if end - start == 1:
            return []
        middle = start + merkle.split(end - start)
        if seq < middle:
            return [*self._path(seq, start, middle), self._range(middle, end)]
        return [*self._path(seq, middle, end), self._range(start, middle)]

    def _range(self, start: int, end: int) -> Hash:
        width = end - start
        if width & (width - 1) == 0 and start % width == 0:
            return self._node(width.bit_length() - 1, start // width)
        middle = start + merkle.split(width)
        return merkle.node_hash(self._range(start, middle), self._range(middle, end))

    def _node(self, height: int, place: int) -> Hash:
        """Return the root of a complete subtree, from the tile that holds its leaves' roots."""
        level, above = divmod(height, _TILE_BITS)
        first = place << above
        tile = self._tile(level, first // tiles.WIDTH)
        inside = first % tiles.WIDTH
        return merkle.root_of(tile[inside : inside + (1 << above)])

    def _read(self, level: int, number: int) -> tuple[Hash, ...]:
        count = self._size >> _TILE_BITS * level
        width = min(tiles.WIDTH, count - number * tiles.WIDTH)
        raw = (self._directory / tiles.tile_path(level, number, width)).read_bytes()
        return tuple(raw[i : i + _HASH] for i in range(0, len(raw), _HASH))

    def record(self, seq: int, slot: int) -> tuple[bytes, tuple[Hash, ...]]:
        """Return a decision of a block and its proof against the block's inner root."""
        raw = (self._directory / "blocks" / f"{seq}.bin").read_bytes()
        records = [raw[i : i + RECORD_BYTES] for i in range(0, len(raw), RECORD_BYTES)]
        tree = merkle.Tree(map(merkle.leaf_hash, records))
        return records[slot], tree.inclusion(slot, len(records))


RECORD_BYTES: Final = 70
"""One decision in `blocks/<seq>.bin`."""
