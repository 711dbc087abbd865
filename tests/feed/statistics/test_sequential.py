# SPDX-License-Identifier: Apache-2.0
"""An interval that may be read on any day: golden numbers, and 30 looks at thousands of runs."""

import numpy as np
import pytest

from feed.statistics import sequential
from feed.statistics.effects import welch
from tests.feed.statistics import looks
from tests.feed.statistics.coins import proportion

FOUND = welch(proportion(n=50_000, y=1_000), proportion(n=50_000, y=1_150), confidence=0.95)


def test_the_half_width_and_p_are_the_golden_ones() -> None:
    half = sequential.half_width(FOUND.error, 100_000, level=0.05)
    assert half == pytest.approx(0.003060864329974029, abs=1e-12)
    p = sequential.p_value(FOUND.estimate, FOUND.error, 100_000, level=0.05)
    assert p == pytest.approx(0.062169073676841546, rel=1e-9)


def test_p_is_the_level_where_the_interval_just_reaches_nothing() -> None:
    half = sequential.half_width(FOUND.error, 100_000, level=0.05)
    p = sequential.p_value(half, FOUND.error, 100_000, level=0.05)
    assert p == pytest.approx(0.05, rel=1e-12)


def test_where_nobody_differs_there_is_nothing_to_judge_by() -> None:
    assert sequential.p_value(0.0, 0.0, 10, level=0.05) == 1.0
    assert sequential.p_value(0.1, 0.0, 10, level=0.05) == 1.0


def test_it_is_tightest_in_deviations_for_the_people_it_is_tuned_for() -> None:
    n = np.array([500, 5_000, 50_000])
    widths = sequential.half_widths(1.0 / n, n, level=0.05) * np.sqrt(n)
    assert widths[1] == widths.min()


def test_it_covers_the_truth_on_all_thirty_days_together() -> None:
    estimate, half = _daily(1.3)
    truth = 0.3 * looks.BASE
    covered = np.abs(estimate - truth) <= half
    assert covered.all(axis=1).mean() >= 0.95
    assert covered[:, -1].mean() >= 0.935


def test_thirty_looks_find_a_difference_that_is_none_in_one_of_fifty() -> None:
    estimate, half = _daily(1.0)
    assert (np.abs(estimate) > half).any(axis=1).mean() == pytest.approx(0.018, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(("times", "share", "median"), [(1.25, 0.52, 30), (1.5, 0.996, 9)])
def test_the_table_of_power_is_reproduced(times: float, share: float, median: float) -> None:
    estimate, half = _daily(times)
    days = looks.first_day(np.abs(estimate) > half)
    print(f"x{times}: {looks.share(days):.4f} found, median day {np.median(days)}")  # noqa: T201
    assert looks.share(days) == pytest.approx(share, abs=0.03)
    assert np.median(days) == pytest.approx(median, abs=1)


def _daily(times: float) -> tuple[sequential.Floats, sequential.Floats]:
    arm, control = (events.cumsum(axis=1) for events in looks.daily(times))
    n = looks.PER_DAY * np.arange(1, looks.DAYS + 1)
    here, there = arm / n, control / n
    error = (here * (1 - here) + there * (1 - there)) / n
    both = np.broadcast_to(2 * n, error.shape)
    return here - there, sequential.half_widths(error, both, level=0.05)
