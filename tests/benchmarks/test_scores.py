# SPDX-License-Identifier: Apache-2.0
import pytest

from benchmarks import scores
from benchmarks.drift import Shape


def test_the_interval_is_by_person_and_the_same_each_time() -> None:
    low, high = scores.interval([0.0] + [1.0] * 9)
    assert (low, high) == scores.interval([0.0] + [1.0] * 9)
    assert (low, high) == pytest.approx((0.7, 1.0))


def test_ten_of_ten_prove_three_quarters() -> None:
    assert scores.at_least(10) == pytest.approx(0.741, abs=0.001)


def test_width_for_length_forgets_how_the_eyes_jitter() -> None:
    bigger = Shape(width=5.0, length=5.0, cheeks=5.0, nose=5.0)
    slimmer = Shape(width=-5.0, length=0.0, cheeks=-5.0, nose=0.0)
    assert scores.aspect(bigger) == pytest.approx(0)
    assert scores.aspect(slimmer) == pytest.approx(-5)


def test_every_bound_is_a_number() -> None:
    assert {word for group in scores.bounds().values() for word in group} >= {"rank1", "one_face"}
