# SPDX-License-Identifier: Apache-2.0
"""The tree against RFC 6962's definition and vectors, and verifiers that share no code with it."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import merkle

MOST = 130

VECTORS = tuple(
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
)
"""The eight leaves that certificate-transparency and RFC 9162 implementations are tested with."""

ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def definition(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + definition(leaves[:k]) + definition(leaves[k:])).digest()


def prove(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if m < k:
        return [*prove(m, leaves[:k]), definition(leaves[k:])]
    return [*prove(m - k, leaves[k:]), definition(leaves[:k])]


def verify_second(leaf: bytes, seq: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Check inclusion from the root down, by recursion: another way than RFC 9162's loop."""

    def up(m: int, n: int, rest: list[bytes]) -> bytes:
        if n == 1:
            return leaf
        k = 1 << (n - 1).bit_length() - 1
        beside = rest.pop()
        inner = up(m, k, rest) if m < k else up(m - k, n - k, rest)
        pair = inner + beside if m < k else beside + inner
        return hashlib.sha256(b"\1" + pair).digest()

    rest = list(proof)
    try:
        return up(seq, size, rest) == root and not rest
    except IndexError:
        return False


def verify_consistency(
    old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> bool:
    """Check a consistency proof as RFC 9162 section 2.1.4.2 says."""
    path = list(proof)
    if old == size:
        return not path and old_root == root
    if old & (old - 1) == 0:
        path = [old_root, *path]
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for node in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = merkle.node_hash(node, fr), merkle.node_hash(node, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = merkle.node_hash(sr, node)
        fn, sn = fn >> 1, sn >> 1
    return (fr, sr, sn) == (old_root, root, 0)


LEAVES = tuple(merkle.leaf_hash(b"entry %d" % i) for i in range(MOST))
TREE = merkle.Tree(LEAVES)


def test_the_roots_of_the_reference_vectors() -> None:
    tree = merkle.Tree(map(merkle.leaf_hash, VECTORS))
    assert [tree.root(n).hex() for n in range(1, 9)] == list(ROOTS)


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert merkle.Tree().root() == hashlib.sha256(b"").digest() == merkle.EMPTY_ROOT


def test_a_leaf_and_a_node_can_never_be_taken_for_each_other() -> None:
    left, right = LEAVES[:2]
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)


@pytest.mark.parametrize("step", [1, 3, 7, 64])
def test_growing_in_any_steps_gives_the_root_of_the_definition(step: int) -> None:
    tree = merkle.Tree()
    for start in range(0, MOST, step):
        tree.extend(LEAVES[start : start + step])
        assert tree.root() == definition(LEAVES[: len(tree)])


def test_every_earlier_root_can_still_be_told() -> None:
    assert [TREE.root(n) for n in range(MOST + 1)] == [
        definition(LEAVES[:n]) for n in range(MOST + 1)
    ]


def test_every_entry_of_every_size_is_proved_and_two_verifiers_agree() -> None:
    for size in range(1, MOST + 1):
        root = TREE.root(size)
        for seq in range(size):
            proof = TREE.inclusion(seq, size)
            assert merkle.verify_inclusion(LEAVES[seq], seq, size, proof, root)
            assert verify_second(LEAVES[seq], seq, size, proof, root)


def test_proofs_are_those_of_the_definition() -> None:
    for size in (1, 2, 3, 7, 8, 9, 100, MOST):
        for seq in range(0, size, 3):
            assert list(TREE.inclusion(seq, size)) == prove(seq, LEAVES[:size])


def test_every_earlier_size_is_proved_consistent_with_every_later_one() -> None:
    for size in range(1, MOST + 1):
        for old in range(1, size + 1):
            proof = TREE.consistency(old, size)
            assert verify_consistency(old, size, proof, TREE.root(old), TREE.root(size))
            roots = (TREE.root(old), TREE.root(size))
            assert merkle.verify_consistency(old, size, proof, *roots)


def test_a_rewritten_past_has_no_consistency_proof() -> None:
    forked = merkle.Tree((*LEAVES[:40], merkle.leaf_hash(b"another"), *LEAVES[41:]))
    for old in (41, 64, 100):
        proof = forked.consistency(old, MOST)
        assert not verify_consistency(old, MOST, proof, TREE.root(old), forked.root(MOST))
        assert not merkle.verify_consistency(old, MOST, proof, TREE.root(old), forked.root(MOST))


def test_every_tree_continues_the_empty_one_and_needs_no_proof_for_it() -> None:
    root = TREE.root()
    assert merkle.verify_consistency(0, MOST, (), merkle.EMPTY_ROOT, root)
    assert merkle.verify_consistency(0, 0, (), merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)
    assert not merkle.verify_consistency(0, 0, (), merkle.EMPTY_ROOT, root)
    assert not merkle.verify_consistency(0, MOST, (), b"r" * 32, root)
    assert not merkle.verify_consistency(0, MOST, (root,), merkle.EMPTY_ROOT, root)


@given(st.data())
def test_a_consistency_proof_is_of_two_sizes_and_two_roots_only(data: st.DataObject) -> None:
    size = data.draw(st.integers(3, MOST))
    old = data.draw(st.integers(1, size - 1))
    proof, roots = TREE.consistency(old, size), (TREE.root(old), TREE.root(size))
    changed = [bytearray(node) for node in proof]
    place = data.draw(st.integers(0, 32 * len(proof) - 1))
    changed[place // 32][place % 32] ^= 1 << data.draw(st.integers(0, 7))
    assert not merkle.verify_consistency(old, size, tuple(map(bytes, changed)), *roots)
    assert not merkle.verify_consistency(old, size, proof[:-1], *roots)
    assert not merkle.verify_consistency(old, size, (*proof, roots[1]), *roots)
    assert not merkle.verify_consistency(size, old, proof, *roots)
    assert not merkle.verify_consistency(old, size, proof, roots[0], TREE.root(size - 1))
    assert not merkle.verify_consistency(old, size, proof, TREE.root(old + 1), roots[1])


@given(st.data())
def test_a_proof_with_any_bit_changed_proves_nothing(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, MOST))
    seq = data.draw(st.integers(0, size - 1))
    proof = [bytearray(node) for node in TREE.inclusion(seq, size)]
    place = data.draw(st.integers(0, 32 * len(proof) - 1))
    proof[place // 32][place % 32] ^= 1 << data.draw(st.integers(0, 7))
    changed = tuple(map(bytes, proof))
    assert not merkle.verify_inclusion(LEAVES[seq], seq, size, changed, TREE.root(size))
    assert not verify_second(LEAVES[seq], seq, size, changed, TREE.root(size))


@given(st.data())
def test_a_proof_shows_one_entry_at_one_place_in_one_tree(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, MOST))
    seq = data.draw(st.integers(0, size - 1))
    proof, root = TREE.inclusion(seq, size), TREE.root(size)
    other = data.draw(st.integers(-1, size).filter(lambda n: n != seq))
    assert not merkle.verify_inclusion(LEAVES[seq], other, size, proof, root)
    assert not merkle.verify_inclusion(LEAVES[seq - 1], seq, size, proof, root)
    assert not merkle.verify_inclusion(LEAVES[seq], seq, size, proof[:-1], root)
    assert not merkle.verify_inclusion(LEAVES[seq], seq, size, (*proof, root), root)
    assert not merkle.verify_inclusion(LEAVES[seq], seq, size, proof, TREE.root(size - 1))


@pytest.mark.parametrize(
    "impossible",
    [
        lambda: TREE.root(MOST + 1),
        lambda: TREE.root(-1),
        lambda: TREE.inclusion(5, 5),
        lambda: TREE.inclusion(-1, 5),
        lambda: TREE.inclusion(0, MOST + 1),
        lambda: TREE.consistency(0, 5),
        lambda: TREE.consistency(6, 5),
    ],
)
def test_what_cannot_be_is_said_to_be_the_callers_fault(impossible: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        impossible()  # type: ignore[operator]


def test_a_complete_subtree_has_the_root_of_its_leaves() -> None:
    assert TREE.node(0, 5) == LEAVES[5]
    assert TREE.node(3, 2) == definition(LEAVES[16:24])


def test_a_blocks_inner_root_is_that_of_its_records() -> None:
    assert merkle.root_of(LEAVES[:9]) == definition(LEAVES[:9])


def test_a_proof_that_stops_half_way_up_a_larger_tree_proves_nothing() -> None:
    for size in (2, 4, 8, 64):
        proof, root = TREE.inclusion(0, size), TREE.root(size)
        assert merkle.verify_inclusion(LEAVES[0], 0, size, proof, root)
        assert not merkle.verify_inclusion(LEAVES[0], 0, 2 * size, proof, root)


def test_what_is_no_hash_is_no_leaf() -> None:
    tree = merkle.Tree(LEAVES[:3])
    with pytest.raises(ValueError, match="expected leaf hashes of 32 bytes"):
        tree.extend([b"short"])
    assert len(tree) == 3


def test_neighbours_are_told_together_and_none_that_is_not_there() -> None:
    assert TREE.nodes(0, 3, 2) == LEAVES[3] + LEAVES[4]
    with pytest.raises(IndexError, match=f"expected {MOST + 1} complete subtrees on level 0"):
        TREE.nodes(0, MOST - 1, 2)
    with pytest.raises(IndexError):
        TREE.node(3, MOST // 8)


def test_a_tree_that_grows_by_many_leaves_at_once_is_the_same() -> None:
    many = [merkle.leaf_hash(b"%d" % n) for n in range(40_000)]
    slowly = merkle.Tree()
    for start in range(0, len(many), 777):
        slowly.extend(many[start : start + 777])
    assert slowly.root() == merkle.Tree(many).root()
