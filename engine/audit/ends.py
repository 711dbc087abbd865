# SPDX-License-Identifier: Apache-2.0
"""How long before a withdrawal, or after it, the last thing was done: counts by span."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from consent.replay.endings import endings
from consent.replay.recorded import Recorded
from consent.words import DAY, HOUR

_SPANS: Final = (
    ("less than an hour before", 0),
    ("an hour to a day before", HOUR),
    ("a day to a week before", DAY),
    ("more than a week before", 7 * DAY),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """When the last effect stood, seen from each withdrawal or expiry."""

    count: int
    before: tuple[tuple[str, int], ...]
    never: int  #: nothing had ever been done for that purpose
    after: int  #: effects after an end, on a decision before it


def ended(recorded: Recorded) -> Ended:
    """Sort every end by how long before it the last effect was."""
    found = endings(recorded)
    gone = (found.at - found.last_at)[found.last_at >= 0]
    limits = [start for _, start in _SPANS] + [np.iinfo(np.int64).max]
    counts = [int(np.count_nonzero((gone >= a) & (gone < b))) for a, b in pairwise(limits)]
    return Ended(
        count=len(found.at),
        before=tuple((name, n) for (name, _), n in zip(_SPANS, counts, strict=True)),
        never=int(np.count_nonzero(found.last_at < 0)),
        after=int(found.late.sum()),
    )
