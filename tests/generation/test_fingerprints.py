# SPDX-License-Identifier: Apache-2.0
from itertools import combinations

import numpy as np
import pytest

from generation import fingerprints
from generation.fingerprints import NEAR, Fingerprints, nearest
from tests.generation.test_watermark import Drawn, jpeg, scaled

OURS = Fingerprints(b"k" * 32)
pytestmark = pytest.mark.xdist_group("drawn")  # one process, so that they are drawn once


def apart(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def test_a_copy_is_near_its_original(drawn: Drawn) -> None:
    for picture in drawn.values():
        look = OURS.of(picture)
        assert apart(look, OURS.of(jpeg(picture, 50))) <= NEAR
        assert apart(look, OURS.of(scaled(picture, 0.25))) <= NEAR


def test_two_people_in_one_scenario_are_not_taken_for_each_other(drawn: Drawn) -> None:
    looks = {named: OURS.of(picture) for named, picture in drawn.items()}
    for one, other in combinations(looks.values(), 2):
        assert apart(one, other) > NEAR


def test_the_mask_hides_the_look_and_keeps_what_is_near_near(drawn: Drawn) -> None:
    other = Fingerprints(b"o" * 32)
    for one, second in combinations(list(drawn.values())[:4], 2):
        assert apart(OURS.of(one), other.of(one)) > 8
        assert apart(OURS.of(one), OURS.of(second)) == apart(other.of(one), other.of(second))


def test_the_nearest_comes_first_and_the_far_not_at_all() -> None:
    look = bytes(8)
    others = [bytes(7) + bytes([n]) for n in (3, 7, 0, 255, 1)]
    assert nearest(look, others).tolist() == [2, 4, 0]
    assert nearest(look, []).tolist() == []


def test_the_whole_key_counts() -> None:
    flat = np.random.default_rng(2).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    assert Fingerprints(b"a").of(flat) != Fingerprints(b"b").of(flat)
    assert 8 * len(OURS.of(flat)) == fingerprints.BITS
