# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from engine.simulation import visits
from engine.simulation.setup import MINUTES
from engine.simulation.visits import DEEPEST, MOST
from tests.engine.simulation import crowd

MANY = 20_000
SATURDAY = 5


def test_people_come_as_often_as_a_poisson_of_their_rate() -> None:
    block = crowd.block(people=MANY, arrive_spread=1e-6, arrive_rate=0.9)
    times = visits.comes(block)
    chance = np.exp(-0.9) * np.array([1.0, 0.9, 0.405, 0.1215])
    assert np.bincount(times)[:4] / MANY == pytest.approx(chance, abs=0.012)
    assert times.max() == MOST


def test_they_come_more_on_weekends_and_less_when_annoyed() -> None:
    block = crowd.block(people=MANY)
    week = visits.comes(block).mean()
    block.day = SATURDAY
    weekend = visits.comes(block).mean()
    block.mood.annoyance[:] = 4.0
    annoyed = visits.comes(block).mean()
    know = block.setup.know
    assert weekend / week == pytest.approx(know["arrive.weekend"], rel=0.06)
    assert annoyed < weekend * 0.5


def test_visits_of_a_day_come_one_after_the_other_between_seven_and_eleven() -> None:
    block = crowd.block(people=2_000, arrive_rate=3.0)
    block.day = 2
    times = visits.comes(block)
    last = np.full(2_000, -1)
    for number in range(MOST):
        block.visit = number
        came = visits.visit(block, times)
        assert np.array_equal(came.who, np.flatnonzero(times > number))
        assert (came.minute > last[came.who]).all()
        last[came.who] = came.minute
    of_day = last[times > 0] - 2 * MINUTES
    assert (of_day >= 7 * 60).all()
    assert (of_day < 23 * 60).all()


def test_how_far_they_read_is_geometric() -> None:
    block = crowd.block(people=MANY, arrive_rate=3.0)
    depth = visits.visit(block, visits.comes(block)).depth
    assert depth.min() == 1
    assert depth.max() == DEEPEST
    mean = block.setup.know["depth.mean"]
    assert depth.mean() == pytest.approx(mean, rel=0.03)
    assert (depth > mean).mean() == pytest.approx((1 - 1 / mean) ** mean, abs=0.012)
