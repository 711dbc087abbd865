# SPDX-License-Identifier: Apache-2.0
"""What the ranking may know of simulated people: the columns of feed/features, for many at once.

A test holds both against each other. Whoever does not let us learn is the population's mean, and
so is who is new.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.simulation.agreeing import Flags
from engine.simulation.block import LATELY, NEVER, Block, Minutes
from engine.simulation.setup import MINUTES
from engine.simulation.streams import Numbers
from feed.features import GRAIN, PERSON, Matrix
from feed.scenarios import Theme

_LIKES: Final = 0.25
_ACTS: Final = {"engaged": 1, "hidden": -1, "fewer": -2, "reported": -4}
"""What each act says of a theme, in quarters (feed/features)."""
_KEPT: Final = 0.8
_EACH: Final = 0.35
_EVENING: Final = (18 * 60, 23 * 60)
_THURSDAY: Final = 3
_SATURDAY: Final = 5


def known(block: Block, who: NDArray[np.int64]) -> Flags:
    """Say of whom something is known that may be used. Shapes: who (n,); returns (n,)."""
    return np.asarray(block.people.learns[who] & (block.counted["listed"][who] > 0))


def describe(block: Block, who: NDArray[np.int64], minute: Minutes) -> Matrix:
    """Describe people at a minute each. Shapes: who and minute (n,); returns (n, len(PERSON))."""
    x = np.tile(block.setup.model.population, (len(who), 1))
    some = np.flatnonzero(known(block, who))
    x[some] = _described(block, who[some], minute[some])
    return x


def _described(block: Block, who: NDArray[np.int64], minute: Minutes) -> Matrix:
    x = np.empty((len(who), len(PERSON)))
    tastes = block.lessons.tastes[who] * _LIKES
    x[:, : len(Theme)] = np.maximum(tastes, 0.0)
    x[:, len(Theme) : 2 * len(Theme)] = np.maximum(-tastes, 0.0)
    habits = x[:, 2 * len(Theme) :]
    newest = block.feed.shown[who].max(axis=1)
    day = block.setup.first_day + minute // MINUTES
    habits[:, 0] = _tired(block, who, minute)
    habits[:, 1] = block.counted["fewer"][who] / 3
    habits[:, 2] = (minute - block.standing.came[who]) / (GRAIN * MINUTES)
    rest = np.where(newest == NEVER, float(GRAIN), (minute - newest) / MINUTES)
    habits[:, 3] = rest / 32
    of_day = minute % MINUTES
    habits[:, 4] = (of_day >= _EVENING[0]) & (of_day < _EVENING[1])
    habits[:, 5] = (day + _THURSDAY) % 7 >= _SATURDAY
    return np.asarray(np.round(np.clip(x, -1.0, 1.0) * GRAIN) / GRAIN)


def _tired(block: Block, who: NDArray[np.int64], minute: Minutes) -> Numbers:
    since = np.maximum(minute - block.lessons.tired_at[who], 0) / MINUTES
    return np.asarray(block.lessons.tired[who] * _KEPT**since)


def listed(block: Block, who: NDArray[np.int64], minute: Minutes) -> None:
    """Keep that a new insert was listed for each of these people."""
    block.lessons.tired[who] = _tired(block, who, minute) + _EACH
    block.lessons.tired_at[who] = minute
    at = block.counted["listed"][who] % LATELY
    block.feed.shown[who, at] = minute
    block.counted["listed"][who] += 1


def learn(block: Block, who: NDArray[np.int64], themes: Matrix, act: str) -> None:
    """Keep what an act of each of these people says of the themes of what they saw."""
    mine = block.people.learns[who]
    block.lessons.tastes[who[mine]] += _ACTS[act] * themes[mine]
