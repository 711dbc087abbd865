# SPDX-License-Identifier: Apache-2.0
import hashlib
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from feed.experiments import files
from feed.experiments.assignment import arm_of, arms_of, held_out, unit
from feed.experiments.plan import Arm, Ramp

SALT = b"a salt"
NAMES = tuple(b"tag %d" % n for n in range(6_000))
LABEL = replace(files.load("label"), ramp=(Ramp(day=1, percent=100),))


def test_a_place_is_the_first_64_bits_of_the_hash() -> None:
    digest = hashlib.sha256(b"a salt\x00arm label\x00ada").digest()
    assert unit(SALT, "arm label", b"ada") == int.from_bytes(digest[:8], "big") / 2**64


def test_people_are_spread_evenly() -> None:
    places = [unit(SALT, "arm label", name) for name in NAMES]
    assert stats.kstest(places, "uniform").pvalue > 0.001
    assert 0 <= min(places) < max(places) < 1


def test_a_persons_arm_is_the_same_each_time_and_another_under_another_salt() -> None:
    first = arms_of(LABEL, SALT, NAMES, 1)
    assert first == arms_of(LABEL, SALT, NAMES, 9)
    other = arms_of(LABEL, b"another", NAMES, 1)
    assert 0.6 < np.mean([a != b for a, b in zip(first, other, strict=True)]) < 0.73


def test_arms_have_their_shares() -> None:
    shares = (4, 1, 1)
    arms = tuple(Arm(id=f"a{n}", title="A", share=share) for n, share in enumerate(shares))
    counted = Counter(arms_of(replace(LABEL, arms=arms), SALT, NAMES, 1))
    found = [counted[arm.id] for arm in arms]
    assert stats.chisquare(found, [4_000, 1_000, 1_000]).pvalue > 0.001


def test_experiments_of_one_namespace_share_nobody_and_take_everybody_together() -> None:
    parts = [replace(LABEL, id=name, segments=part) for name, part in (
        ("x", (0, 334)), ("y", (334, 667)), ("z", (667, 1000)),
    )]  # fmt: skip
    for name in NAMES[:500]:
        assert sum(arm_of(one, SALT, name, 1) is not None for one in parts) == 1


@pytest.mark.parametrize("same_namespace", [True, False])
def test_an_arm_says_nothing_about_another_experiments(same_namespace: bool) -> None:
    space = LABEL.namespace if same_namespace else "other"
    other = replace(LABEL, id="other", namespace=space)
    pairs = zip(arms_of(LABEL, SALT, NAMES, 1), arms_of(other, SALT, NAMES, 1), strict=True)
    counted = Counter(pairs)
    table = [[counted[a.id, b.id] for b in LABEL.arms] for a in LABEL.arms]
    assert stats.chi2_contingency(table).pvalue > 0.001


def test_whoever_is_in_stays_in_with_the_same_arm_as_the_ramp_widens() -> None:
    widening = replace(LABEL, ramp=(Ramp(day=1, percent=10), Ramp(day=2, percent=60)))
    first, second = arms_of(widening, SALT, NAMES, 1), arms_of(widening, SALT, NAMES, 2)
    assert 0.08 < np.mean([arm is not None for arm in first]) < 0.12
    assert 0.57 < np.mean([arm is not None for arm in second]) < 0.63
    assert all(a in (None, b) for a, b in zip(first, second, strict=True))
    early = Counter(arm for arm in first if arm is not None)
    assert stats.chisquare([early[arm.id] for arm in LABEL.arms]).pvalue > 0.001


def test_nobody_comes_in_before_the_first_day() -> None:
    assert set(arms_of(LABEL, SALT, NAMES[:100], 0)) == {None}


def test_the_holdout_is_its_part_of_all_and_independent_of_arms() -> None:
    held = [held_out(SALT, name, 100) for name in NAMES]
    assert stats.binomtest(sum(held), len(NAMES), 0.1).pvalue > 0.001
    assert not any(held_out(SALT, name, 0) for name in NAMES)
    assert all(held_out(SALT, name, 1_000) for name in NAMES)
    among = Counter(
        arm for arm, out in zip(arms_of(LABEL, SALT, NAMES, 1), held, strict=True) if out
    )
    assert stats.chisquare([among[arm.id] for arm in LABEL.arms]).pvalue > 0.001
