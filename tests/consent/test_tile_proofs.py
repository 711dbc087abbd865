# SPDX-License-Identifier: Apache-2.0
"""Proofs from tiles alone, against the tree that has every leaf in memory."""

from collections import Counter
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import merkle, tiles
from consent.tile_proofs import TileTree
from consent.tiles import Tile

SMALL = 300
LARGE = 256 * 256 + 700
LEAVES = tuple(merkle.leaf_hash(b"entry %d" % n) for n in range(LARGE))
TREE = merkle.Tree(LEAVES)


def reader(stored: Mapping[str, bytes]) -> Callable[[Tile], bytes]:
    """Read tiles as they are stored: by the path that names their level, number and width."""
    return lambda tile: stored[tiles.tile_path(tile.level or 0, tile.number, tile.width)]


def tiled(size: int) -> TileTree:
    return TileTree(reader(dict(tiles.tiles(TREE, size))), size)


def test_every_entry_of_every_size_is_proved_as_from_memory() -> None:
    for size in range(1, SMALL + 1):
        tree = tiled(size)
        assert tree.root() == TREE.root(size)
        proofs = [tree.inclusion(seq) for seq in range(size)]
        assert proofs == [TREE.inclusion(seq, size) for seq in range(size)]


def test_every_size_continues_every_earlier_one_as_from_memory() -> None:
    for size in range(1, SMALL + 1):
        tree = tiled(size)
        proofs = [tree.consistency(old) for old in range(1, size + 1)]
        assert proofs == [TREE.consistency(old, size) for old in range(1, size + 1)]


def test_tiles_of_a_later_size_prove_every_earlier_one() -> None:
    tree = tiled(SMALL)
    for size in range(1, SMALL + 1):
        assert tree.inclusion(size // 2, size) == TREE.inclusion(size // 2, size)
        assert tree.consistency((size + 1) // 2, size) == TREE.consistency((size + 1) // 2, size)


WHOLE = {size: tiled(size) for size in (65_535, 65_536, 65_537, LARGE)}


@given(st.data())
def test_large_trees_are_proved_as_from_memory(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from(sorted(WHOLE)))
    seq, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    proof = WHOLE[size].inclusion(seq)
    assert proof == TREE.inclusion(seq, size)
    assert merkle.verify_inclusion(LEAVES[seq], seq, size, proof, WHOLE[size].root())
    assert WHOLE[size].consistency(old) == TREE.consistency(old, size)


def test_a_proof_reads_few_tiles_and_each_of_them_once() -> None:
    read: Counter[Tile] = Counter()
    stored = reader(dict(tiles.tiles(TREE, LARGE)))

    def counting(tile: Tile) -> bytes:
        read.update([tile])
        return stored(tile)

    tree = TileTree(counting, LARGE)
    for _ in range(3):
        tree.inclusion(5)
    named = sorted((tile.level, tile.number, tile.width) for tile in read)
    assert named == [(0, 0, 256), (0, 258, 188), (1, 0, 256), (1, 1, 2)]
    assert set(read.values()) == {1}


def test_a_changed_tile_proves_nothing() -> None:
    stored = dict(tiles.tiles(TREE, SMALL))
    whole = stored["tile/0/000"]
    stored["tile/0/000"] = whole[:-1] + bytes([whole[-1] ^ 1])
    tree = TileTree(reader(stored), SMALL)
    proof = tree.inclusion(5)
    assert not merkle.verify_inclusion(LEAVES[5], 5, SMALL, proof, TREE.root(SMALL))


def test_a_tile_of_another_width_is_refused() -> None:
    tree = TileTree(lambda tile: b"h" * 32 * (tile.width - 1), SMALL)
    with pytest.raises(ValueError, match="expected 256 hashes in tile 0 of level 0"):
        tree.inclusion(5)


@pytest.mark.parametrize(
    "impossible",
    [
        lambda tree: tree.inclusion(SMALL),
        lambda tree: tree.inclusion(-1),
        lambda tree: tree.inclusion(0, SMALL + 1),
        lambda tree: tree.consistency(0),
        lambda tree: tree.consistency(6, 5),
    ],
)
def test_what_cannot_be_is_said_to_be_the_callers_fault(
    impossible: Callable[[TileTree], object],
) -> None:
    with pytest.raises(ValueError, match="expected"):
        impossible(tiled(SMALL))


def test_a_tree_is_as_long_as_it_was_said_to_be() -> None:
    assert [len(tiled(size)) for size in (1, SMALL)] == [1, SMALL]
