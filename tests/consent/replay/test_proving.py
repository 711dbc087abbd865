# SPDX-License-Identifier: Apache-2.0
"""Proofs from tiles alone, against the tree that has every leaf in memory."""

from pathlib import Path

import pytest

from consent import merkle, tiles
from consent.replay.proving import Prover


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 300, 700])
def test_a_proof_from_tiles_is_that_of_the_whole_tree(size: int, tmp_path: Path) -> None:
    log = [f"entry {seq}".encode() for seq in range(size)]
    tree = merkle.Tree(map(merkle.leaf_hash, log))
    for path, content in tiles.tiles(tree, size):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    for number, width in tiles.spans(size):
        path = tmp_path / tiles.entries_path(number, width)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(tiles.pack(log[number * tiles.WIDTH :][:width]))
    prover = Prover(tmp_path, size)
    for seq in range(0, size, max(1, size // 60)):
        proof = prover.inclusion(seq)
        assert proof == tree.inclusion(seq, size)
        leaf = merkle.leaf_hash(prover.entry(seq))
        assert merkle.verify_inclusion(leaf, seq, size, proof, tree.root())


def test_a_decision_of_a_block_is_proved_against_its_inner_root(tmp_path: Path) -> None:
    records = [bytes([slot]) * 70 for slot in range(11)]
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "5.bin").write_bytes(b"".join(records))
    record, proof = Prover(tmp_path, 1).record(5, 3)
    root = merkle.root_of([merkle.leaf_hash(one) for one in records])
    assert record == records[3]
    assert merkle.verify_inclusion(merkle.leaf_hash(record), 3, 11, proof, root)
