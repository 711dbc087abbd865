# SPDX-License-Identifier: Apache-2.0
"""An interval that may be read on any day, as often as one likes.

An asymptotic confidence sequence.
With n people in all and s^2 = n times the variance of the estimate:

    rho^2 = (-2 ln a + ln(1 - 2 ln a)) / tuned
    half-width = s sqrt(2 (n rho^2 + 1) / (n rho)^2 ln(sqrt(n rho^2 + 1) / a))

It covers the truth on all days together with probability 1 - a, and is tightest at `tuned` people:
choose that before the first look.
Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central limit theory and
asymptotic confidence sequences", Annals of Statistics 2024.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

TUNED: Final = 5_000
"""People for whom the interval is tightest, where no plan says otherwise."""

Floats = NDArray[np.float64]


def half_width(error: float, n: int, *, level: float, tuned: int = TUNED) -> float:
    """Return half the interval's width. `error` is the variance of the estimate."""
    return float(half_widths(np.array([error]), np.array([n]), level=level, tuned=tuned)[0])


def half_widths(
    error: Floats, n: NDArray[np.int64], *, level: float, tuned: int = TUNED
) -> Floats:
    """Return half the widths of many. Shapes: all alike."""
    grown = n * _rho_squared(level, tuned) + 1.0
    widening = 2.0 * grown / (n * _rho_squared(level, tuned)) * np.log(np.sqrt(grown) / level)
    return np.asarray(np.sqrt(error * widening), np.float64)


def p_value(estimate: float, error: float, n: int, *, level: float, tuned: int = TUNED) -> float:
    """Return the smallest level at which the interval leaves 0 out; it may be read on any day.

    The interval's tuning stays that of `level`. 1 where there is no variance to judge by.
    """
    if error == 0.0:
        return 1.0
    rho_squared = _rho_squared(level, tuned)
    grown = n * rho_squared + 1.0
    squared = estimate * estimate / error
    return min(1.0, math.sqrt(grown) * math.exp(-squared * n * rho_squared / (2.0 * grown)))


def _rho_squared(level: float, tuned: int) -> float:
    return (-2.0 * math.log(level) + math.log(1.0 - 2.0 * math.log(level))) / tuned
