# SPDX-License-Identifier: Apache-2.0
"""Which decisions are about the same thing, and which belong to the same portrait's life."""

from typing import Final

import numpy as np

from consent.arrays import Numbers
from consent.replay.recorded import STEPS, UNKNOWN, Indices, Recorded
from consent.words import Step

_NOT_A_PORTRAIT: Final = [STEPS.index(step) for step in (Step.ENROL, Step.READ, Step.LEARN)]
"""Steps whose object is a selfie or a lesson, even where they belong to a portrait's request."""


def things(recorded: Recorded) -> Indices:
    """Give every object a number. Shapes: (n,), UNKNOWN where none is named."""
    return _numbered(recorded.object)


def lives(recorded: Recorded) -> Indices:
    """Give every portrait's life a number: by request, or by the object where none is named.

    What names only an object belongs to the request that named the object before or after.
    """
    named = (recorded.life != recorded.object) & ~np.isin(recorded.step, _NOT_A_PORTRAIT)
    bare = np.flatnonzero((recorded.life == recorded.object) & (recorded.object != UNKNOWN))
    if not len(bare) or not named.any():
        return _numbered(recorded.life)
    objects, first = np.unique(recorded.object[named], return_index=True)
    requests = recorded.life[named][first]
    place = np.minimum(np.searchsorted(objects, recorded.object[bare]), len(objects) - 1)
    found = objects[place] == recorded.object[bare]
    life = recorded.life.copy()
    life[bare[found]] = requests[place[found]]
    return _numbered(life)


def _numbered(column: Numbers) -> Indices:
    """Give distinct values numbers; written out, as np.unique takes twice the memory."""
    numbers = np.zeros(len(column), np.int32)
    order = np.argsort(column)
    ranked = column[order]
    numbers[order[1:]] = np.cumsum(ranked[1:] != ranked[:-1], dtype=np.int32)
    numbers[column == UNKNOWN] = UNKNOWN
    return numbers
