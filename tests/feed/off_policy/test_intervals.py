# SPDX-License-Identifier: Apache-2.0
"""Intervals: by hand, by formula, and by how often they hold the truth."""

import math

import numpy as np
import pytest
from scipy import stats

from feed.off_policy import intervals
from feed.off_policy.estimators import Estimate


def test_a_persons_parts_are_added_up() -> None:
    parts = np.array([1.0, -0.5, -0.5, 0.25, -0.25])
    assert intervals.totals(parts, np.array([7, 3, 7, 9, 9])).tolist() == [-0.3, 0.3, 0.0]


def test_with_one_decision_a_person_the_sandwich_is_students_interval() -> None:
    values = np.random.default_rng(1).random(40)
    estimate = Estimate(value=values.mean(), parts=values - values.mean())
    got = intervals.sandwich(estimate, np.arange(40), 0.95)
    expected = stats.t.interval(0.95, 39, values.mean(), values.std(ddof=1) / math.sqrt(40))
    assert (got.low, got.high) == pytest.approx(expected, abs=1e-12)


def test_decisions_of_one_person_are_no_more_than_one() -> None:
    values = np.random.default_rng(2).random(50)
    again = np.repeat(values, 4)
    once = intervals.sandwich(
        Estimate(value=values.mean(), parts=values - values.mean()), np.arange(50), 0.95
    )
    often = intervals.sandwich(
        Estimate(value=again.mean(), parts=again - again.mean()),
        np.repeat(np.arange(50), 4),
        0.95,
    )
    assert (often.low, often.high) == pytest.approx((once.low, once.high), abs=1e-12)
