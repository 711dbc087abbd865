# SPDX-License-Identifier: Apache-2.0
"""Say how far off an estimate may be. People are the units: their decisions hang together.

sandwich    from the spread of people's parts, with Student's t for few of them, and room for what
            was too rare to be seen: the default
bootstrap   people drawn again with replacement, studentized: the same without a formula
bernstein   for any sample size, from the bounds of rewards and weights: wide, and never wrong
The room is that of the score interval of a count: where one event more of the largest weight is
little beside the spread, it is nothing.
Source: Wilson, JASA 22 (1927) 209-212, for a count;
Liang and Zeger, Biometrika 73 (1986) 13-22; Maurer and Pontil, COLT 2009, theorem 4.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from feed.features import Matrix
from feed.off_policy.estimators import Estimate
from feed.off_policy.logs import Whole

DRAWS: Final = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The most that one decision could have taken off the sum or added to it: its weight's reward.

    A log in which nobody was harmed has no spread and does not prove that nobody is: this is what
    bounds the harm that was not seen, three or four events' worth of it.
    """

    down: float
    up: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where the value may lie."""

    low: float
    high: float


def totals(parts: Matrix, subject: Whole) -> Matrix:
    """Add up every person's parts, on the scale of the estimate. Shapes: (n,) give (people,).

    Their mean is that of the parts.
    """
    _, rows = np.unique(subject, return_inverse=True)
    sums = np.bincount(rows, weights=parts)
    return np.asarray(sums * (len(sums) / len(parts)))


def sandwich(
    estimate: Estimate, subject: Whole, confidence: float, *, room: Room | None = None
) -> Interval:
    """Bound an estimate by the spread of people's parts, and by what one event more would do.

    Two people at least.
    """
    people, room = totals(estimate.parts, subject), room or Room(down=0.0, up=0.0)
    quantile = float(special.stdtrit(len(people) - 1, (1.0 + confidence) / 2.0))
    reaches = [
        _reach(quantile, _error(people), one / len(subject)) for one in (room.down, room.up)
    ]
    return Interval(low=estimate.value - reaches[0], high=estimate.value + reaches[1])


def bootstrap(estimate: Estimate, subject: Whole, confidence: float, *, seed: int) -> Interval:
    """Bound an estimate by drawing people again; skewed weights give a skewed interval."""
    people, rng = totals(estimate.parts, subject), np.random.default_rng(seed)
    n = len(people)
    drawn = [_studentized(people[rng.integers(0, n, n)]) for _ in range(DRAWS)]
    low, high = np.quantile(drawn, [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0])
    error = _error(people)
    return Interval(
        low=estimate.value - float(high) * error, high=estimate.value - float(low) * error
    )


def bernstein(estimate: Estimate, subject: Whole, confidence: float, *, spread: float) -> Interval:
    """Bound a mean by the spread of people's parts and by how far two decisions can be apart.

    Units: `spread` is between the largest and the smallest term that any decision could have.
    """
    people = totals(estimate.parts, subject)
    n = len(people)
    most = np.unique(subject, return_counts=True)[1].max() * n / len(subject)
    logs = math.log(4.0 / (1.0 - confidence))
    reach = math.sqrt(2.0 * float(people.var(ddof=1)) * logs / n)
    reach += 7.0 * spread * float(most) * logs / (3.0 * (n - 1))
    return Interval(low=estimate.value - reach, high=estimate.value + reach)


def _reach(quantile: float, error: float, one: float) -> float:
    """Return the half-width of a score interval: z se where a decision is little, more if not."""
    shift = quantile * one / 2.0
    return quantile * (shift + math.hypot(error, shift))


def _error(people: Matrix) -> float:
    """Return the standard error of the mean of people's totals."""
    return math.sqrt(float(np.square(people).sum()) / (len(people) - 1) / len(people))


def _studentized(people: Matrix) -> float:
    """Return how many of its own standard errors a drawn mean is off."""
    error = float(people.std(ddof=1)) / math.sqrt(len(people))
    return float(people.mean()) / error if error else 0.0
