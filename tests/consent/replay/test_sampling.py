# SPDX-License-Identifier: Apache-2.0
import hashlib
import json

import numpy as np
import pytest

from consent import merkle
from consent.replay import loading
from consent.replay.run import compared
from consent.replay.sampling import SAMPLED, Sample, _place, sample
from tests.consent.conftest import Year
from tests.consent.replay.histories import shipped

NAMES = ("lensa-2022", "meta-imagine-chat", "instagram-2025")


def drawn(year: Year, *names: str) -> tuple[Sample, ...]:
    recorded = loading.load(year.bundle).recorded
    assert recorded is not None
    found = {name: compared(recorded, shipped(name), "pointwise") for name in names}
    return sample(year.bundle, found)


def test_every_sample_is_proved_by_the_root(year: Year) -> None:
    manifest = json.loads((year.bundle / "manifest.json").read_bytes())
    samples = drawn(year, *NAMES)
    assert len(samples) == SAMPLED
    for one in samples:
        proof = [bytes.fromhex(node) for node in one.proof]
        leaf = merkle.leaf_hash(one.entry.encode())
        assert leaf.hex() == one.leaf
        root = bytes.fromhex(manifest["root"])
        assert merkle.verify_inclusion(leaf, one.seq, manifest["size"], proof, root)
        entry = json.loads(one.entry)
        said = entry["reasons"][0] if entry["verdict"] == "deny" else "allow"
        assert (entry["step"], entry["purpose"], said) == (one.step, one.purpose, one.then)
        assert [one.then, one.now].count("allow") == 1


def test_the_draw_is_the_roots_own_and_takes_each_once(year: Year) -> None:
    samples = drawn(year, *NAMES)
    assert samples == drawn(year, *NAMES)
    assert len({(one.policy, one.seq, one.slot) for one in samples}) == len(samples)


def test_where_nothing_flips_nothing_is_drawn(year: Year) -> None:
    assert drawn(year, "strict-opt-in") == ()


def test_anybody_with_the_bundle_draws_the_same_by_hand(year: Year) -> None:
    recorded = loading.load(year.bundle).recorded
    assert recorded is not None
    found = {name: compared(recorded, shipped(name), "pointwise") for name in NAMES}
    flips = [
        (name, int(recorded.seq[row]))
        for name, one in found.items()
        for row in range(len(recorded))
        if one.flips[row]
    ]
    root, chosen, turn = bytes.fromhex(recorded.told.root), set(), 0
    while len(chosen) < SAMPLED:
        digest = hashlib.sha256(root + turn.to_bytes(8, "big")).hexdigest()
        chosen.add(flips[int(digest, 16) % len(flips)])
        turn += 1
    assert {(one.policy, one.seq) for one in drawn(year, *NAMES)} == chosen


def test_a_flip_that_is_none_is_not_drawn() -> None:
    rows = {"a": np.array([4, 9]), "b": np.array([2])}
    assert [_place(rows, number) for number in range(3)] == [("a", 4), ("a", 9), ("b", 2)]
    with pytest.raises(IndexError):
        _place(rows, 3)
