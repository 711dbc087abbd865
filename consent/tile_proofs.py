# SPDX-License-Identifier: Apache-2.0
"""Inclusion and consistency proofs from tiles alone: whoever can read tiles needs no tree. Pure.

A proof in a log of n entries reads one tile of each level: three tiles for 16 million entries.
Source: C2SP tlog-tiles; RFC 9162 sections 2.1.3.1 and 2.1.4.1.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from consent import merkle
from consent.merkle import HASH_BYTES, Hash
from consent.tiles import HEIGHT, WIDTH, Tile

KEPT: Final = 256
"""Tiles kept with all that is between them and the next level: 16 KiB each."""


class TileTree:
    """A tree of a given size whose tiles are read when a proof needs them.

    `read` returns the hashes of one tile, as wide as it is asked for. Errors: those of `read`;
    ValueError for a tile of another width, the fault of who keeps the tiles. What a tile holds
    is not checked: a proof from wrong tiles holds against no root.
    """

    def __init__(self, read: Callable[[Tile], bytes], size: int, *, kept: int = KEPT) -> None:
        self._read = read
        self._size = size
        self._rows = lru_cache(kept)(self._grown)

    def __len__(self) -> int:
        return self._size

    def root(self) -> Hash:
        """Return the root over all."""
        return merkle.root_from(self._node, self._size)

    def inclusion(self, seq: int, size: int | None = None) -> tuple[Hash, ...]:
        """Prove that leaf `seq` is in the tree, or in an earlier one. Errors: also ValueError."""
        return merkle.inclusion_from(self._node, seq, self._within(size))

    def consistency(self, old: int, size: int | None = None) -> tuple[Hash, ...]:
        """Prove that the tree of `old` leaves is a prefix of this one, or of an earlier one."""
        return merkle.consistency_from(self._node, old, self._within(size))

    def _within(self, size: int | None) -> int:
        wanted = self._size if size is None else size
        if not 0 <= wanted <= self._size:
            raise ValueError(f"expected a size up to {self._size}, got {wanted}")
        return wanted

    def _node(self, level: int, index: int) -> Hash:
        """Return the root of one complete subtree, from the tile that its leaves' roots are in."""
        tile_level, above = divmod(level, HEIGHT)
        number, place = divmod(index << above, WIDTH)
        at = (place >> above) * HASH_BYTES
        return self._rows(tile_level, number)[above][at : at + HASH_BYTES]

    def _grown(self, level: int, number: int) -> tuple[bytes, ...]:
        """Read a tile and compute what is above it, up to the next level of tiles."""
        width = min(WIDTH, (self._size >> HEIGHT * level) - number * WIDTH)
        rows = [self._read(Tile(level=level, number=number, width=width))]
        if len(rows[0]) != width * HASH_BYTES:
            raise ValueError(f"expected {width} hashes in tile {number} of level {level}")
        while len(rows) < HEIGHT:
            rows.append(merkle.joined(rows[-1]))
        return tuple(rows)
