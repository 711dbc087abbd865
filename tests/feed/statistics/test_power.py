# SPDX-License-Identifier: Apache-2.0
"""How many people it takes and how soon harm is seen, against simulation and another tool."""

import warnings

import numpy as np
import pytest

from feed.statistics import power
from feed.statistics.effects import welch
from tests.feed.statistics.coins import proportion

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from statsmodels.stats.proportion import power_proportions_2indep


@pytest.mark.parametrize(("base", "times"), [(0.02, 1.15), (0.02, 1.5), (0.1, 0.8)])
def test_another_implementation_finds_the_power_asked_for(base: float, times: float) -> None:
    n = power.people(base, times)
    other = power_proportions_2indep(base * (times - 1), base, n, alpha=0.05)
    assert float(other.power) == pytest.approx(0.8, abs=0.005)


def test_that_many_people_see_it_as_often_as_promised() -> None:
    n = power.people(0.05, 1.5, power=0.9)
    generator = np.random.Generator(np.random.Philox(3))
    counts = (generator.binomial(n, rate, 2_000) for rate in (0.05, 0.075))
    seen = [
        welch(proportion(n=n, y=int(one)), proportion(n=n, y=int(other)), confidence=0.95).p < 0.05
        for one, other in zip(*counts, strict=True)
    ]
    assert np.mean(seen) == pytest.approx(0.9, abs=0.03)


def test_reading_daily_takes_more_people() -> None:
    assert 1.5 < power.people_read_daily(0.02, 1.5) / power.people(0.02, 1.5) < 2.5


def test_harm_is_stopped_as_soon_as_the_table_says() -> None:
    found = power.stopping(0.02, 1.5, per_day=500, days=30)
    assert found.share >= 0.95
    assert found.median_day == 7
    assert power.stopping(0.02, 1.0, per_day=500, days=30).share <= 0.05
    assert power.stopping(0.02, 0.5, per_day=500, days=30) == power.Stopping(
        share=0.0, median_day=None
    )


def test_the_same_seed_gives_the_same_answer() -> None:
    one, other = (power.stopping(0.02, 1.2, per_day=200, days=14, seed=4) for _ in range(2))
    assert one == other


def test_what_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="not both shares"):
        power.people(0.6, 2.0)
    with pytest.raises(ValueError, match="nothing changed"):
        power.people(0.02, 1.0)
    with pytest.raises(ValueError, match="nothing changed"):
        power.people_read_daily(0.02, 1.0)
