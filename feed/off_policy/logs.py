# SPDX-License-Identifier: Apache-2.0
"""Hold logged decisions as columns, and refuse logs that cannot be weighed.

Rules:
1. a decision without a usable propensity is not guessed: the whole log is refused
2. a decision made without exploring has propensity 1 and says nothing of other actions: left out
3. what failed after the decision (a drawing, a check) stays in with reward 0, else the value
   would be that of the decisions that happened to work
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from consent.errors import Misused
from consent.words import Reason
from feed.exploration import Mask
from feed.features import Matrix

Whole = NDArray[np.int64]
_ROUNDED = 1e-5
"""A lottery is kept as float32."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Decisions that can be weighed, one a row. Shapes: (n,), the mask and the lottery (n, k).

    `low` and `high` bound what one decision can be worth; 0 lies between them.
    """

    subject: Whole
    action: Whole
    propensity: Matrix
    reward: Matrix
    eligible: Mask  #: what could have been drawn
    low: float
    high: float
    lottery: Matrix | None = None  #: what everything would have been drawn with, where it was kept
    unexplored: int = 0  #: decisions left out

    def __len__(self) -> int:
        return len(self.action)

    @property
    def spread(self) -> float:
        """Return how far two rewards can be apart."""
        return self.high - self.low

    def under(self, reward: Matrix, *, low: float, high: float) -> "Log":
        """Give the same decisions another reward: one log, many outcomes.

        Errors: Misused(unreadable) where a reward is missing or out of its bounds.
        """
        _check_rewards(reward, len(self), low, high)
        return replace(self, reward=reward, low=low, high=high)


def read(
    *,
    subject: Whole,
    action: Whole,
    propensity: Matrix,
    reward: Matrix,
    eligible: Mask,
    low: float = 0.0,
    high: float = 1.0,
    explored: Mask | None = None,
    delivered: Mask | None = None,
    lottery: Matrix | None = None,
) -> Log:
    """Make a log of columns.

    Shapes: (n,), but `eligible` and `lottery` (n, k). `explored` False: drawn without a lottery.
    `delivered` False: nothing came of it, its reward is 0 whatever the column says.
    Errors: Misused(unreadable) for a log that cannot be weighed, in one sentence.
    """
    kept = np.ones(len(action), np.bool_) if explored is None else np.asarray(explored, np.bool_)
    earned = reward if delivered is None else np.where(delivered, reward, 0.0)
    log = Log(
        subject=np.asarray(subject, np.int64)[kept],
        action=np.asarray(action, np.int64)[kept],
        propensity=np.asarray(propensity, np.float64)[kept],
        reward=np.asarray(earned, np.float64)[kept],
        eligible=np.asarray(eligible, np.bool_)[kept],
        low=low,
        high=high,
        lottery=None if lottery is None else np.asarray(lottery, np.float64)[kept],
        unexplored=int((~kept).sum()),
    )
    _check(log)
    return log


def _check(log: Log) -> None:
    if not len(log):
        raise _refused(f"no decision to weigh: {log.unexplored} were made without exploring")
    _check_propensities(log)
    _check_rewards(log.reward, len(log), log.low, log.high)
    chosen = log.eligible[np.arange(len(log)), log.action]
    if not chosen.all():
        raise _refused(f"{_of((~chosen).sum(), log)} chose what was not eligible")


def _check_propensities(log: Log) -> None:
    sound = (log.propensity > 0.0) & (log.propensity <= 1.0)
    if not sound.all():
        raise _refused(
            f"{_of((~sound).sum(), log)} have no propensity above 0 and up to 1; "
            "without it nothing can be said of another ranker"
        )
    if log.lottery is not None:
        kept = log.lottery[np.arange(len(log)), log.action]
        astray = ~np.isclose(kept, log.propensity, rtol=_ROUNDED, atol=0.0)
        if astray.any():
            raise _refused(f"{_of(astray.sum(), log)} have another propensity than their lottery")


def _check_rewards(reward: Matrix, n: int, low: float, high: float) -> None:
    if not low <= 0.0 <= high:
        raise _refused(f"a reward of 0 must be possible, got {low} to {high}")
    outside = ~((reward >= low) & (reward <= high))
    if len(reward) != n or outside.any():
        raise _refused(
            f"{outside.sum():,} of {n:,} decisions have no reward between {low:g} and {high:g}"
        )


def _of(count: int, log: Log) -> str:
    return f"{count:,} of {len(log):,} decisions"


def _refused(sentence: str) -> Misused:
    return Misused(Reason.UNREADABLE, sentence)
