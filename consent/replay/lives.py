# SPDX-License-Identifier: Apache-2.0
"""Which decisions are about the same thing, and which belong to the same portrait's life."""

from typing import Final

import numpy as np

from consent.arrays import Numbers
from consent.replay.recorded import STEPS, UNKNOWN, Recorded
from consent.words import Step

_NOT_A_PORTRAIT: Final = [STEPS.index(step) for step in (Step.ENROL, Step.READ, Step.LEARN)]
"""Steps whose object is a selfie or a lesson, even where they belong to a portrait's request."""


def things(recorded: Recorded) -> Numbers:
    """Give every object a number. Shapes: (n,), UNKNOWN where none is named."""
    return _numbered(recorded.object)


def lives(recorded: Recorded) -> Numbers:
    """Give every portrait's life a number: by request, or by the object where no request is named.

    What names only an object belongs to the request that named the object before or after.
    """
    named = (recorded.life != recorded.object) & ~np.isin(recorded.step, _NOT_A_PORTRAIT)
    objects, first = np.unique(recorded.object[named], return_index=True)
    lives = recorded.life[named][first]
    bare = np.flatnonzero((recorded.life == recorded.object) & (recorded.object != UNKNOWN))
    life = recorded.life.copy()
    if len(objects):
        place = np.minimum(np.searchsorted(objects, recorded.object[bare]), len(objects) - 1)
        found = objects[place] == recorded.object[bare]
        life[bare[found]] = lives[place[found]]
    return _numbered(life)


def _numbered(column: Numbers) -> Numbers:
    named = column != UNKNOWN
    _, number = np.unique(column[named], return_inverse=True)
    numbers = np.full(len(column), UNKNOWN, np.int64)
    numbers[named] = number
    return numbers
