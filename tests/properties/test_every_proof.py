# SPDX-License-Identifier: Apache-2.0
"""Every proof of every tree up to 300 leaves, against RFC 6962's definition said word for word.

The provers here share nothing with the product but SHA-256: they walk the definition over ranges
of leaves. The verifiers are those of `tests/consent/test_merkle.py` beside the product's own.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from consent import merkle
from tests.consent import test_merkle as other

MOST = 300
LEAVES = [hashlib.sha256(b"\0" + b"entry %d" % n).digest() for n in range(MOST)]
TREE = merkle.Tree(LEAVES)
Proof = tuple[bytes, ...]


@cache
def mth(start: int, end: int) -> bytes:
    """MTH of RFC 6962 section 2.1 over the leaves from `start` up to `end`."""
    if end - start == 1:
        return LEAVES[start]
    middle = start + half(end - start)
    return hashlib.sha256(b"\1" + mth(start, middle) + mth(middle, end)).digest()


def half(n: int) -> int:
    """Return the largest power of two that is smaller than n."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


@cache
def path(m: int, start: int, end: int) -> Proof:
    """PATH of RFC 6962 section 2.1.1."""
    n = end - start
    if n == 1:
        return ()
    middle = start + half(n)
    if m < half(n):
        return (*path(m, start, middle), mth(middle, end))
    return (*path(m - half(n), middle, end), mth(start, middle))


@cache
def subproof(m: int, start: int, end: int, b: bool) -> Proof:
    """SUBPROOF of RFC 6962 section 2.1.2."""
    n = end - start
    if m == n:
        return () if b else (mth(start, end),)
    middle = start + half(n)
    if m <= half(n):
        return (*subproof(m, start, middle, b), mth(middle, end))
    return (*subproof(m - half(n), middle, end, False), mth(start, middle))


A, B, C = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
D, E, F = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
)
G = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
H, J = other.ROOTS[0], other.ROOTS[1]
INCLUDED = {
    (0, 1): (),
    (0, 8): (A, B, C),
    (5, 8): (D, E, F),
    (2, 3): (J,),
    (1, 5): (H, B, D),
}
CONTINUED = {(1, 1): (), (1, 8): (A, B, C), (6, 8): (G, E, F), (2, 5): (B, D)}
"""The proofs that Certificate Transparency's own tests hold over the eight reference leaves."""


def test_the_proofs_of_the_reference_vectors() -> None:
    tree = merkle.Tree(map(merkle.leaf_hash, other.VECTORS))
    for (seq, size), proof in INCLUDED.items():
        assert tuple(node.hex() for node in tree.inclusion(seq, size)) == proof
    for (old, size), proof in CONTINUED.items():
        assert tuple(node.hex() for node in tree.consistency(old, size)) == proof


def test_every_inclusion_proof_is_the_definitions_and_holds() -> None:
    for size in range(1, MOST + 1):
        root = mth(0, size)
        assert TREE.root(size) == root
        for seq in range(size):
            proof = TREE.inclusion(seq, size)
            assert proof == path(seq, 0, size)
            assert merkle.verify_inclusion(LEAVES[seq], seq, size, proof, root)
            assert other.verify_second(LEAVES[seq], seq, size, proof, root)


def test_every_consistency_proof_is_the_definitions_and_holds() -> None:
    for size in range(1, MOST + 1):
        for old in range(1, size + 1):
            proof, roots = TREE.consistency(old, size), (mth(0, old), mth(0, size))
            assert proof == subproof(old, 0, size, True)
            assert merkle.verify_consistency(old, size, proof, *roots)
            assert other.verify_consistency(old, size, proof, *roots)


def spoilt(proof: Proof) -> Iterator[Proof]:
    """Yield a proof with each of its bytes changed, one at a time."""
    whole = b"".join(proof)
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        yield tuple(bytes(changed[at : at + 32]) for at in range(0, len(whole), 32))


def no_byte_can_be_changed(pairs: Iterator[tuple[int, int]]) -> None:
    for seq, size in pairs:
        root, old = mth(0, size), seq + 1
        for proof in spoilt(TREE.inclusion(seq, size)):
            assert not merkle.verify_inclusion(LEAVES[seq], seq, size, proof, root)
        for proof in spoilt(TREE.consistency(old, size)):
            assert not merkle.verify_consistency(old, size, proof, mth(0, old), root)


def test_no_byte_of_a_proof_can_be_changed() -> None:
    """One place of every size, and every place of some sizes."""
    no_byte_can_be_changed(((size * 5 // 7) % size, size) for size in range(1, MOST + 1, 3))
    no_byte_can_be_changed((seq, size) for size in (7, 8, 9, 33) for seq in range(size))


@pytest.mark.slow
def test_no_byte_of_any_proof_can_be_changed() -> None:
    no_byte_can_be_changed((seq, size) for size in range(1, MOST + 1) for seq in range(size))


@pytest.mark.parametrize("cut", [lambda p: p[:-1], lambda p: p[1:], lambda p: (*p, p[0])])
def test_no_proof_can_be_longer_or_shorter(cut: Callable[[Proof], Proof]) -> None:
    for size in range(2, MOST + 1, 7):
        for seq in range(0, size - 1, 5):
            inclusion, old = cut(TREE.inclusion(seq, size)), seq + 1
            assert not merkle.verify_inclusion(LEAVES[seq], seq, size, inclusion, mth(0, size))
            consistency = cut(TREE.consistency(old, size))
            roots = mth(0, old), mth(0, size)
            assert not merkle.verify_consistency(old, size, consistency, *roots)
