# SPDX-License-Identifier: Apache-2.0
"""Rule 3, the first half: all entries are there. Entries lie 256 in a file, each after its length.

A tile that should be there in one width but is in another is read in that other: what is missing
or too much is then said entry by entry.
"""

from collections.abc import Iterator

from consent.verify.canonical import Folder
from consent.verify.findings import Findings
from consent.verify.tree import WIDTH, tile_path

_LENGTH_BYTES = 2


def read_tiles(folder: Folder, size: int | None, findings: Findings) -> Iterator[list[bytes]]:
    """Yield the entries tile by tile, up to `size`; stop with a finding where some are missing."""
    number = 0
    while (left := _left(number, size)) > 0:
        path, entries, more = _read_bundle(folder, number, left)
        if more and len(entries) >= left:
            findings.add("bundle-unreadable", "bytes follow the last entry", file=path)
        if entries:
            yield entries[:left]
        if len(entries) < left:
            if size is not None:
                _missing(folder, findings, seq=number * WIDTH + len(entries), size=size, file=path)
            return
        if len(entries) > left:
            break
        number += 1
    if _beyond(folder, number, size):
        findings.add("size-mismatch", "there are entries beyond the checkpoint's size", seq=size)


def _left(number: int, size: int | None) -> int:
    """Say how many entries a tile should have, none or fewer where it is beyond the size."""
    return WIDTH if size is None else min(WIDTH, size - number * WIDTH)


def _beyond(folder: Folder, number: int, size: int | None) -> bool:
    """Say whether a tile holds anything that is not before `size`."""
    _, entries, more = _read_bundle(folder, number, WIDTH)
    there = more or (bool(entries) and size is not None and number * WIDTH + len(entries) > size)
    return size is not None and there


def _missing(folder: Folder, findings: Findings, *, seq: int, size: int, file: str) -> None:
    later = tile_path("entries", seq // WIDTH + 1, WIDTH)
    if folder.read(later) is not None or any(folder.names(f"{later}.p")):
        findings.add("seq-gap", "entries are missing in the middle of the log", seq=seq, file=file)
    else:
        detail = f"the checkpoint says {size} entries; they end here"
        findings.add("size-mismatch", detail, seq=seq, file=file)


def read_tile(folder: Folder, number: int, size: int | None) -> list[bytes]:
    """Read the entries of one tile again, those before `size`."""
    left = _left(number, size)
    return _read_bundle(folder, number, left)[1][:left] if left > 0 else []


def _read_bundle(folder: Folder, number: int, width: int) -> tuple[str, list[bytes], bool]:
    """Read a bundle of entries, of another width if the one that should be there is not.

    Returns its path, its entries, and whether there are bytes that are none.
    """
    path = tile_path("entries", number, width)
    raw = folder.read(path)
    if raw is None:
        full = tile_path("entries", number, WIDTH)
        widths = {int(n) for n in folder.names(f"{full}.p") if n.isascii() and n.isdecimal()}
        others = [full, *(f"{full}.p/{width}" for width in sorted(widths, reverse=True))]
        raw = next((found for p in others if (found := folder.read(p)) is not None), b"")
    entries = unpack(raw)
    return path, entries, sum(map(len, entries)) + _LENGTH_BYTES * len(entries) < len(raw)


def unpack(raw: bytes) -> list[bytes]:
    """Read length-prefixed entries; a cut last one is left out."""
    entries: list[bytes] = []
    position, end = 0, len(raw)
    while (start := position + _LENGTH_BYTES) <= end:
        position = start + (raw[start - 2] << 8 | raw[start - 1])
        if position > end:
            break
        entries.append(raw[start:position])
    return entries
