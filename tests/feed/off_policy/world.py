# SPDX-License-Identifier: Apache-2.0
"""A world whose figures are known in closed form, and logs drawn in it."""

import numpy as np

from feed.exploration import Mask
from feed.features import Matrix
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
