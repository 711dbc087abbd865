# SPDX-License-Identifier: Apache-2.0
"""People who read their feeds, or do not: who opens it on which day, for the benchmarks.

Assumptions, not findings: everybody has a habit of their own, drawn from a beta distribution; one
in five comes less often from some day on. Whether somebody opens their feed on a day does not
hang on what was drawn, so that all arms of a comparison meet the same people on the same days.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_HABITS: Final = (0.5, 1.5)
_LOSING: Final = 0.2
_LEFT: Final = 0.2
_HOURS: Final = range(7, 23)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """A population. Shapes: opens (people, days), the others (people,)."""

    opens: NDArray[np.bool_]
    hours: NDArray[np.int64]  #: the usual hour of each
    counted: NDArray[np.bool_]  #: who said yes to `telemetry`


def readers(people: int, days: int, *, seed: int) -> Readers:
    """Make people and the days on which they come. Same seed, same people."""
    rng = np.random.default_rng([seed, people, days])
    habit = rng.beta(*_HABITS, size=people)
    leaves = np.where(rng.random(people) < _LOSING, rng.integers(0, days + 1, people), days)
    fading = np.where(np.arange(days) < leaves[:, np.newaxis], 1.0, _LEFT)
    return Readers(
        opens=rng.random((people, days)) < habit[:, np.newaxis] * fading,
        hours=rng.choice(_HOURS, people),
        counted=rng.random(people) < 0.8,
    )
