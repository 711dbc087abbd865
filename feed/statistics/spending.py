# SPDX-License-Identifier: Apache-2.0
"""Bounds for looks that were planned: O'Brien and Fleming's, by what may be spent of the level.

At a look with the part t of all people the level spent so far is 2 - 2 Phi(z(1 - a/2) / sqrt(t)):
next to nothing early, nearly all of it at the end. Two-sided bounds spend half on each side.
Where the number of people is known before and looks are few this sees the most; where it is not,
feed/statistics/sequential holds on any day.
Sources: O'Brien and Fleming 1979; Lan and DeMets 1983; Armitage, McPherson, Rowe 1969 (recursion).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

_REACH: Final = 8.0
_AT, _WIDTH = np.polynomial.legendre.leggauss(160)
_NOTHING: Final = 1e-14

Floats = NDArray[np.float64]


def spent(part: float, *, level: float) -> float:
    """Return how much of a one-sided level may be used up with that part of all people."""
    return float(2.0 * special.ndtr(special.ndtri(level / 2.0) / np.sqrt(part)))


def bounds(
    parts: Sequence[float], *, level: float = 0.05, known: Sequence[float] | None = None
) -> tuple[float, ...]:
    """Return for each look how many deviations from 0 an estimate must be, on either side.

    `parts` are the shares of the whole at each look, rising to at most 1, by which the level is
    spent. `known` is how much is known at each, where that grows otherwise, in any unit. A bound
    rests on its look and those before alone.
    Errors: ValueError for parts that do not rise within (0, 1], or what is known that does not.
    """
    if not _rising(parts) or parts[-1] > 1:
        raise ValueError(f"looks rise within (0, 1], got {list(parts)}")
    if known is not None and not (_rising(known) and len(known) == len(parts)):
        raise ValueError(f"what is known rises with each look, got {list(known)}")
    side, found = level / 2.0, list[float]()
    at, weight = np.zeros(1), np.ones(1)
    used, before = 0.0, 0.0
    for part, much in zip(parts, parts if known is None else known, strict=True):
        deviation, reach = np.sqrt(much - before), _REACH * np.sqrt(much)
        now = spent(part, level=side)
        bound = _bound(at, weight, deviation, now - used, reach)
        at, weight = _step(at, weight, deviation, bound, reach)
        found.append(float(bound / np.sqrt(much)))
        used, before = now, much
    return tuple(found)


def _rising(each: Sequence[float]) -> bool:
    return bool(each) and each[0] > 0 and list(each) == sorted(set(each))


def _bound(at: Floats, weight: Floats, deviation: float, mass: float, reach: float) -> float:
    """Find above which sum the walk goes with just this chance; out of reach for hardly any."""

    def too_much(bound: float) -> float:
        return float(weight @ special.ndtr((at - bound) / deviation)) - mass

    if mass < _NOTHING or too_much(reach) > 0:
        return reach
    from scipy import optimize  # noqa: PLC0415 - takes longer to load than all the others here

    return float(optimize.brentq(too_much, 0.0, reach, xtol=1e-12))


def _step(
    at: Floats, weight: Floats, deviation: float, bound: float, reach: float
) -> tuple[Floats, Floats]:
    """Carry the walk that has not crossed a bound on to the next look."""
    half = (bound + reach) / 2.0
    to = half * _AT - reach + half
    distance = (to[:, None] - at[None, :]) / deviation
    density = np.exp(-(distance**2) / 2.0) / (np.sqrt(2.0 * np.pi) * deviation)
    return to, half * _WIDTH * (density @ weight)
