# SPDX-License-Identifier: Apache-2.0
"""Weigh decisions by another ranker: how much likelier it was to do what was done.

What the log could never have drawn has no weight that would help: the share of the target's mass
there is `unsupported`, and with too much of it there is no number. Clipping a weight leaves out
mass too, for the sake of less noise: that share is `clipped`. Both bound what the estimate may be
off by, whatever the rewards there are.
"""

import math
from dataclasses import dataclass

import numpy as np

from consent.errors import Misused
from consent.words import Reason
from feed.features import Matrix
from feed.off_policy.logs import Log

_ROUNDED = 1e-4
"""A lottery of float32 over many actions sums to 1 within this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Weights of logged decisions under a target. Shapes: `weight` (n,)."""

    weight: Matrix
    bound: float  #: no decision could have weighed more; infinite where that is not known
    unsupported: float  #: share of the target's mass on what was not eligible
    clipped: float  #: share left out where weights were clipped

    @property
    def effective(self) -> float:
        """Return the effective sample size: so many decisions of the target itself say as much."""
        squares = float(np.square(self.weight).sum())
        return float(self.weight.sum()) ** 2 / squares if squares else 0.0

    @property
    def largest(self) -> float:
        """Return the largest weight."""
        return float(self.weight.max())


def weigh(log: Log, target: Matrix, *, clip: float | None = None) -> Weights:
    """Weigh a log by what a target would have drawn with.

    Shapes: target (n, k), rows sum to 1. Errors: Misused(unreadable) where they do not.
    """
    if target.shape != log.eligible.shape or not _is_lottery(target):
        raise Misused(Reason.UNREADABLE, "a target must give every decision a lottery")
    weight = target[np.arange(len(log)), log.action] / log.propensity
    return Weights(
        weight=weight if clip is None else np.minimum(weight, clip),
        bound=min(_heaviest(log, target), math.inf if clip is None else clip),
        unsupported=float(np.where(log.eligible, 0.0, target).sum(axis=1).mean()),
        clipped=0.0 if clip is None else _clipped(log, target, weight, clip),
    )


def _is_lottery(target: Matrix) -> bool:
    sums = target.sum(axis=1)
    return bool((target >= 0.0).all() and np.allclose(sums, 1.0, rtol=0.0, atol=_ROUNDED))


def _heaviest(log: Log, target: Matrix) -> float:
    """Say how much a decision could have weighed, had the least likely been drawn."""
    if log.lottery is None:
        return math.inf
    drawable = log.lottery > 0.0
    return float((target[drawable] / log.lottery[drawable]).max())


def _clipped(log: Log, target: Matrix, weight: Matrix, clip: float) -> float:
    """Say which share of the target's mass is left out: exactly, where lotteries were kept."""
    if log.lottery is None:
        return float(np.maximum(weight - clip, 0.0).mean())
    left = np.where(log.eligible, target - clip * log.lottery, 0.0)
    return float(np.maximum(left, 0.0).sum(axis=1).mean())
