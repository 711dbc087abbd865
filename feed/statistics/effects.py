# SPDX-License-Identifier: Apache-2.0
"""The difference of two means with an interval that holds at an end that was planned: Welch.

Read once, at that end: read daily it stops by mistake in a quarter of the cases
(feed/statistics/sequential may be read daily).
"""

import math
from dataclasses import dataclass

from scipy import special

from feed.statistics.samples import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The second mean less the first. `error` is the variance of `estimate`."""

    estimate: float
    error: float
    low: float
    high: float
    p: float  #: of no difference, two-sided


def welch(first: Sample, second: Sample, *, confidence: float) -> Difference:
    """Hold two means against each other, whose variances need not be equal.

    Where nobody differs from anybody there is no variance to judge by: an interval of no width,
    which claims nothing, and p is 1.
    Source: Welch 1947; the degrees of freedom are Satterthwaite's.
    """
    estimate, error = second.mean - first.mean, first.error + second.error
    if error == 0.0:
        return Difference(estimate=estimate, error=0.0, low=estimate, high=estimate, p=1.0)
    freedom = _freedom(first, second)
    deviation = math.sqrt(error)
    half = float(special.stdtrit(freedom, (1 + confidence) / 2)) * deviation
    p = 2.0 * float(special.stdtr(freedom, -abs(estimate) / deviation))
    return Difference(
        estimate=estimate, error=error, low=estimate - half, high=estimate + half, p=p
    )


def _freedom(first: Sample, second: Sample) -> float:
    whole = first.error + second.error
    parts = first.error**2 / (first.n - 1) + second.error**2 / (second.n - 1)
    return whole**2 / parts
