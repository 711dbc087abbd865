# SPDX-License-Identifier: Apache-2.0
"""The map of last entries: for every person's tag, the newest entry about them, under one root.

A log can hide nothing in the middle of a person's chain, but it could show them an old end. So it
commits, again and again, to everybody's end: a person checks theirs against the root that all
others see. Leaves are sorted by tag, so that two neighbours prove that nothing lies between them.

Shapes: leaf = SHA-256(0x00 || tag, 16 bytes || seq, u64 || slot, u32, all ones = no block), big
endian; the root is RFC 6962's over the sorted leaves.
"""

import json
import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from consent import merkle

KIND: Final = "tag-map"
TAG_BYTES: Final = 16
NO_SLOT: Final = (1 << 32) - 1
RECORD_BYTES: Final = 70
"""One decision in a block of decisions: the tag first, at 56 the entry before it."""
_PREVIOUS: Final = struct.Struct(">QI")
_PREVIOUS_AT: Final = 56
_NO_SEQ: Final = (1 << 64) - 1
_FEW: Final = 16
"""One end in so many moved is still moved by its path; more are hashed anew with all others."""
_LEAF: Final = struct.Struct(">16sQI")

Tag = bytes
Last = tuple[int, int | None]
"""A person's newest entry: its sequence number, and the slot inside it where it is a block."""


# --- how entries name the one before them


def named(prev: int | Sequence[int] | None) -> Last | None:
    """Read an entry's `prev`: a sequence number, or that of a block with a slot."""
    match prev:
        case None:
            return None
        case int():
            return prev, None
        case (seq, slot):
            return seq, slot
        case _:
            raise ValueError(f"no place in a log: {prev!r}")


def records(joined: bytes) -> Iterator[bytes]:
    """Cut the records of a block of decisions apart."""
    for start in range(0, len(joined), RECORD_BYTES):
        yield joined[start : start + RECORD_BYTES]


def previous(record: bytes) -> Last | None:
    """Read the entry before a decision in a block, as its record names it."""
    seq, slot = _PREVIOUS.unpack_from(record, _PREVIOUS_AT)
    return None if seq == _NO_SEQ else (seq, None if slot == NO_SLOT else slot)


# --- the map


def described(root: str, n: int, size: int) -> bytes:
    """Write the file that a map's entry names by its hash."""
    return json.dumps(
        {"kind": KIND, "map": root, "n": n, "size": size}, separators=(",", ":"), sort_keys=True
    ).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One leaf with its place and its inclusion proof."""

    tag: Tag
    last: Last
    place: int
    proof: tuple[merkle.Hash, ...]


def leaf(tag: Tag, last: Last) -> merkle.Hash:
    """Hash one person's end."""
    return merkle.leaf_hash(_row(tag, last))


def _row(tag: Tag, last: Last) -> bytes:
    seq, slot = last
    return _LEAF.pack(tag, seq, NO_SLOT if slot is None else slot)


class TagMap:
    """Build the map, move its ends, prove of any tag what it says or that it says nothing.

    Memory: 140 bytes a tag.
    """

    def __init__(self, lasts: Iterable[tuple[Tag, Last]]) -> None:
        self._rows = sorted(_row(tag, last) for tag, last in lasts)
        self._tree = merkle.Tree(map(merkle.leaf_hash, self._rows))

    def __len__(self) -> int:
        return len(self._rows)

    def root(self) -> merkle.Hash:
        """Return the root over all leaves."""
        return self._tree.root()

    def move(self, changes: Mapping[Tag, Last | None]) -> None:
        """Move the ends of some tags; add those that are new, take out those with None.

        Moving an end costs a path of hashes; anybody new or gone costs all inner hashes once.
        """
        if len(changes) * _FEW > len(self):
            kept = {row[:TAG_BYTES]: _last(row) for row in self._rows}
            lasts = {**kept, **changes}.items()
            TagMap.__init__(self, ((tag, last) for tag, last in lasts if last is not None))
            return
        others = {tag: last for tag, last in changes.items() if not self._moved(tag, last)}
        if others:
            self._regrow(others)

    def _moved(self, tag: Tag, last: Last | None) -> bool:
        place = self._place(tag)
        if last is None or not self._has(place, tag):
            return last is None and not self._has(place, tag)
        self._rows[place] = _row(tag, last)
        self._tree.replace(place, merkle.leaf_hash(self._rows[place]))
        return True

    def _regrow(self, changes: Mapping[Tag, Last | None]) -> None:
        """Splice leaves in and out, then hash what is above them."""
        width = merkle.HASH_BYTES
        leaves = bytearray(self._tree.nodes(0, 0, len(self)))
        for tag, last in changes.items():
            place = self._place(tag)
            end = place + self._has(place, tag)
            rows = [] if last is None else [_row(tag, last)]
            self._rows[place:end] = rows
            leaves[place * width : end * width] = b"".join(map(merkle.leaf_hash, rows))
        joined = bytes(leaves)
        self._tree = merkle.Tree(joined[at : at + width] for at in range(0, len(joined), width))

    def _place(self, tag: Tag) -> int:
        return bisect_left(self._rows, tag)

    def _has(self, place: int, tag: Tag) -> bool:
        return place < len(self) and self._rows[place].startswith(tag)

    def prove(self, tag: Tag) -> tuple[Placed, ...]:
        """Prove what the map says of a tag.

        Returns the tag's own leaf, or, of a tag that is not there, the leaves beside the gap: two,
        or one at either end, or none in an empty map.
        """
        place = self._place(tag)
        if self._has(place, tag):
            return (self._placed(place),)
        beside = (place - 1, place)
        return tuple(self._placed(at) for at in beside if 0 <= at < len(self))

    def _placed(self, place: int) -> Placed:
        row, proof = self._rows[place], self._tree.inclusion(place, len(self))
        return Placed(tag=row[:TAG_BYTES], last=_last(row), place=place, proof=proof)


def _last(row: bytes) -> Last:
    _, seq, slot = _LEAF.unpack(row)
    return seq, None if slot == NO_SLOT else slot


def says(tag: Tag, shown: Sequence[Placed], n: int, root: merkle.Hash) -> Last | None:
    """Check what was shown of a tag under a root over n leaves; None when the tag is not there.

    Errors: ValueError when it proves neither the one nor the other.
    """
    for one in shown:
        if not merkle.verify_inclusion(leaf(one.tag, one.last), one.place, n, one.proof, root):
            raise ValueError("a leaf is not in the map")
    if len(shown) == 1 and shown[0].tag == tag:
        return shown[0].last
    if not _gap(tag, shown, n, root):
        raise ValueError("the leaves shown are not those beside the tag's place")
    return None


def _gap(tag: Tag, shown: Sequence[Placed], n: int, root: merkle.Hash) -> bool:
    match shown:
        case ():
            return n == 0 and root == merkle.EMPTY_ROOT
        case (one,):
            first, final = one.place == 0, one.place == n - 1
            return (first and tag < one.tag) or (final and one.tag < tag)
        case (left, right):
            return left.place + 1 == right.place and left.tag < tag < right.tag
        case _:
            return False
