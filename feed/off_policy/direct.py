# SPDX-License-Identifier: Apache-2.0
"""Foretell what every action would have brought, for people the foreteller has not seen.

Rules:
1. people are dealt to `FOLDS` by their number; what is foretold for one fold is learned on the
   others, so that nobody's own rewards foretell themselves
2. "no insert" earns 0 and need not be learned: actions before the first scene are told as 0
3. which foreteller is used changes the noise of the doubly robust estimate, never what it aims at;
   a model older than the log (feed/ranking.values) may stand in for all of this
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from feed import draws
from feed.features import Matrix
from feed.model import sigmoid
from feed.off_policy.logs import Log, Whole
from feed.off_policy.weights import Weights
from feed.training import crossed, regression

FOLDS: Final = 3
_SEED: Final = 3
_RIDGE: Final = 30.0
"""Rows' worth of belief that nothing matters."""
_ROWS: Final = 20_000
"""So many decisions are crossed at a time."""
_TREES: Final = 60
_LEAF: Final = 40
_PAIRS: Final = 200_000
"""So many pairs are foretold at a time where it is not one matrix product."""

Foreteller = Callable[[Matrix, Matrix], Matrix]
"""Gives (n, k) for people (n, p) and scenes (k, s)."""
Learner = Callable[[Matrix, Matrix, Matrix], Foreteller]
"""Learns from people (n, p), scenes (n, s) and rewards (n,), one decision a row."""


def foretell(log: Log, x: Matrix, z: Matrix, learner: Learner) -> Matrix:
    """Foretell every action of every decision, each by people of other folds.

    Shapes: x (n, p) people as they were; z (k, s), or one row fewer where the first action is
    "no insert"; returns (n, k), within the bounds of a reward.
    """
    nothing = log.eligible.shape[1] - len(z)
    told = np.zeros(log.eligible.shape)
    shown = log.action >= nothing
    fold = folds(log.subject)
    for one in range(FOLDS):
        mine, others = fold == one, (fold != one) & shown
        if others.any():
            taught = learner(x[others], z[log.action[others] - nothing], log.reward[others])
            told[mine, nothing:] = np.clip(taught(x[mine], z), log.low, log.high)
    return told


def folds(subject: Whole) -> Whole:
    """Deal people to folds, by their number alone: the same however a log is cut or ordered."""
    at = draws.uniform(draws.run_key(_SEED), subject.astype(np.uint64), 0)
    return np.asarray(at * FOLDS, np.int64)


def linear(x: Matrix, z: Matrix, reward: Matrix) -> Foreteller:
    """Learn a ridge on [1, x, z, x (x) z]: any reward, one matrix product for all pairs."""
    size = 1 + x.shape[1] + z.shape[1] + x.shape[1] * z.shape[1]
    inner, outer = np.eye(size) * _RIDGE, np.zeros(size)
    for at in range(0, len(x), _ROWS):
        lot = slice(at, at + _ROWS)
        design = np.hstack([np.ones((len(x[lot]), 1)), crossed(x[lot], z[lot])])
        inner += design.T @ design
        outer += design.T @ reward[lot]
    learned = np.asarray(np.linalg.solve(inner, outer), np.float64)
    return _bilinear(learned, x.shape[1], z.shape[1])


def logistic(x: Matrix, z: Matrix, reward: Matrix) -> Foreteller:
    """Learn a logistic regression on the same: rewards of 0 and 1, rare ones in particular."""
    if reward.min() == reward.max():
        level = float(reward[0])
        return lambda people, scenes: np.full((len(people), len(scenes)), level)
    fitted = regression(crossed(x, z), reward)
    weights = np.concatenate([fitted.intercept_, fitted.coef_[0]])
    logits = _bilinear(weights, x.shape[1], z.shape[1])
    return lambda people, scenes: sigmoid(logits(people, scenes))


def boosting(x: Matrix, z: Matrix, reward: Matrix) -> Foreteller:
    """Learn boosted trees on [x, z]: the challenger, far slower, for effects nobody named."""
    trees = HistGradientBoostingRegressor(
        max_iter=_TREES, min_samples_leaf=_LEAF, early_stopping=False, random_state=_SEED
    ).fit(np.hstack([x, z]), reward)

    def pairs(people: Matrix, scenes: Matrix) -> Matrix:
        rows = np.repeat(people, len(scenes), axis=0)
        told = trees.predict(np.hstack([rows, np.tile(scenes, (len(people), 1))]))
        return np.asarray(told.reshape(len(people), len(scenes)))

    def in_lots(people: Matrix, scenes: Matrix) -> Matrix:
        lots = range(0, len(people), max(1, _PAIRS // len(scenes)))
        step = lots.step
        return np.vstack([pairs(people[at : at + step], scenes) for at in lots])

    return in_lots


def noise(log: Log, weights: Weights, foretold: Matrix) -> float:
    """Say how much noise a foreteller leaves in the doubly robust estimate: less is better."""
    missed = log.reward - foretold[np.arange(len(log)), log.action]
    return float(np.square(weights.weight * missed).mean())


def quietest(log: Log, weights: Weights, foretold: Mapping[str, Matrix]) -> str:
    """Choose among foretellers by the noise they leave, the first of equals."""
    return min(foretold, key=lambda name: noise(log, weights, foretold[name]))


def _bilinear(weights: Matrix, people: int, places: int) -> Foreteller:
    """Read crossed weights as one matrix product for all pairs."""
    intercept, rest = weights[0], weights[1:]
    person, scene = rest[:people], rest[people : people + places]
    cross = rest[people + places :].reshape(people, places)

    def product(x: Matrix, z: Matrix) -> Matrix:
        return np.asarray(intercept + (x @ person)[:, np.newaxis] + (x @ cross + scene) @ z.T)

    return product
