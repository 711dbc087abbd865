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
_SHORT: Final = np.uint64(0xFFFF)
_HALF: Final = np.uint64(16)


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
    LEAVES = 10


def words(
    key: int, people: Words, day: int, stream: Stream, *, visit: int = 0, parts: int = 1
) -> Words:
    """Draw `4 parts` 32-bit words for each person. Shapes: people (n,); returns (4 parts, n)."""
    what = np.arange(parts, dtype=np.uint64) << np.uint64(8) | np.uint64(stream << 16 | visit)
    shape = (parts, len(people))
    counter = (
        np.broadcast_to(people & _LOW, shape),
        np.broadcast_to(people >> _WORD, shape),
        np.full(shape, day & int(_LOW), np.uint64),
        np.broadcast_to(what[:, np.newaxis], shape),
    )
    drawn = philox(counter, (np.uint64(key & int(_LOW)), np.uint64(key >> 32)))
    return np.stack(drawn, axis=1).reshape(_WORDS * parts, -1)


def numbers(
    key: int, people: Words, day: int, stream: Stream, *, visit: int = 0, parts: int = 1
) -> Numbers:
    """Draw `4 parts` numbers in (0, 1) for each person. Shapes: people (n,); (4 parts, n)."""
    drawn = words(key, people, day, stream, visit=visit, parts=parts)
    return np.asarray((drawn.astype(np.float64) + 0.5) / _TWO_TO_32)


def shorts(
    key: int, people: Words, day: int, stream: Stream, *, visit: int, count: int
) -> NDArray[np.uint16]:
    """Draw `count` numbers of 0 to 65535 for each person. Shapes: people (n,); (n, count)."""
    drawn = words(key, people, day, stream, visit=visit, parts=-(-count // (2 * _WORDS)))
    both = np.concatenate([drawn & _SHORT, drawn >> _HALF])
    return np.ascontiguousarray(both[:count].T.astype(np.uint16))
