# SPDX-License-Identifier: Apache-2.0
"""Numbers of chance for simulated people: each named by who, when and what for, never by order.

    counter = (person, person, day, what for and which visit)      key = the run's

so a block may be any part of the people, in any process, and every number stays what it is. A
choice is drawn as the feed draws it (feed/draws.uniform), which leaves the last word at 0.
"""

from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from feed.draws import Words, philox

Numbers = NDArray[np.float64]
_LOW: Final = np.uint64(0xFFFFFFFF)
_WORD: Final = np.uint64(32)
_TWO_TO_32: Final = np.float64(1 << 32)
_WORDS: Final = 4


class Stream(IntEnum):
    """What a number is for. The order is part of what a seed means: add at the end."""

    NAME = 1
    HABIT = 2
    TASTE = 3
    INCLINED = 4
    COMES = 5
    VISIT = 6
    POSTS = 7
    MADE = 8
    TAKES = 9
    ACTS = 10
    LEAVES = 11


def words(
    key: int, people: Words, day: int, stream: Stream, *, visit: int = 0, part: int = 0
) -> tuple[Words, Words, Words, Words]:
    """Draw four 32-bit words for each person. Shapes: people (n,); each (n,)."""
    what = np.uint64(stream << 16 | part << 8 | visit)
    counter = (
        people & _LOW,
        people >> _WORD,
        np.full(people.shape, day, np.uint64) & _LOW,
        np.full(people.shape, what, np.uint64),
    )
    return philox(counter, (np.uint64(key & int(_LOW)), np.uint64(key >> 32)))


def four(
    key: int, people: Words, day: int, stream: Stream, *, visit: int = 0, part: int = 0
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Draw four numbers in (0, 1) for each person. Shapes: people (n,); each (n,)."""
    a, b, c, d = words(key, people, day, stream, visit=visit, part=part)
    return _open(a), _open(b), _open(c), _open(d)


def many(key: int, people: Words, day: int, stream: Stream, *, count: int) -> Numbers:
    """Draw `count` numbers in (0, 1) for each person. Shapes: people (n,); returns (n, count)."""
    parts = range(-(-count // _WORDS))
    drawn = [w for part in parts for w in four(key, people, day, stream, part=part)]
    return np.stack(drawn[:count], axis=1)


def _open(drawn: Words) -> Numbers:
    return np.asarray((drawn.astype(np.float64) + 0.5) / _TWO_TO_32)
