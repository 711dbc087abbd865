# SPDX-License-Identifier: Apache-2.0
"""Prove from a bundle's tiles that an entry is in its log, or a decision in its block.

Nothing but a few tiles is read, whatever the size of the log. Source: RFC 9162 section 2.1.3.1,
C2SP tlog-tiles.
"""

from pathlib import Path

from consent import merkle, tiles
from consent.blocks import RECORD
from consent.merkle import Hash
from consent.tile_proofs import TileTree
from consent.tiles import Tile


class Prover:
    """Prove entries of one verified bundle."""

    def __init__(self, directory: Path, size: int) -> None:
        self._directory = directory
        self._size = size
        self._tree = TileTree(self._read, size)

    def entry(self, seq: int) -> bytes:
        """Return the bytes of an entry."""
        number = seq // tiles.WIDTH
        width = min(tiles.WIDTH, self._size - number * tiles.WIDTH)
        path = self._directory / tiles.entries_path(number, width)
        return tiles.unpack(path.read_bytes())[seq % tiles.WIDTH]

    def inclusion(self, seq: int) -> tuple[Hash, ...]:
        """Prove an entry; the proof holds against the checkpoint's root, deepest hash first."""
        return self._tree.inclusion(seq)

    def _read(self, tile: Tile) -> bytes:
        path = tiles.tile_path(tile.level or 0, tile.number, tile.width)
        return (self._directory / path).read_bytes()

    def record(self, seq: int, slot: int) -> tuple[bytes, tuple[Hash, ...]]:
        """Return a decision of a block and its proof against the block's inner root."""
        raw = (self._directory / "blocks" / f"{seq}.bin").read_bytes()
        width = RECORD.itemsize
        records = [raw[i : i + width] for i in range(0, len(raw), width)]
        tree = merkle.Tree(map(merkle.leaf_hash, records))
        return records[slot], tree.inclusion(slot, len(records))
