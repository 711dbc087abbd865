# SPDX-License-Identifier: Apache-2.0
"""Tiles as C2SP tlog-tiles lays them out: how a log is stored, served and carried home. Pure.

A tile holds 256 hashes of one height, an entry bundle the 256 entries under one tile of height 0.
The last of each is partial and says its width in its path. Source: C2SP tlog-tiles.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from consent import merkle

WIDTH: Final = 256
"""Hashes in a full tile, entries in a full bundle."""
HEIGHT: Final = 8
"""Levels of the tree between one level of tiles and the next."""
_LENGTH_BYTES: Final = 2
_DIGITS: Final = 1_000
_MAX_LEVEL: Final = 63
_PATH: Final = re.compile(
    r"(?P<level>entries|0|[1-9]\d?)/(?P<number>(?:x\d{3}/){0,5}\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """Which tile is asked for. `level` is None for a bundle of entries."""

    level: int | None
    number: int
    width: int

    @property
    def full(self) -> bool:
        """Say whether it will never change: a full tile is the same for ever."""
        return self.width == WIDTH

    @property
    def first(self) -> int:
        """Return the number of its first hash or entry."""
        return self.number * WIDTH

    def there(self, size: int) -> bool:
        """Say whether a tree of `size` leaves fills it as far as it is asked for."""
        return self.first + self.width <= size >> HEIGHT * (self.level or 0)


def parse_path(path: str) -> Tile | None:
    """Read what follows `tile/`; None for what names no tile, or names one in another way."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    level = None if found["level"] == "entries" else int(found["level"])
    number = int(found["number"].replace("x", "").replace("/", ""))
    width = int(found["width"] or WIDTH)
    named_once = number_path(number) == found["number"]
    partial = found["width"] is None or width < WIDTH
    sound = named_once and partial and (level or 0) <= _MAX_LEVEL
    return Tile(level=level, number=number, width=width) if sound else None


def number_path(number: int) -> str:
    """Write a tile's number in groups of three digits: 1234067 is x001/x234/067."""
    groups = [f"{number % _DIGITS:03}"]
    while number := number // _DIGITS:
        groups.append(f"x{number % _DIGITS:03}")
    return "/".join(reversed(groups))


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """Name a tile of hashes as every reader of the format looks for it."""
    return f"tile/{level}/{number_path(number)}{_partial(width)}"


def entries_path(number: int, width: int = WIDTH) -> str:
    """Name a bundle of entries."""
    return f"tile/entries/{number_path(number)}{_partial(width)}"


def _partial(width: int) -> str:
    return "" if width == WIDTH else f".p/{width}"


def spans(count: int) -> Iterator[tuple[int, int]]:
    """Divide `count` things into tiles: yield each tile's number and width, the last partial."""
    for number in range(-(-count // WIDTH)):
        yield number, min(WIDTH, count - number * WIDTH)


def tiles(tree: merkle.Tree, size: int) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of every tile of hashes of the tree's first `size` leaves.

    Shapes: a tile is up to 256 hashes of 32 bytes; hash i of tile n on level l is the root of the
    complete subtree over 256^l leaves from (256 n + i) * 256^l on.
    """
    level, count = 0, size
    while count:
        for number, width in spans(count):
            yield tile_path(level, number, width), hashes(tree, level, number, width)
        level, count = level + 1, count // WIDTH


def hashes(tree: merkle.Tree, level: int, number: int, width: int = WIDTH) -> bytes:
    """Write the hashes of one tile. Errors: IndexError where the tree does not reach so far."""
    return tree.nodes(HEIGHT * level, number * WIDTH, width)


def pack(entries: Sequence[bytes]) -> bytes:
    """Write a bundle of entries, each after its length in two bytes.

    Errors: OverflowError for an entry above 65,535 bytes, the caller's fault.
    """
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def unpack(bundle: bytes) -> tuple[bytes, ...]:
    """Read a bundle of entries. Errors: ValueError where it is cut short, the writer's fault."""
    found = []
    position = 0
    while position < len(bundle):
        start = position + _LENGTH_BYTES
        position = start + int.from_bytes(bundle[position:start], "big")
        if position > len(bundle):
            raise ValueError(f"expected an entry up to byte {position}, got {len(bundle)} bytes")
        found.append(bundle[start:position])
    return tuple(found)
