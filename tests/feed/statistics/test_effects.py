# SPDX-License-Identifier: Apache-2.0
"""The difference of two means: golden numbers, and how often the interval holds the truth."""

import warnings

import numpy as np
import pytest

from feed.statistics.effects import welch
from feed.statistics.samples import Sample, mean, ratio
from tests.feed.statistics.coins import proportion

RUNS = 4_000
COVERED = 0.935
"""What an interval of 95 % covers at least, of that many runs, but for one chance in 5,000."""

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW


def test_two_proportions_give_the_golden_numbers() -> None:
    found = welch(proportion(n=50_000, y=1_000), proportion(n=50_000, y=1_150), confidence=0.95)
    assert found.estimate == pytest.approx(0.003, rel=1e-12)
    assert found.p == pytest.approx(0.0010739205358216708, rel=1e-10)
    assert found.low == pytest.approx(0.0012021237826149095, rel=1e-12)
    assert found.high == pytest.approx(0.004797876217385089, rel=1e-12)


def test_it_agrees_with_another_implementation_for_unequal_variances() -> None:
    generator = np.random.Generator(np.random.Philox(4))
    first, second = generator.poisson(2, 40), generator.poisson(9, 15)
    other = CompareMeans(DescrStatsW(second), DescrStatsW(first))
    low, high = other.tconfint_diff(alpha=0.1, usevar="unequal")
    found = welch(_sample(first), _sample(second), confidence=0.9)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-10)
    assert found.p == pytest.approx(other.ttest_ind(usevar="unequal")[1], rel=1e-9)


def test_where_nobody_differs_there_is_nothing_to_judge_by() -> None:
    same, other = mean(n=5, y=5, yy=5), mean(n=5, y=10, yy=20)
    assert welch(same, same, confidence=0.95).p == 1.0
    found = welch(same, other, confidence=0.95)
    assert (found.low, found.estimate, found.high, found.p) == (1.0, 1.0, 1.0, 1.0)


def test_intervals_of_means_cover_the_truth() -> None:
    generator = np.random.Generator(np.random.Philox(7))
    first, second = (generator.poisson(rate, (RUNS, 200)) for rate in (1.0, 1.2))
    assert _covered(_means(first), _means(second), 0.2) >= COVERED


def test_intervals_of_ratios_cover_the_truth() -> None:
    """Each person has their own readiness, so portraits of one person are alike."""
    assert _covered(_ratios(1, 0.10), _ratios(2, 0.12), 0.02) >= COVERED


def test_portraits_taken_for_people_cover_too_rarely() -> None:
    """The unit put wrong: if this covered as well, the test above would show nothing."""
    samples = [_ratios(seed, rate)[:1_000] for seed, rate in ((1, 0.10), (2, 0.12))]
    naive = [[_as_coins(one) for one in half] for half in samples]
    assert _covered(naive[0], naive[1], 0.02) < 0.9


def _sample(y: np.ndarray) -> Sample:
    return mean(n=len(y), y=int(y.sum()), yy=int(y @ y))


def _means(people: np.ndarray) -> list[Sample]:
    sums = zip(people.sum(axis=1), (people * people).sum(axis=1), strict=True)
    return [mean(n=people.shape[1], y=int(y), yy=int(yy)) for y, yy in sums]


def _ratios(seed: int, rate: float) -> list[Sample]:
    generator = np.random.Generator(np.random.Philox(seed))
    shape = RUNS, 300
    d = generator.integers(1, 12, shape)
    ready = np.where(generator.random(shape) < 0.5, rate / 10, rate * 1.9)
    y = generator.binomial(d, ready)
    sums = [part.sum(axis=1) for part in (y, y * y, d, d * d, y * d)]
    names = ("y", "yy", "d", "dd", "yd")
    return [
        ratio(n=300, **dict(zip(names, map(int, row), strict=True)))
        for row in zip(*sums, strict=True)
    ]


def _as_coins(sample: Sample) -> Sample:
    shown = sample.n * 6
    return proportion(n=shown, y=round(sample.mean * shown))


def _covered(first: list[Sample], second: list[Sample], truth: float) -> float:
    pairs = zip(first, second, strict=True)
    found = [welch(one, other, confidence=0.95) for one, other in pairs]
    return float(np.mean([one.low <= truth <= one.high for one in found]))
