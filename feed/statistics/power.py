# SPDX-License-Identifier: Apache-2.0
"""How many people an experiment takes, and how soon it stops what does harm.

For shares of people (who turned portraits off, who hid one): `base` is the control's, and `times`
what an arm makes of it. Two arms of the same size, a two-sided level.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from feed.statistics import harm, sequential

LEVEL: Final = 0.05
POWER: Final = 0.8
_RUNS: Final = 2_000
_MOST: Final = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """Of simulated experiments, which share an arm's harm stopped, and the median day of those."""

    share: float
    median_day: float | None


def people(base: float, times: float, *, level: float = LEVEL, power: float = POWER) -> int:
    """Return how many people an arm needs, read once at the end. Errors: ValueError."""
    _different(base, times)
    reach = -float(special.ndtri(level / 2.0)) + float(special.ndtri(power))
    return math.ceil(reach**2 * _spread(base, times) / (base * (times - 1.0)) ** 2)


def people_read_daily(
    base: float, times: float, *, level: float = LEVEL, power: float = POWER
) -> int:
    """Return how many people an arm needs where the interval may be read on any day.

    The interval is tuned for just that many. Errors: ValueError.
    """
    _different(base, times)
    reach, change = float(special.ndtri(power)), abs(base * (times - 1.0))

    def short(n: float) -> float:
        error = _spread(base, times) / n
        both = max(2, round(2 * n))
        half = sequential.half_width(error, both, level=level, tuned=both)
        return half + reach * math.sqrt(error) - change

    return _smallest(short)


def stopping(
    base: float, times: float, per_day: int, days: int, *, level: float = LEVEL, seed: int = 0
) -> Stopping:
    """Simulate a guardrail: `per_day` new people an arm each day, looked at every evening.

    The same seed gives the same answer. Errors: ValueError for a share that is none.
    """
    _possible(base, times)
    generator = np.random.Generator(np.random.Philox(seed))
    here = generator.binomial(per_day, base * times, (_RUNS, days))
    there = generator.binomial(per_day, base, (_RUNS, days))
    x, k = here.cumsum(axis=1), (here + there).cumsum(axis=1)
    over = harm.log_evidence(x, k) >= -math.log(level)
    first = np.argmax(over, axis=1)[over.any(axis=1)] + 1
    median = float(np.median(first)) if len(first) else None
    return Stopping(share=len(first) / _RUNS, median_day=median)


def _spread(base: float, times: float) -> float:
    return base * (1.0 - base) + base * times * (1.0 - base * times)


def _different(base: float, times: float) -> None:
    _possible(base, times)
    if times == 1.0:
        raise ValueError("no number of people shows that nothing changed")


def _possible(base: float, times: float) -> None:
    if not (0.0 < base < 1.0 and 0.0 <= base * times <= 1.0):
        raise ValueError(f"{base} and {times} times that are not both shares of people")


def _smallest(short: Callable[[float], float]) -> int:
    """Find the smallest n that is not short of anything, by halving."""
    low, high = 1, 2
    while short(high) > 0:
        if high > _MOST:
            raise ValueError("no number of people would show this")
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if short(middle) > 0 else (low, middle)
    return high
