# SPDX-License-Identifier: Apache-2.0
"""A lottery reaches everything eligible, and nothing else."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from feed.exploration import best, draw, lottery

shapes = st.tuples(st.integers(1, 6), st.integers(1, 12))


@st.composite
def priced(pick: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = pick(shapes)
    values = pick(arrays(np.float64, shape, elements=st.floats(-5, 5)))
    eligible = pick(arrays(np.bool_, shape))
    eligible[:, pick(st.integers(0, shape[1] - 1))] = True
    return values, eligible


@given(priced(), st.floats(0.01, 0.5), st.floats(0.1, 2))
def test_every_propensity_has_its_floor_and_all_sum_to_one(
    case: tuple[np.ndarray, np.ndarray], share: float, temperature: float
) -> None:
    values, eligible = case
    chances = lottery(values, eligible, temperature=temperature, share=share)
    floor = share / eligible.sum(axis=1, keepdims=True)
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-12)
    assert ((chances >= floor - 1e-15) | ~eligible).all()
    assert (chances[~eligible] == 0).all()


@given(priced(), st.floats(0, 1, exclude_max=True))
def test_nothing_ineligible_is_ever_drawn(case: tuple[np.ndarray, np.ndarray], at: float) -> None:
    values, eligible = case
    rows = np.arange(len(values))
    chances = lottery(values, eligible, temperature=0.5, share=0.05)
    assert eligible[rows, draw(chances, np.full(len(values), at))].all()
    assert eligible[rows, draw(best(values, eligible), np.full(len(values), at))].all()


def test_a_worthier_idea_is_likelier() -> None:
    chances = lottery(
        np.array([[0.0, 0.4, -0.4]]), np.ones((1, 3), bool), temperature=0.5, share=0.05
    )
    assert chances[0, 1] > chances[0, 0] > chances[0, 2]


def test_without_exploration_the_best_has_propensity_one() -> None:
    chances = best(np.array([[0.0, 9.0, 3.0, 3.0]]), np.array([[True, False, True, True]]))
    assert chances.tolist() == [[0, 0, 1, 0]]


def test_draws_follow_the_chances() -> None:
    chances = np.tile([[0.2, 0.0, 0.5, 0.3]], (10_000, 1))
    drawn = draw(chances, (np.arange(10_000) + 0.5) / 10_000)
    assert np.bincount(drawn, minlength=4).tolist() == [2000, 0, 5000, 3000]


def test_the_first_and_the_last_number_draw_an_action_that_has_a_chance() -> None:
    chances = np.array([[0.0, 0.5, 0.5, 0.0]])
    assert draw(chances, np.array([0.0])).tolist() == [1]
    assert draw(chances, np.array([1 - 2**-53])).tolist() == [2]
