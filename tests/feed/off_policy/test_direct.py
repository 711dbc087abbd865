# SPDX-License-Identifier: Apache-2.0
"""What is foretold, by whose data, and that the doubly robust estimate bears it being wrong."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from feed.off_policy import direct
from feed.off_policy.weights import weigh
from feed.training import crossed
from tests.feed.off_policy import world

LEARNERS = (direct.linear, direct.logistic, direct.boosting)


def test_nobody_is_foretold_by_their_own_rewards() -> None:
    log, x, z, _ = world.people(n=300, each=3, seed=1)
    told = direct.foretell(log, x, z, direct.linear)
    one = log.subject == log.subject[0]
    others = direct.folds(log.subject) != direct.folds(log.subject[one])[0]
    changed = log.under(np.where(one, 1.0 - log.reward, log.reward), low=0.0, high=1.0)
    again = direct.foretell(changed, x, z, direct.linear)
    assert np.array_equal(told[one], again[one])
    assert not np.allclose(told[others], again[others], atol=1e-6)


def test_a_person_is_in_one_fold_whatever_the_order_of_the_log() -> None:
    subject = np.repeat(np.arange(3_000), 2)
    dealt = direct.folds(subject)
    assert np.array_equal(dealt[::2], dealt[1::2])
    assert np.array_equal(direct.folds(subject[::-1]), dealt[::-1])
    assert np.bincount(dealt, minlength=direct.FOLDS) == pytest.approx(2_000, rel=0.1)


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_learner_finds_what_is_earned(learner: direct.Learner) -> None:
    log, x, z, earned = world.people(n=3_000, each=1, seed=2)
    told = direct.foretell(log, x, z, learner)
    guess = np.full_like(told, log.reward[log.action > 0].mean())
    shown = np.s_[:, 1:]
    assert np.square(told - earned)[shown].mean() < 0.5 * np.square(guess - earned)[shown].mean()
    assert (told[:, 0] == 0.0).all()
    assert told.min() >= log.low
    assert told.max() <= log.high


def test_the_linear_learner_is_the_ridge_of_another_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct, "_ROWS", 70)
    log, x, z, _ = world.people(n=200, each=1, seed=3)
    scenes = z[np.maximum(log.action - 1, 0)]
    design = np.hstack([np.ones((200, 1)), crossed(x, scenes)])
    other = Ridge(alpha=direct._RIDGE, fit_intercept=False).fit(design, log.reward)
    mine = direct.linear(x, scenes, log.reward)
    picked = mine(x, z)[np.arange(200), np.maximum(log.action - 1, 0)]
    assert picked == pytest.approx(other.predict(design), abs=1e-9)


def test_a_reward_that_never_varies_is_foretold_as_it_is() -> None:
    log, x, z, _ = world.people(n=60, each=1, seed=4)
    never = log.under(np.zeros(60), low=0.0, high=1.0)
    for learner in (direct.linear, direct.logistic):
        assert direct.foretell(never, x, z, learner) == pytest.approx(0.0, abs=1e-12)


def test_trees_foretell_the_same_in_lots_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    log, x, z, _ = world.people(n=300, each=1, seed=5)
    whole = direct.foretell(log, x, z, direct.boosting)
    monkeypatch.setattr(direct, "_PAIRS", 50)
    assert np.array_equal(direct.foretell(log, x, z, direct.boosting), whole)


def test_the_quietest_foreteller_is_the_one_that_leaves_least_noise() -> None:
    log, target, earned = world.population()
    weights = weigh(log, target)
    told = {"blind": np.zeros_like(earned), "right": earned, "too much": earned + 2.0}
    assert direct.quietest(log, weights, told) == "right"
    assert direct.noise(log, weights, earned) == pytest.approx(0.5084, abs=1e-12)
    heavy = replace(weights, weight=2.0 * weights.weight)
    assert direct.noise(log, heavy, earned) == pytest.approx(4 * 0.5084, abs=1e-12)
