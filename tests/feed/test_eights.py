# SPDX-License-Identifier: Apache-2.0
"""Drawing in two steps is drawing from the lottery that is written in feed/exploration."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from feed import eights, exploration

ACTIONS = 45


def case(count: int, seed: int, actions: int = ACTIONS) -> tuple[np.ndarray, np.ndarray]:
    """Values and masks as feed/exploration takes them: a row a person."""
    rng = np.random.default_rng(seed)
    eligible = rng.random((count, actions)) < 0.6
    eligible[np.arange(count), rng.integers(0, actions, count)] = True
    return rng.normal(0, 2, (count, actions)).astype(np.float32), eligible


def turned(values: np.ndarray, eligible: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn them as feed/eights takes them: a column a person, in whole eights."""
    padded = np.pad(values, ((0, 0), (0, -values.shape[1] % 8)))
    bits = np.ascontiguousarray(np.packbits(eligible, axis=1).T)
    whole = np.ascontiguousarray(padded.T)
    eights.shut(whole, bits, np.empty_like(whole))
    return whole, bits


def drawn(
    values: np.ndarray, eligible: np.ndarray, at: np.ndarray, share: float = 0.05
) -> eights.Drawn:
    whole, bits = turned(values, eligible)
    return eights.draw(whole, bits, at, np.full(len(values), share))


@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.05, 1.0]))
def test_the_action_and_its_chance_are_those_of_the_plain_lottery(seed: int, share: float) -> None:
    values, eligible = case(40, seed)
    at = np.random.default_rng(seed + 1).random(40)
    lottery = exploration.lottery(values.astype(float), eligible, temperature=1.0, share=share)
    found, rows = drawn(values, eligible, at, share), np.arange(40)
    assert np.abs(lottery[rows, found.action] - found.propensity).max() < 1e-6
    assert (found.action == exploration.draw(lottery, at)).mean() > 0.9


def test_draws_in_two_steps_fit_the_lottery() -> None:
    count = 200_000
    values, eligible = (np.repeat(part, count, axis=0) for part in case(1, 3, actions=21))
    lottery = exploration.lottery(
        values[:1].astype(float), eligible[:1], temperature=1, share=0.05
    )
    seen = np.bincount(
        drawn(values, eligible, np.random.default_rng(4).random(count)).action, minlength=21
    )
    held = lottery[0] > 0
    assert seen[~held].sum() == 0
    assert chisquare(seen[held], lottery[0][held] * count).pvalue > 0.001


@pytest.mark.parametrize("at", [0.0, 1 - 2**-53])
@pytest.mark.parametrize("share", [0.0, 0.05, 1.0])
def test_the_first_and_the_last_number_draw_what_has_a_chance(at: float, share: float) -> None:
    values, eligible = case(500, 5)
    found = drawn(values, eligible, np.full(500, at), share)
    assert eligible[np.arange(500), found.action].all()
    assert (found.propensity > 0).all()


def test_every_chance_is_above_its_floor() -> None:
    values, eligible = case(3_000, 6)
    found = drawn(values, eligible, np.random.default_rng(7).random(3_000))
    assert (found.propensity >= 0.05 / eligible.sum(axis=1)).all()


def test_what_is_worth_far_less_than_anything_shut_is_still_weighed_rightly() -> None:
    values = np.array([[0.0, 500.0, -300.0, -300.0]], np.float32)
    found = drawn(values, np.array([[False, False, True, True]]), np.array([0.75]))
    assert (int(found.action[0]), float(found.propensity[0])) == (3, 0.5)


def test_the_best_is_the_first_of_equals_among_the_open() -> None:
    values = np.array([[1.0, 9.0, 3.0, 3.0]], np.float32)
    whole, _ = turned(values, np.array([[True, False, True, True]]))
    assert eights.best(whole).tolist() == [2]
