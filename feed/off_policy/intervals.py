# SPDX-License-Identifier: Apache-2.0
"""Say how far off an estimate may be. People are the units: their decisions hang together.

sandwich    from the spread of people's parts, with Student's t for few of them: the default
bootstrap   people drawn again with replacement, studentized: the same without a formula
bernstein   for any sample size, from the bounds of rewards and weights: wide, and never wrong
Source: Liang and Zeger, Biometrika 73 (1986) 13-22; Maurer and Pontil, COLT 2009, theorem 4.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from feed.features import Matrix
from feed.off_policy.estimators import Estimate
from feed.off_policy.logs import Whole


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


def sandwich(estimate: Estimate, subject: Whole, confidence: float) -> Interval:
    """Bound an estimate by the spread of people's parts. Two people at least."""
    people = totals(estimate.parts, subject)
    n = len(people)
    error = math.sqrt(float(np.square(people).sum()) / (n - 1) / n)
    reach = float(stats.t.ppf((1.0 + confidence) / 2.0, n - 1)) * error
    return Interval(low=estimate.value - reach, high=estimate.value + reach)
