# SPDX-License-Identifier: Apache-2.0
"""A mean of people and its variance, out of sums that are whole numbers.

Everything is worked out in whole numbers and divided once, so the same sums give the same figure
whatever the order they were added in, and nothing cancels.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

LEAST: Final = 2
"""People without whom there is no variance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A mean over `n` people. `variance` is one person's: that of the mean is `variance / n`."""

    n: int
    mean: float
    variance: float

    @property
    def error(self) -> float:
        """Return the variance of the mean."""
        return self.variance / self.n


def mean(*, n: int, y: int, yy: int) -> Sample:
    """Take the mean of y. Errors: ValueError for fewer than two people."""
    _enough(n)
    variance = Fraction(n * yy - y * y, n * (n - 1))
    return Sample(n=n, mean=y / n, variance=float(variance))


def ratio(*, n: int, y: int, yy: int, d: int, dd: int, yd: int) -> Sample:
    """Take sum of y over sum of d, both told of people, by the delta method.

    var(Y / D) = var(y - R d) / (n mean(d)^2), and y - R d has mean 0.
    Errors: ValueError for fewer than two people or d of 0.
    Source: Deng, Knoblich, Lu, "Applying the Delta Method in Metric Analytics", KDD'18.
    """
    _enough(n)
    if d <= 0:
        raise ValueError("a ratio needs something it is told per")
    whole = Fraction(y, d)
    residual = yy - 2 * whole * yd + whole * whole * dd
    variance = residual / (n - 1) * Fraction(n * n, d * d)
    return Sample(n=n, mean=float(whole), variance=float(variance))


def _enough(n: int) -> None:
    if n < LEAST:
        raise ValueError(f"a variance needs {LEAST} people, got {n}")
