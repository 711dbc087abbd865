# SPDX-License-Identifier: Apache-2.0
"""A world whose figures are known in closed form, and logs drawn in it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from feed import exploration
from feed.exploration import Mask
from feed.features import Matrix
from feed.model import sigmoid
from feed.off_policy import logs
from feed.off_policy.logs import Log

EARNS = np.array([[0.1, 0.5, 0.3], [0.6, 0.2, 0.4]])
LOGGING = np.array([[0.5, 0.25, 0.25], [0.2, 0.4, 0.4]])
TARGET = np.array([[0.2, 0.6, 0.2], [0.7, 0.1, 0.2]])
"""Two contexts of one half each, three actions, rewards of 0 or 1 (feed.md 4a)."""
WORTH, LOGGED_WORTH = 0.45, 0.305
_WHOLE = 400
"""So few decisions hold every case exactly as often as its chance says."""


def population() -> tuple[Log, Matrix, Matrix]:
    """Make the log that is the population itself, the target's lotteries, and what is earned."""
    cases = [
        (context, action, reward)
        for context in (0, 1)
        for action in (0, 1, 2)
        for reward in (0, 1)
        for _ in range(_times(context, action, reward))
    ]
    context, action, reward = np.array(cases).T
    assert len(cases) == _WHOLE
    return drawn(context, action, reward), TARGET[context], EARNS[context]


def _times(context: int, action: int, reward: int) -> int:
    earns = EARNS[context, action]
    chance = 0.5 * LOGGING[context, action] * (earns if reward else 1.0 - earns)
    return round(chance * _WHOLE)


def drawn(context: Matrix, action: Matrix, reward: Matrix, subject: Matrix | None = None) -> Log:
    """Make a log of this world, with its lotteries."""
    return logs.read(
        subject=np.arange(len(action)) if subject is None else subject,
        action=action,
        propensity=LOGGING[context, action],
        reward=reward,
        eligible=everything(len(action)),
        lottery=LOGGING[context],
    )


def everything(n: int) -> Mask:
    """Let every action be drawn."""
    return np.ones((n, LOGGING.shape[1]), np.bool_)


def sample(n: int, *, seed: int) -> tuple[Log, Matrix, Matrix]:
    """Draw a log of this world: the log, the target's lotteries, the contexts."""
    rng = np.random.default_rng(seed)
    context = rng.integers(0, 2, n)
    action = exploration.draw(LOGGING[context], rng.random(n))
    reward = (rng.random(n) < EARNS[context, action]).astype(np.float64)
    return drawn(context, action, reward), TARGET[context], context


def without_action(log: Log, action: int) -> Log:
    """Take an action out of what could be drawn, and the decisions that drew it."""
    kept = log.action != action
    assert log.lottery is not None
    lottery = np.where(np.arange(log.lottery.shape[1]) == action, 0.0, log.lottery)[kept]
    lottery = lottery / lottery.sum(axis=1, keepdims=True)
    return logs.read(
        subject=log.subject[kept],
        action=log.action[kept],
        propensity=lottery[np.arange(len(lottery)), log.action[kept]],
        reward=log.reward[kept],
        eligible=lottery > 0.0,
        lottery=lottery,
    )


def first(log: Log, n: int) -> Log:
    """Take the first decisions only."""
    return logs.read(
        subject=log.subject[:n],
        action=log.action[:n],
        propensity=log.propensity[:n],
        reward=log.reward[:n],
        eligible=log.eligible[:n],
    )


def logged(log: Log) -> Matrix:
    """Return the lotteries the log was drawn with."""
    assert log.lottery is not None
    return log.lottery


def people(
    *, n: int, each: int, seed: int, moods: float = 0.3
) -> tuple[Log, Matrix, Matrix, Matrix]:
    """Draw decisions for people who differ: the log, x, the scenes, and what actions earn.

    Two tastes, six scenes and "no insert"; everybody has a mood that holds for all of theirs.
    """
    rng = np.random.default_rng(seed)
    x = np.repeat(rng.choice([-1.0, 0.0, 1.0], (n, 2)), each, axis=0)
    mood = np.repeat(rng.normal(0.0, moods, n), each)
    z = np.array([[1, 0], [0, 1], [1, 1], [-1, 0], [0, -1], [-1, -1]], np.float64)
    pull = x @ z.T
    earned = np.hstack([np.zeros((len(x), 1)), sigmoid(pull - 0.5 + mood[:, np.newaxis])])
    values = np.hstack([np.zeros((len(x), 1)), 0.3 * pull])
    eligible = np.ones(values.shape, np.bool_)
    lottery = exploration.lottery(values, eligible, temperature=0.5, share=0.05)
    action = exploration.draw(lottery, rng.random(len(x)))
    rows = np.arange(len(x))
    log = logs.read(
        subject=np.repeat(np.arange(n), each),
        action=action,
        propensity=lottery[rows, action],
        reward=(rng.random(len(x)) < earned[rows, action]).astype(np.float64),
        eligible=eligible,
        lottery=lottery,
    )
    return log, x, z, earned


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """A log that another project drew, and what its own code made of it."""

    log: Log
    target: Matrix
    foretold: Matrix
    truth: float
    ips: float
    snips: float
    dr: float
    direct: float


def foreign() -> Foreign:
    """Read the log of obp 0.5.7: 20,000 rounds, 20 actions, contexts of 5 (docs/off-policy.md).

    The file holds what was drawn and what was fitted, in log-odds; contexts are numpy's legacy
    stream 1, which does not change any more.
    """
    with np.load(Path(__file__).parents[1] / "golden" / "obp.npz") as kept:
        action, fold = kept["action"].astype(np.int64), kept["fold"]
        earns, fitted, reward = kept["earns"], kept["foretold"], kept["reward"]
    rows = np.arange(len(action))
    context = np.random.RandomState(1).normal(size=(len(rows), len(earns) - 1))
    context = np.hstack([context, np.ones((len(rows), 1))])
    earned = sigmoid(context @ earns)
    lottery, target = _softmax(2.0 * earned), _softmax(8.0 * earned)
    foretold = np.empty_like(earned)
    for one, coefficients in enumerate(fitted):
        foretold[fold == one] = sigmoid(context[fold == one] @ coefficients)
    assert (target * earned).sum(axis=1).mean() == pytest.approx(0.6440944859830211, abs=1e-12)
    log = logs.read(
        subject=rows,
        action=action,
        propensity=lottery[rows, action],
        reward=reward.astype(np.float64),
        eligible=lottery > 0.0,
        lottery=lottery,
    )
    return Foreign(
        log=log,
        target=target,
        foretold=foretold,
        truth=0.6440944859830211,
        ips=0.6476623489050582,
        snips=0.647188669861031,
        dr=0.6468333698764808,
        direct=0.5243342608510931,
    )


def _softmax(scores: Matrix) -> Matrix:
    weights = np.exp(scores)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
