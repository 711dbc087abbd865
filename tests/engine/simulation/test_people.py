# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from engine.simulation import people
from engine.simulation.people import BEFORE
from tests.engine.simulation import crowd


def test_a_person_is_the_same_in_whatever_part_of_the_people() -> None:
    every = people.draw(crowd.setup(), 0, 300)
    some = people.draw(crowd.setup(), 120, 40)
    for name in ("number", "draw_key", "rate", "tastes", "trusts", "learns", "before"):
        assert np.array_equal(getattr(some, name), getattr(every, name)[120:160]), name
    assert np.array_equal(some.inclined.willing, every.inclined.willing[120:160])


def test_nobody_has_the_name_of_another_or_of_another_seed() -> None:
    names = people.draw(crowd.setup(), 0, 20_000).draw_key
    assert len(set(names.tolist())) == len(names)


def test_people_are_as_the_coefficients_have_them() -> None:
    setup = crowd.setup()
    drawn, know = people.draw(setup, 0, 20_000), setup.know
    assert np.median(drawn.rate) == pytest.approx(know["arrive.rate"], rel=0.02)
    assert np.log(drawn.rate).std() == pytest.approx(know["arrive.spread"], rel=0.03)
    assert drawn.tastes.std() == pytest.approx(know["people.taste"], rel=0.02)
    assert drawn.trusts.std() == pytest.approx(know["people.trust"], rel=0.03)
    assert drawn.learns.mean() == pytest.approx(know["people.learn"], abs=0.015)
    assert drawn.inclined.willing.std() == pytest.approx(1.0, rel=0.03)


def test_visits_before_the_run_are_poisson_in_the_persons_own_rate() -> None:
    drawn = people.draw(crowd.setup(), 0, 20_000)
    expected = drawn.rate * BEFORE
    assert drawn.before.min() >= 0
    assert drawn.before.mean() == pytest.approx(expected.mean(), rel=0.02)
    assert ((drawn.before - expected) ** 2 / expected).mean() == pytest.approx(1.0, rel=0.05)


def test_whoever_hardly_ever_comes_came_no_time_before() -> None:
    drawn = people.draw(crowd.setup(arrive_rate=1e-9), 0, 50)
    assert drawn.before.tolist() == [0] * 50


def test_tastes_are_whole_grains_so_that_their_sums_are_exact() -> None:
    tastes = people.draw(crowd.setup(), 0, 500).tastes * 1024
    assert np.array_equal(tastes, np.rint(tastes))
