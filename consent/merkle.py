# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree of RFC 6962 / RFC 9162 section 2.1: pure functions over 32-byte hashes.

Shapes: every hash is 32 bytes; a tree of n leaves has seqs 0..n-1; proofs are tuples of hashes,
deepest first. Errors: ValueError where an index or a size cannot be, the caller's fault.
"""

import hashlib
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Final

Hash = bytes
Nodes = Callable[[int, int], Hash]
"""Return the root of the complete subtree over leaves [index * 2^level, (index + 1) * 2^level)."""
HASH_BYTES: Final = 32
_PAIR: Final = 2 * HASH_BYTES
_AT_ONCE: Final = 1 << 14
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> Hash:
    """Name a ledger entry by its hash, as an auditor recomputes it: SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    """Join two subtrees: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """Grow a tree leaf by leaf and prove anything about any of its sizes.

    `levels[k]` holds the roots of the complete subtrees over leaves [i * 2^k, (i + 1) * 2^k).
    Memory: 64 bytes a leaf. Appending n leaves costs n hashes.
    """

    def __init__(self, leaves: Iterable[Hash] = ()) -> None:
        self._levels = [bytearray()]
        self.extend(leaves)

    def __len__(self) -> int:
        return len(self._levels[0]) // HASH_BYTES

    def extend(self, leaves: Iterable[Hash]) -> None:
        """Append leaf hashes in order. Errors: ValueError for what is no hash."""
        left = iter(leaves)
        while new := list(itertools.islice(left, _AT_ONCE)):
            if any(len(leaf) != HASH_BYTES for leaf in new):
                raise ValueError(f"expected leaf hashes of {HASH_BYTES} bytes")
            self._levels[0] += b"".join(new)
            self._grow()

    def _grow(self) -> None:
        height = 0
        while len(self._levels[height]) >= _PAIR:
            height += 1
            if height == len(self._levels):
                self._levels.append(bytearray())
            below, above = self._levels[height - 1 : height + 1]
            above += joined(bytes(below[2 * len(above) :]))

    def replace(self, seq: int, leaf: Hash) -> None:
        """Put another leaf in the place of one: for trees that are no logs."""
        self._levels[0][seq * HASH_BYTES : (seq + 1) * HASH_BYTES] = leaf
        for below, level in itertools.pairwise(self._levels):
            seq >>= 1
            if (seq + 1) * HASH_BYTES > len(level):
                return
            pair = bytes(below[seq * _PAIR : (seq + 1) * _PAIR])
            level[seq * HASH_BYTES : (seq + 1) * HASH_BYTES] = joined(pair)

    def node(self, level: int, index: int) -> Hash:
        """Return the root of one complete subtree. Errors: IndexError where there is none yet."""
        return self.nodes(level, index, 1)

    def nodes(self, level: int, first: int, count: int) -> bytes:
        """Return the roots of neighbours, one after the other. Errors: IndexError, as `node`."""
        end = (first + count) * HASH_BYTES
        if end > len(self._levels[level]):
            raise IndexError(f"expected {first + count} complete subtrees on level {level}")
        return bytes(self._levels[level][first * HASH_BYTES : end])

    def root(self, size: int | None = None) -> Hash:
        """Return the root of the first `size` leaves, all of them by default."""
        size = len(self) if size is None else size
        self._within(size)
        return root_from(self.node, size)

    def inclusion(self, seq: int, size: int) -> tuple[Hash, ...]:
        """Prove that leaf `seq` is in the tree of `size` leaves (RFC 9162 2.1.3.1)."""
        self._within(size)
        return inclusion_from(self.node, seq, size)

    def consistency(self, old: int, size: int) -> tuple[Hash, ...]:
        """Prove that the tree of `old` leaves is a prefix of that of `size` (RFC 9162 2.1.4.1)."""
        self._within(size)
        return consistency_from(self.node, old, size)

    def _within(self, size: int) -> None:
        if not 0 <= size <= len(self):
            raise ValueError(f"expected a size up to {len(self)}, got {size}")


def joined(level: bytes) -> bytes:
    """Join the pairs of one level to the level above; a last one without a pair is left out."""
    whole = len(level) // _PAIR * _PAIR
    pairs = (level[i : i + _PAIR] for i in range(0, whole, _PAIR))
    return b"".join([hashlib.sha256(b"\x01" + pair).digest() for pair in pairs])


# --- proofs, from wherever the nodes are


def root_from(node: Nodes, size: int) -> Hash:
    """Return the root of `size` leaves, given the roots of complete subtrees."""
    return _range(node, 0, size) if size else EMPTY_ROOT


def inclusion_from(node: Nodes, seq: int, size: int) -> tuple[Hash, ...]:
    """Prove that leaf `seq` is among `size`, given the roots of complete subtrees."""
    if not 0 <= seq < size:
        raise ValueError(f"expected a seq below {size}, got {seq}")
    return tuple(_path(node, seq, 0, size))


def consistency_from(node: Nodes, old: int, size: int) -> tuple[Hash, ...]:
    """Prove that `old` leaves are a prefix of `size`, given the roots of complete subtrees."""
    if not 0 < old <= size:
        raise ValueError(f"expected an old size from 1 to {size}, got {old}")
    return tuple(_subproof(node, old, 0, size, whole=True))


def _range(node: Nodes, start: int, end: int) -> Hash:
    width = end - start
    if width & (width - 1) == 0 and start % width == 0:
        return node(width.bit_length() - 1, start // width)
    middle = start + split(width)
    return node_hash(_range(node, start, middle), _range(node, middle, end))


def _path(node: Nodes, seq: int, start: int, end: int) -> list[Hash]:
    if end - start == 1:
        return []
    middle = start + split(end - start)
    if seq < middle:
        return [*_path(node, seq, start, middle), _range(node, middle, end)]
    return [*_path(node, seq, middle, end), _range(node, start, middle)]


def _subproof(node: Nodes, old: int, start: int, end: int, *, whole: bool) -> list[Hash]:
    if old == end - start:
        return [] if whole else [_range(node, start, end)]
    middle = start + split(end - start)
    if old <= middle - start:
        return [*_subproof(node, old, start, middle, whole=whole), _range(node, middle, end)]
    right = _subproof(node, old - (middle - start), middle, end, whole=False)
    return [*right, _range(node, start, middle)]


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
    if old == size:
        return not proof and old_root == root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
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
