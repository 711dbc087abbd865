# SPDX-License-Identifier: Apache-2.0
"""Say whether a log was drawn with the lotteries it keeps: the sample-ratio test of propensities.

A log whose propensities are not those it was drawn with misleads every estimate that weighs by
them, and nothing in the estimate shows it. The draws do: how often each action was drawn, and how
likely the drawn ones were held to be, must be what a sum of independent draws gives.
"""

from typing import Final

import numpy as np
from scipy import special

from feed.features import Matrix
from feed.off_policy.logs import Log

ENOUGH: Final = 5.0
"""Actions expected less often are not looked at by themselves."""
_NOTHING: Final = 1e-9


def fit(log: Log) -> float:
    """Return the chance of draws as far off as these; 1 where no lotteries were kept.

    Every draw has its own mean and covariance, so people may differ in any way.
    """
    if log.lottery is None:
        return 1.0
    rows, expected = np.arange(len(log)), log.lottery.sum(axis=0)
    common = np.flatnonzero(expected >= ENOUGH)
    chances, score = log.lottery[:, common], _logs(log.lottery)
    means = (log.lottery * score).sum(axis=1)
    seen = np.bincount(log.action, minlength=len(expected))[common]
    gap = np.append(seen - expected[common], (score[rows, log.action] - means).sum())
    both = (chances * (score[:, common] - means[:, np.newaxis])).sum(axis=0)
    spread = np.empty((len(gap), len(gap)))
    spread[:-1, :-1] = np.diag(expected[common]) - chances.T @ chances
    spread[-1, :-1] = spread[:-1, -1] = both
    spread[-1, -1] = ((log.lottery * np.square(score)).sum(axis=1) - np.square(means)).sum()
    return _p(gap, spread)


def _logs(lottery: Matrix) -> Matrix:
    return np.log(np.where(lottery > 0.0, lottery, 1.0))


def _p(gap: Matrix, spread: Matrix) -> float:
    """Compare a gap with its covariance, in as many directions as that has."""
    sizes, ways = np.linalg.eigh(spread)
    real = sizes > _NOTHING * max(float(sizes[-1]), 1.0)
    if not real.any():
        return 1.0
    squared = float((np.square(gap @ ways[:, real]) / sizes[real]).sum())
    return float(special.chdtrc(int(real.sum()), squared))
