# SPDX-License-Identifier: Apache-2.0
"""The tree grows as the engine's does, and its tiles lie where the engine puts them."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import merkle, tiles
from consent.verify.canonical import Folder
from consent.verify.findings import Findings
from consent.verify.tree import Tiles, tile_path, tree_root
from tests.consent.findings import found_in


@given(st.integers(0, 600))
def test_the_verifier_grows_the_same_tree(size: int) -> None:
    leaves = [merkle.leaf_hash(number.to_bytes(2, "big")) for number in range(size)]
    assert tree_root(leaves) == merkle.Tree(leaves).root()


@pytest.mark.parametrize("number", [0, 7, 999, 1_000, 1_234_067])
@pytest.mark.parametrize("width", [1, 256])
def test_the_verifier_looks_for_tiles_where_the_engine_puts_them(number: int, width: int) -> None:
    assert tile_path("3", number, width) == tiles.tile_path(3, number, width)
    assert tile_path("entries", number, width) == tiles.entries_path(number, width)


def test_tiles_of_hashes_are_compared_at_every_height(tmp_path: Path) -> None:
    full = [number.to_bytes(32, "big") for number in range(257)]
    heights = [("1", 0, 256), ("1", 1, 1), ("2", 0, 1)]
    paths = [tile_path(*place) for place in heights]
    assert [one["file"] for one in compared(tmp_path, full)] == paths
    above = [full[:256], full[256:], [tree_root(full[:256])]]
    for path, hashes in zip(paths, above, strict=True):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"".join(hashes))
    assert compared(tmp_path, full) == []


def compared(folder: Path, full: list[bytes]) -> list[dict[str, Any]]:
    findings = Findings()
    Tiles(Folder(str(folder)), findings).above(full)
    return list(findings.found)


def test_a_changed_tile_of_hashes_is_found(copied: Path) -> None:
    path = next((copied / "tile/0/000.p").iterdir())
    raw = bytearray(path.read_bytes())
    raw[32 * 5] ^= 1
    path.write_bytes(raw)
    assert found_in(copied) == [("root-mismatch", 5)]
    path.unlink()
    assert found_in(copied) == [("bundle-unreadable", None)]
