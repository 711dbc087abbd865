# SPDX-License-Identifier: Apache-2.0
"""Means, shares and ratios of people, out of whole-number sums."""

import numpy as np
import pytest

from feed.statistics.samples import mean, ratio

PEOPLE = np.random.Generator(np.random.Philox(2)).integers(0, 9, (2, 400))


def test_a_mean_and_its_variance_are_those_of_numpy() -> None:
    y = PEOPLE[0]
    sample = mean(n=len(y), y=int(y.sum()), yy=int(y @ y))
    assert sample.mean == pytest.approx(y.mean(), rel=1e-15)
    assert sample.variance == pytest.approx(y.var(ddof=1), rel=1e-14)
    assert sample.error == pytest.approx(y.var(ddof=1) / 400, rel=1e-14)


def test_nothing_cancels_however_far_from_zero_people_are() -> None:
    y = [10**12 + n for n in (1, 2, 3)]
    sample = mean(n=3, y=sum(y), yy=sum(one * one for one in y))
    assert sample.variance == 1.0


def test_a_share_is_the_mean_of_zeros_and_ones() -> None:
    sample = mean(n=1_000, y=200, yy=200)
    assert (sample.mean, sample.variance) == (0.2, 160 / 999)


def test_a_ratio_has_the_variance_of_its_residuals() -> None:
    y, d = PEOPLE[0], PEOPLE[1] + 1
    sums = {"y": y.sum(), "yy": y @ y, "d": d.sum(), "dd": d @ d, "yd": y @ d}
    sample = ratio(n=len(y), **{name: int(value) for name, value in sums.items()})
    residual = (y - sample.mean * d) / d.mean()
    assert sample.mean == pytest.approx(y.sum() / d.sum(), rel=1e-15)
    assert sample.variance == pytest.approx(residual.var(ddof=1), rel=1e-12)


def test_a_ratio_to_one_each_is_a_mean() -> None:
    y = PEOPLE[0]
    sums = {"n": 400, "y": int(y.sum()), "yy": int(y @ y)}
    assert ratio(**sums, d=400, dd=400, yd=sums["y"]) == mean(**sums)


def test_two_people_are_the_fewest_and_something_must_be_told_of() -> None:
    with pytest.raises(ValueError, match="2 people, got 1"):
        mean(n=1, y=1, yy=1)
    with pytest.raises(ValueError, match="told per"):
        ratio(n=2, y=0, yy=0, d=0, dd=0, yd=0)
