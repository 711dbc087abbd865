# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree of RFC 6962 / RFC 9162 section 2.1: pure functions over 32-byte hashes.

Shapes: every hash is 32 bytes; a tree of n leaves has seqs 0..n-1; proofs are tuples of hashes,
deepest first. Errors: ValueError where an index or a size cannot be, the caller's fault.
"""

import hashlib
import itertools
from collections.abc import Iterable, Sequence
from typing import Final

Hash = bytes
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> Hash:
    """Name a ledger entry by its hash, as an auditor recomputes it: SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    """Join two subtrees: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """Grow a tree leaf by leaf and prove anything about any of its sizes.

    `levels[k][i]` is the root of the complete subtree over leaves [i * 2^k, (i + 1) * 2^k).
    Memory: 64 bytes a leaf and Python's overhead. Appending n leaves costs n hashes.
    """

    def __init__(self, leaves: Iterable[Hash] = ()) -> None:
        self._levels: list[list[Hash]] = [[]]
        self.extend(leaves)

    def __len__(self) -> int:
        return len(self._levels[0])

    def extend(self, leaves: Iterable[Hash]) -> None:
        """Append leaf hashes in order."""
        self._levels[0].extend(leaves)
        for height, level in enumerate(self._levels):
            above = self._levels[height + 1] if height + 1 < len(self._levels) else []
            above.extend(
                node_hash(level[i], level[i + 1]) for i in range(2 * len(above), len(level) - 1, 2)
            )
            if above and height + 1 == len(self._levels):
                self._levels.append(above)

    def replace(self, seq: int, leaf: Hash) -> None:
        """Put another leaf in the place of one: for trees that are no logs."""
        self._levels[0][seq] = leaf
        for below, level in itertools.pairwise(self._levels):
            seq >>= 1
            if seq >= len(level):
                return
            level[seq] = node_hash(below[2 * seq], below[2 * seq + 1])

    def node(self, level: int, index: int) -> Hash:
        """Return the root of one complete subtree."""
        return self._levels[level][index]

    def root(self, size: int | None = None) -> Hash:
        """Return the root of the first `size` leaves, all of them by default."""
        size = len(self) if size is None else size
        self._within(size)
        return self._range(0, size) if size else EMPTY_ROOT

    def inclusion(self, seq: int, size: int) -> tuple[Hash, ...]:
        """Prove that leaf `seq` is in the tree of `size` leaves (RFC 9162 2.1.3.1)."""
        self._within(size)
        if not 0 <= seq < size:
            raise ValueError(f"expected a seq below {size}, got {seq}")
        return tuple(self._path(seq, 0, size))

    def consistency(self, old: int, size: int) -> tuple[Hash, ...]:
        """Prove that the tree of `old` leaves is a prefix of that of `size` (RFC 9162 2.1.4.1)."""
        self._within(size)
        if not 0 < old <= size:
            raise ValueError(f"expected an old size from 1 to {size}, got {old}")
        return tuple(self._subproof(old, 0, size, whole=True))

    def _within(self, size: int) -> None:
        if not 0 <= size <= len(self):
            raise ValueError(f"expected a size up to {len(self)}, got {size}")

    def _range(self, start: int, end: int) -> Hash:
        width = end - start
        if width & (width - 1) == 0 and start % width == 0:
            return self._levels[width.bit_length() - 1][start // width]
        middle = start + split(width)
        return node_hash(self._range(start, middle), self._range(middle, end))

    def _path(self, seq: int, start: int, end: int) -> list[Hash]:
        if end - start == 1:
            return []
        middle = start + split(end - start)
        if seq < middle:
            return [*self._path(seq, start, middle), self._range(middle, end)]
        return [*self._path(seq, middle, end), self._range(start, middle)]

    def _subproof(self, old: int, start: int, end: int, *, whole: bool) -> list[Hash]:
        if old == end - start:
            return [] if whole else [self._range(start, end)]
        middle = start + split(end - start)
        if old <= middle - start:
            left = self._subproof(old, start, middle, whole=whole)
            return [*left, self._range(middle, end)]
        right = self._subproof(old - (middle - start), middle, end, whole=False)
        return [*right, self._range(start, middle)]


def split(size: int) -> int:
    """Return the largest power of two below `size`: where a tree of that size divides."""
    return 1 << (size - 1).bit_length() - 1


def root_of(leaves: Sequence[Hash]) -> Hash:
    """Return the root over a short list of leaf hashes, such as a block's inner root."""
    return Tree(leaves).root()


def verify_inclusion(leaf: Hash, seq: int, size: int, proof: Sequence[Hash], root: Hash) -> bool:
    """Check an inclusion proof without the tree (RFC 9162 section 2.1.3.2)."""
    if not 0 <= seq < size:
        return False
    position, last, computed = seq, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            computed = node_hash(sibling, computed)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and computed == root


def verify_consistency(
    old: int, size: int, proof: Sequence[Hash], old_root: Hash, root: Hash
) -> bool:
    """Check that one tree continues another without either (RFC 9162 section 2.1.4.2).

    An empty old tree is continued by every tree, without a proof.
    """
    if old in (0, size):
        return not proof and old_root == (EMPTY_ROOT if old == 0 else root) and old <= size
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    return 0 < old < size and bool(proof) and _joined(old, size, path) == (old_root, root)


def _joined(old: int, size: int, path: Sequence[Hash]) -> tuple[Hash, Hash] | None:
    """Join a path to the roots of both trees; None where it is too short or too long."""
    position, last = old - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        position, last = position >> 1, last >> 1
    return (before, after) if last == 0 else None
