# SPDX-License-Identifier: Apache-2.0
"""Planned looks at the primary metric."""

import numpy as np
import pytest

from feed.experiments.analysis import analyse
from feed.experiments.estimates import Estimate, estimate
from feed.experiments.looks import looks
from feed.experiments.metrics import METRICS
from feed.statistics import spending
from tests.feed.experiments import runs
from tests.feed.experiments.runs import coins, experiment, record
from tests.feed.statistics import looks as looked

PLANNED = experiment(primary="withdrew", looks=(10, 20, 30))
DAYS = runs.days(PLANNED, {"as-is": [10] * 30, "wider": [14] * 30})


def _at(day: int, here: int, there: int, people: int) -> tuple[int, Estimate]:
    found = estimate(PLANNED, METRICS["withdrew"], coins(people, there), coins(people, here))
    assert found is not None
    return day, found


def test_the_primary_metric_is_judged_at_the_looks_that_were_due() -> None:
    primary, other = analyse(record(PLANNED, DAYS[:25])).effects
    assert (primary.metric, other.looks) == ("withdrew", ())
    assert [one.day for one in primary.looks] == [10, 20]
    expected = spending.bounds([1 / 3, 2 / 3])
    assert [one.bound for one in primary.looks] == pytest.approx(expected, rel=1e-9)
    assert [one.decided for one in primary.looks] == [False, True]


def test_without_planned_looks_there_are_none() -> None:
    assert all(one.looks == () for one in analyse(record(experiment(), DAYS)).effects)
    assert looks(PLANNED, [_at(9, 3, 3, 100)]) == ()


def test_a_bound_never_changes_by_what_comes_later() -> None:
    early = analyse(record(PLANNED, DAYS), 10).effects[0].looks
    assert analyse(record(PLANNED, DAYS)).effects[0].looks[:1] == early


def test_several_arms_share_the_level() -> None:
    three = experiment(("as-is", "wider", "wide"), primary="withdrew", looks=(10, 20, 30))
    days = runs.days(three, {"as-is": [10] * 30, "wider": [10] * 30, "wide": [10] * 30})
    bounds = [one.bound for one in analyse(record(three, days)).effects[0].looks]
    assert bounds == pytest.approx(spending.bounds([1 / 3, 2 / 3, 1.0], level=0.025), rel=1e-9)


def test_a_ramp_widens_the_bounds() -> None:
    evenly = looks(PLANNED, [_at(10, 10, 10, 500), _at(30, 30, 30, 1_500)])
    ramped = looks(PLANNED, [_at(10, 10, 10, 100), _at(30, 30, 30, 1_500)])
    assert ramped[0].bound == evenly[0].bound
    assert ramped[1].bound > evenly[1].bound


def test_where_nothing_happened_nothing_is_decided() -> None:
    (look,) = looks(PLANNED, [_at(10, 0, 0, 500)])
    assert (look.deviations, look.decided) == (0.0, False)


def test_three_looks_find_a_difference_that_is_none_as_rarely_as_promised() -> None:
    arm, control = (events.cumsum(axis=1)[:, 9::10] for events in looked.daily(1.0, seed=12))
    n = looked.PER_DAY * np.array([10, 20, 30])
    here, there = arm / n, control / n
    deviations = (here - there) / np.sqrt((here * (1 - here) + there * (1 - there)) / n)
    bounds = np.array(spending.bounds([1 / 3, 2 / 3, 1.0]))
    assert (np.abs(deviations) > bounds).any(axis=1).mean() <= 0.06
