# SPDX-License-Identifier: Apache-2.0
"""Time the ledger: `onlyou bench ledger`.

Appending in batches, group commit, withdrawals beside a worker, proofs from tiles on disk, the
tree in memory. Both databases wait for the disk at each commit. Each figure stands beside a floor
of the same run; the parts say what theirs is.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks import appends, commits, withdrawals
from benchmarks.appends import took
from benchmarks.conditions import Result, report
from benchmarks.homes import BOTH, empty
from consent import merkle, tiles
from consent.tile_proofs import TileTree
from consent.tiles import Tile

PROOFS: Final = 5_000
_STRIDE: Final = 7_919
"""A prime, so that one proof after the other is of another tile."""


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Measure everything; `users` sets how many people withdraw."""
    people = users or (10 if smoke else 500)
    results = [row for kind in BOTH for row in on(kind, smoke=smoke)]
    results += withdrawals.measured(people)
    results += proofs(20_000 if smoke else 1_000_000)
    packages = ("sqlalchemy", "psycopg", "cryptography", "orjson")
    return report("ledger", smoke=smoke, packages=packages, results=results)


def on(kind: str, *, smoke: bool) -> Iterator[Result]:
    """Measure what is done on one database."""
    with empty(kind) as urls:
        yield from appends.measured(kind, urls, 3 if smoke else 50)
        yield from commits.measured(kind, urls, 0.5 if smoke else 10)


def proofs(size: int) -> Iterator[Result]:
    """Grow a tree of `size` leaves and prove its entries from tiles in files."""
    leaves = [merkle.leaf_hash(b"%d" % number) for number in range(size)]
    floor = size / took(lambda: compact_range(leaves))
    tree = merkle.Tree()
    grown = size / took(lambda: tree.extend(leaves))
    yield _row(f"tree in memory, {size} leaves", grown, "leaves/s", floor, size)
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), tree, size)
        seqs = [number * _STRIDE % size for number in range(min(PROOFS, size))]
        memory = len(seqs) / took(lambda: [tree.inclusion(seq, size) for seq in seqs])
        stored = _reader(Path(folder))
        fresh = TileTree(stored, size)
        rate = len(seqs) / took(lambda: [fresh.inclusion(seq) for seq in seqs])
        yield _row("inclusion proofs from tiles, scattered", rate, "proofs/s", memory, len(seqs))
        near = TileTree(stored, size)
        in_turn = len(seqs) / took(lambda: [near.inclusion(seq) for seq in range(len(seqs))])
        yield _row("inclusion proofs from tiles, in turn", in_turn, "proofs/s", memory, len(seqs))
        olds = [seq + 1 for seq in seqs]
        memory = len(olds) / took(lambda: [tree.consistency(old, size) for old in olds])
        older = TileTree(stored, size)
        rate = len(olds) / took(lambda: [older.consistency(old) for old in olds])
        yield _row("consistency proofs from tiles, scattered", rate, "proofs/s", memory, len(olds))


def compact_range(leaves: list[bytes]) -> bytes:
    """Hash a tree's root with nothing kept but one node a level: the least that growing costs."""
    nodes: list[bytes] = []
    for number, leaf in enumerate(leaves, 1):
        node, left = leaf, number
        while not left & 1:
            node, left = merkle.node_hash(nodes.pop(), node), left >> 1
        nodes.append(node)
    root = nodes.pop()
    while nodes:
        root = merkle.node_hash(nodes.pop(), root)
    return root


def _write(folder: Path, tree: merkle.Tree, size: int) -> None:
    for path, content in tiles.tiles(tree, size):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def _reader(folder: Path) -> Any:  # noqa: ANN401 - a function of one tile
    def read(tile: Tile) -> bytes:
        return (folder / tiles.tile_path(tile.level or 0, tile.number, tile.width)).read_bytes()

    return read


def _row(what: str, value: float, unit: str, floor: float, n: int) -> dict[str, Any]:
    return {
        "what": what,
        "value": round(value),
        "unit": unit,
        "floor": round(floor),
        "ratio": round(value / floor, 2),
        "n": n,
        "spread": None,
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
