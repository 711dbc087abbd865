# SPDX-License-Identifier: Apache-2.0
"""Bounds for planned looks: published ones, and what they let through."""

import numpy as np
import pytest

from feed.statistics import spending

FIFTHS = (0.2, 0.4, 0.6, 0.8, 1.0)


def test_five_looks_have_the_published_bounds() -> None:
    """Lan and DeMets' spending of the O'Brien-Fleming kind, two-sided 5 %."""
    expected = (4.8769, 3.3570, 2.6803, 2.2898, 2.0310)
    assert spending.bounds(FIFTHS) == pytest.approx(expected, abs=1e-4)


def test_one_look_is_a_fixed_test() -> None:
    assert spending.bounds([1.0]) == pytest.approx([1.959963984540054], abs=1e-9)


def test_a_look_far_too_early_can_stop_nothing() -> None:
    bounds = spending.bounds([0.01, 1.0])
    assert bounds[0] == pytest.approx(8.0)
    assert bounds[1] == pytest.approx(1.96, abs=1e-3)


def test_all_looks_together_stop_by_mistake_as_rarely_as_promised() -> None:
    """And bounds of a fixed test at each look, in the same runs, do not."""
    generator = np.random.Generator(np.random.Philox(1))
    walk = generator.normal(size=(40_000, 5)).cumsum(axis=1) / np.sqrt(np.arange(1, 6))
    stopped = (np.abs(walk) > spending.bounds(FIFTHS)).any(axis=1).mean()
    assert stopped == pytest.approx(0.05, abs=0.004)
    assert (np.abs(walk) > 1.96).any(axis=1).mean() > 0.13


def test_less_that_hangs_together_widens_the_bounds() -> None:
    evenly = spending.bounds([0.5, 1.0])
    assert spending.bounds([0.5, 1.0], known=[3.0, 6.0]) == pytest.approx(evenly, rel=1e-9)
    later = spending.bounds([0.5, 1.0], known=[1.0, 10.0])
    assert later[0] == pytest.approx(evenly[0], rel=1e-9)
    assert later[1] > evenly[1]


def test_a_bound_rests_on_no_later_look() -> None:
    assert spending.bounds(FIFTHS)[:3] == spending.bounds(FIFTHS[:3])


def test_what_is_known_must_rise_too() -> None:
    with pytest.raises(ValueError, match="what is known rises"):
        spending.bounds([0.5, 1.0], known=[2.0, 1.0])
    with pytest.raises(ValueError, match="what is known rises"):
        spending.bounds([0.5, 1.0], known=[2.0])


@pytest.mark.parametrize("parts", [(), (0.5, 0.5), (0.5, 0.2), (0.0, 1.0), (0.5, 1.1)])
def test_looks_must_rise_to_the_end(parts: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="looks rise"):
        spending.bounds(parts)
