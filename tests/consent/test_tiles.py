# SPDX-License-Identifier: Apache-2.0
"""Tiles against the C2SP text, the RFC 6962 reference tree and a tree built by brute force."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import merkle, tiles

REFERENCE = tuple(
    map(
        bytes.fromhex,
        (
            *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
            "606162636465666768696a6b6c6d6e6f",
        ),
    )
)
REFERENCE_ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
"""The eight leaves that Certificate Transparency's own tests use, and their root."""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (tiles.tile_path(0, 1_234_067), "tile/0/x001/x234/067"),
        (tiles.tile_path(0, 0), "tile/0/000"),
        (tiles.tile_path(3, 999), "tile/3/999"),
        (tiles.tile_path(1, 1_000), "tile/1/x001/000"),
        (tiles.tile_path(0, 1_000_000, 5), "tile/0/x001/x000/000.p/5"),
        (tiles.entries_path(273, 112), "tile/entries/273.p/112"),
        (tiles.entries_path(1_234_067), "tile/entries/x001/x234/067"),
    ],
)
def test_a_tile_is_found_where_the_specification_puts_it(path: str, expected: str) -> None:
    assert path == expected


def test_the_tile_of_the_eight_reference_leaves_gives_the_reference_root() -> None:
    tree = merkle.Tree(map(merkle.leaf_hash, REFERENCE))
    ((path, content),) = tiles.tiles(tree, len(REFERENCE))
    assert path == "tile/0/000.p/8"
    level = [content[i : i + 32] for i in range(0, len(content), 32)]
    while len(level) > 1:
        level = [
            hashlib.sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=True)
        ]
    assert level[0].hex() == REFERENCE_ROOT


def test_a_log_of_seventy_thousand_has_the_tiles_that_the_specification_lists() -> None:
    """The example of C2SP tlog-tiles: size 70,000 is 273 full tiles, one of 112, and above."""
    tree = merkle.Tree(number.to_bytes(32, "big") for number in range(70_000))
    made = dict(tiles.tiles(tree, 70_000))
    assert len(made) == 274 + 2 + 1
    assert {path: len(content) // 32 for path, content in made.items() if ".p/" in path} == {
        "tile/0/273.p/112": 112,
        "tile/1/001.p/17": 17,
        "tile/2/000.p/1": 1,
    }
    first_tile = [made["tile/0/000"][i : i + 32] for i in range(0, 8192, 32)]
    assert made["tile/1/000"][:32] == merkle.root_of(first_tile)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512, 65_536])
def test_only_the_last_tile_of_a_level_is_partial(size: int) -> None:
    spans = list(tiles.spans(size))
    assert sum(width for _, width in spans) == size
    assert all(width == tiles.WIDTH for _, width in spans[:-1])
    assert all(0 < width <= tiles.WIDTH for _, width in spans)


@given(st.lists(st.binary(max_size=300)))
def test_entries_come_back_from_a_bundle_as_they_were(entries: list[bytes]) -> None:
    assert list(tiles.unpack(tiles.pack(entries))) == entries


def test_a_bundle_writes_each_length_in_two_bytes() -> None:
    assert tiles.pack([b"ab", b""]) == b"\x00\x02ab\x00\x00"
    with pytest.raises(OverflowError):
        tiles.pack([bytes(65_536)])


@pytest.mark.parametrize("cut", [1, 2, 3, 5])
def test_a_bundle_that_is_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match="expected an entry up to byte"):
        tiles.unpack(tiles.pack([b"abc", b"def"])[:-cut] if cut < 5 else b"\x00")


# --- paths as they are asked for


@pytest.mark.parametrize("number", [0, 7, 999, 1_000, 1_234_067])
@pytest.mark.parametrize("width", [1, 255, 256])
def test_every_path_that_is_written_is_read(number: int, width: int) -> None:
    for level in (0, 7, 63):
        path = tiles.tile_path(level, number, width).removeprefix("tile/")
        assert tiles.parse_path(path) == tiles.Tile(level=level, number=number, width=width)
    path = tiles.entries_path(number, width).removeprefix("tile/")
    assert tiles.parse_path(path) == tiles.Tile(level=None, number=number, width=width)


@pytest.mark.parametrize(
    "path",
    [
        *("", "0", "0/", "0/0", "0/00", "0/0000", "00/000", "64/000", "-1/000", "x/000"),
        *("0/000.p/0", "0/000.p/256", "0/000.p/01", "0/000.p/", "0/000.p", "0/x000/000"),
        *(
            "0/1/000",
            "0/x001",
            "entries",
            "entries/000/",
            "0/000\n",
            "0/\N{ARABIC-INDIC DIGIT ONE}00",
            "0/../000",
        ),
    ],
)
def test_what_names_no_tile_is_not_read(path: str) -> None:
    assert tiles.parse_path(path) is None


def test_a_tile_is_there_as_soon_as_its_last_hash_is() -> None:
    for level, unit in ((None, 1), (0, 1), (1, 256), (2, 65_536)):
        tile = tiles.Tile(level=level, number=1, width=5)
        size = (256 + 5) * unit
        assert tile.there(size)
        assert not tile.there(size - 1)
        assert not tile.full
    assert tiles.Tile(level=0, number=0, width=256).full
