# SPDX-License-Identifier: Apache-2.0
"""Rule 3, the second half: entries hash to the tiles of hashes, and these to the root.

Leaf SHA-256(0x00 || entry), node SHA-256(0x01 || left || right), an odd last node goes up as it
is. Source: RFC 6962; C2SP tlog-tiles for where a tile of 256 hashes lies.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from consent.verify.canonical import Folder
from consent.verify.findings import Findings

WIDTH: Final = 256
_GROUP: Final = 1_000
_HASH: Final = 32


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """Return the RFC 6962 root over hashes of one height: an odd last one goes up as it is."""
    level = list(hashes)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return level[0] if level else sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 || entry)."""
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Sequence[bytes]) -> list[bytes]:
    """Hash entries as leaves."""
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def tile_path(level: str, number: int, width: int) -> str:
    """Name a C2SP tile; `level` is a height or `entries`."""
    groups = [f"{number % _GROUP:03}"]
    while number := number // _GROUP:
        groups.append(f"x{number % _GROUP:03}")
    path = f"tile/{level}/{'/'.join(reversed(groups))}"
    return path if width == WIDTH else f"{path}.p/{width}"


class Tiles:
    """Hold the bundle's tiles of hashes against what the entries give."""

    def __init__(self, folder: Folder, findings: Findings) -> None:
        self._folder = folder
        self._findings = findings

    def leaves(self, number: int, entries: Sequence[bytes]) -> list[bytes]:
        """Hash the entries of one tile and compare its lowest tile of hashes."""
        hashes = leaf_hashes(entries)
        self._compare(0, number, hashes)
        return hashes

    def above(self, full: Sequence[bytes]) -> None:
        """Compare the tiles above the lowest, given the roots of all full tiles of entries."""
        level, hashes = 1, full
        while hashes:
            for start in range(0, len(hashes), WIDTH):
                self._compare(level, start // WIDTH, hashes[start : start + WIDTH])
            whole = range(0, len(hashes) - WIDTH + 1, WIDTH)
            hashes = [tree_root(hashes[start : start + WIDTH]) for start in whole]
            level += 1

    def _compare(self, level: int, number: int, hashes: Sequence[bytes]) -> None:
        path = tile_path(str(level), number, len(hashes))
        stored = self._folder.read(path)
        first = number * WIDTH if level == 0 else None
        if stored is None:
            self._findings.add("bundle-unreadable", "a tile of hashes is missing", file=path)
        elif stored != b"".join(hashes):
            wrong = _first_wrong(stored, hashes)
            seq = None if first is None else first + wrong
            detail = f"hash {wrong} of the tile is not that of the entries"
            self._findings.add("root-mismatch", detail, seq=seq, file=path)


def _first_wrong(stored: bytes, hashes: Sequence[bytes]) -> int:
    pairs = enumerate([*hashes, b""])
    return next(i for i, h in pairs if stored[_HASH * i :][:_HASH] != h)
