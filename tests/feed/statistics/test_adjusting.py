# SPDX-License-Identifier: Apache-2.0
"""What people did before, taken out: golden numbers, coverage, and narrower intervals."""

from fractions import Fraction

import numpy as np
import pytest

from feed.statistics import adjusting
from feed.statistics.adjusting import Paired
from feed.statistics.effects import Difference, welch

GOLDEN = (0.02769179010001288, 0.00810821500154731, 0.047275365198478456)
"""Estimate, low and high of the same people by an independent tool."""


def test_the_golden_people_give_the_golden_numbers() -> None:
    generator = np.random.default_rng(3)
    x, g = generator.gamma(2, 1, 40_000), generator.integers(0, 2, 40_000)
    y = x + generator.normal(0, 1, 40_000) + 0.03 * g
    found = _difference([_exactly(x[g == one], y[g == one]) for one in (0, 1)])
    assert (found.estimate, found.low, found.high) == pytest.approx(GOLDEN, abs=1e-6)
    assert found.estimate == pytest.approx(GOLDEN[0], rel=1e-9)


def test_intervals_cover_the_truth_and_are_narrower() -> None:
    generator = np.random.Generator(np.random.Philox(9))
    rate = generator.gamma(2, 1, (2, 4_000, 150))
    x = generator.poisson(rate)
    y = generator.poisson(rate + np.array([0.0, 0.3])[:, None, None])
    arms = [[_of(x[arm, run], y[arm, run]) for arm in (0, 1)] for run in range(4_000)]
    found = [_difference(both) for both in arms]
    assert np.mean([one.low <= 0.3 <= one.high for one in found]) >= 0.935
    width = np.mean([one.high - one.low for one in found])
    plain = 2 * 1.96 * np.sqrt((y[0].var() + y[1].var()) / 150)
    assert width < 0.9 * plain


def test_where_nobody_differed_before_nothing_is_taken_out() -> None:
    arm = _of(np.full(4, 3), np.arange(4))
    assert adjusting.slope((arm, arm)) == 0


def test_two_people_are_the_fewest() -> None:
    with pytest.raises(ValueError, match="2 people, got 1"):
        adjusting.adjusted(_of(np.array([1]), np.array([1])), Fraction(1), Fraction(0))


def _of(x: np.ndarray, y: np.ndarray) -> Paired:
    sums = {"y": y.sum(), "yy": y @ y, "x": x.sum(), "xx": x @ x, "xy": x @ y}
    return Paired(n=len(x), **{name: int(value) for name, value in sums.items()})


def _exactly(x: np.ndarray, y: np.ndarray) -> Paired:
    sums = {"y": y.sum(), "yy": y @ y, "x": x.sum(), "xx": x @ x, "xy": x @ y}
    return Paired(n=len(x), **{name: Fraction(float(value)) for name, value in sums.items()})


def _difference(arms: list[Paired]) -> Difference:
    theta, centre = adjusting.slope(arms), adjusting.centre(arms)
    first, second = (adjusting.adjusted(arm, theta, centre) for arm in arms)
    return welch(first, second, confidence=0.95)
