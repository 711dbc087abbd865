# SPDX-License-Identifier: Apache-2.0
import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent import merkle, notes
from consent.merkle import Tree
from consent.notes import Checkpoint
from engine.cells import heads
from engine.cells.heads import NOTHING, Global

ORIGIN = "onlyou.test/log"
SIGNER = notes.Signer(heads.key_name(ORIGIN), Ed25519PrivateKey.from_private_bytes(b"s" * 32))
OTHER = notes.Signer(heads.key_name(ORIGIN), Ed25519PrivateKey.from_private_bytes(b"o" * 32))
TREES = [Tree(merkle.leaf_hash(f"{n} {i}".encode()) for i in range(20)) for n in range(3)]
FORK = Tree(merkle.leaf_hash(f"fork {i}".encode()) for i in range(20))


def head(number: int, size: int, tree: Tree | None = None) -> Checkpoint:
    return Checkpoint(f"{ORIGIN}/shard-{number:02}", size, (tree or TREES[number]).root(size))


def made(number: int, *sizes: int, before: bytes = NOTHING) -> Global:
    found = tuple(head(n, size) for n, size in enumerate(sizes))
    return Global(origin=ORIGIN, number=number, at=5, heads=found, before=before)


def told(one: Global, older: Global | None = None, signer: notes.Signer = SIGNER) -> Any:
    pairs = enumerate(zip(older.heads, one.heads, strict=True)) if older else ()
    proofs = {
        n: TREES[n].consistency(old.size, new.size) if 0 < old.size < new.size else ()
        for n, (old, new) in pairs
    }
    note = signer.note(one.text())
    written = heads.written(note, one, signer.verifier, older.number if older else 0, proofs)
    return json.loads(json.dumps(written))


FIRST = made(1, 7, 0, 3)
SECOND = made(2, 9, 4, 3, before=FIRST.digest)


def found(*given: Any) -> list[str]:
    return list(heads.findings(given[0], SIGNER.verifier, *given[1:]))


def test_the_root_is_that_of_the_heads_texts_in_order() -> None:
    leaves = [merkle.leaf_hash(one.text().encode()) for one in FIRST.heads]
    joined = merkle.node_hash(merkle.node_hash(leaves[0], leaves[1]), leaves[2])
    assert FIRST.root == joined
    assert FIRST.text().split("\n") == [
        "onlyou cells 1",
        ORIGIN,
        "1",
        "5",
        "3",
        base64.b64encode(joined).decode(),
        base64.b64encode(bytes(32)).decode(),
        "",
    ]


def test_it_is_never_taken_for_the_checkpoint_of_one_log() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        notes.parse_checkpoint(FIRST.text())


def test_what_is_right_is_found_right_alone_and_after_another() -> None:
    assert found(told(FIRST)) == []
    assert found(told(SECOND, FIRST), told(FIRST)) == []
    assert found(told(FIRST), told(FIRST)) == []
    far = made(9, 20, 20, 20, before=b"x" * 32)
    assert found(told(far, FIRST), told(FIRST)) == []


def test_another_key_signs_nothing() -> None:
    assert "not of that key" in found(told(FIRST, signer=OTHER))[0]
    elsewhere = notes.Signer("else/cells", Ed25519PrivateKey.from_private_bytes(b"s" * 32))
    wrong = told(FIRST, signer=elsewhere)
    assert "not of that key" in next(heads.findings(wrong, elsewhere.verifier))


@pytest.mark.parametrize("part", ["note", "heads", "proofs"])
def test_what_lacks_a_part_or_has_another_is_unreadable(part: str) -> None:
    for value in (None, 7, ["x"], {"x": ["!"]}):
        wrong = {**told(SECOND, FIRST), part: value}
        assert found(wrong, told(FIRST)) != []
    assert found({}) != []


def test_heads_that_were_not_signed_do_not_belong_to_it() -> None:
    wrong = told(FIRST)
    wrong["heads"][0] = head(0, 8).text()
    assert "cannot be read" in found(wrong)[0]
    wrong["heads"] = wrong["heads"][1:]
    assert "cannot be read" in found(wrong)[0]


def test_two_of_one_number_are_a_split_view() -> None:
    other = made(1, 7, 0, 4)
    assert "split view" in found(told(other), told(FIRST))[0]


def test_one_that_names_another_before_it_is_a_split_view() -> None:
    other = replace(SECOND, before=b"x" * 32)
    assert "split view" in found(told(other, FIRST), told(FIRST))[0]


def test_a_shard_that_forked_or_shrank_or_is_not_proved_is_named() -> None:
    forked = replace(SECOND, heads=(*SECOND.heads[:1], head(1, 4, FORK), head(2, 9, FORK)))
    assert found(told(forked, FIRST), told(FIRST)) == [
        "shard 2 is not shown to continue its 3 entries"
    ]
    shrunk = made(2, 6, 0, 3, before=FIRST.digest)
    assert "shard 0 is not shown" in found(told(shrunk), told(FIRST))[0]
    bare = told(SECOND)
    assert "shard 0 is not shown" in found(bare, told(FIRST))[0]


def test_an_earlier_one_and_another_installations_are_told_apart() -> None:
    assert "is the later one" in found(told(FIRST), told(SECOND))[0]
    fewer = told(made(2, 9, 4, before=FIRST.digest))
    assert "different installations" in found(fewer, told(FIRST))[0]
    renamed = replace(SECOND, heads=(head(0, 9), head(1, 4), replace(head(2, 3), origin="x")))
    assert found(told(renamed, FIRST), told(FIRST)) == ["shard 2 is called otherwise"]
