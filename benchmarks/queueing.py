# SPDX-License-Identifier: Apache-2.0
"""How long portraits wait for a graphics card: the formula, and the simulator it is held to.

Requests come at random (Poisson) to k cards that each make one pass at a time; a pass takes a time
of any distribution. Mean wait of M/M/k by Erlang's C, times (1 + c^2) / 2 for service times whose
coefficient of variation is c, and a correction of Cosmetatos for service times that hardly vary,
as passes of one size: exact for M/M/k and M/G/1. Source: Allen and Cunneen; Cosmetatos 1975 as in
Bolch et al., Queueing Networks and Markov Chains, 6.3.6.
"""

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

MOST: Final = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What comes and how long it takes. Units: requests a second, seconds; `varies` is c."""

    rate: float
    seconds: float
    varies: float
    cards: int

    @property
    def busy(self) -> float:
        """Say which share of the time a card works."""
        return self.rate * self.seconds / self.cards


def wait(load: Load) -> float:
    """Return the mean seconds until a pass begins. Errors: ValueError where they never end."""
    if load.busy >= 1:
        raise ValueError(
            f"expected cards to be busy for less than all of the time, got {load.busy}"
        )
    exponential = queued(load.rate * load.seconds, load.cards) * load.seconds
    exponential /= load.cards * (1 - load.busy)
    squared = load.varies**2
    steady = exponential / 2 * _steadier(load)
    if squared <= 1:
        return squared * exponential + (1 - squared) * steady
    return exponential * (1 + squared) / 2


def _steadier(load: Load) -> float:
    """Correct half of the exponential wait for service times that never vary (M/D/k)."""
    k, busy = load.cards, load.busy
    return 1 + (1 - busy) * (k - 1) * (math.sqrt(4 + 5 * k) - 2) / (16 * busy * k)


def queued(offered: float, cards: int) -> float:
    """Return the chance that all cards are busy (Erlang's C). Units: offered in cards."""
    blocked = 1.0
    for k in range(1, cards + 1):
        blocked = offered * blocked / (k + offered * blocked)
    busy = offered / cards
    return blocked / (1 - busy * (1 - blocked))


def needed(rate: float, seconds: float, *, busy: float) -> int:
    """Return how many cards keep up when each may work for this share of the time."""
    return math.ceil(rate * seconds / busy)


def simulated(load: Load, *, seed: int, count: int = MOST) -> float:
    """Return the mean wait of so many requests, one event after the other.

    The first tenth is left out: the cards begin idle.
    """
    rng = np.random.default_rng(seed)
    came = np.cumsum(rng.exponential(1 / load.rate, count)).tolist()
    took = services(load, rng)(count).tolist()
    free = [0.0] * load.cards
    waits: list[float] = []
    for at, seconds in zip(came, took, strict=True):
        begins = max(at, heapq.heappop(free))
        waits.append(begins - at)
        heapq.heappush(free, begins + seconds)
    settled = waits[count // 10 :]
    return sum(settled) / len(settled)


def services(load: Load, rng: np.random.Generator) -> Callable[[int], np.ndarray]:
    """Say how service times are drawn: all alike, or of a gamma distribution."""
    if not load.varies:
        return lambda count: np.full(count, load.seconds)
    shape = 1 / load.varies**2
    return lambda count: rng.gamma(shape, load.seconds / shape, count)
