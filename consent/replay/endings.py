# SPDX-License-Identifier: Apache-2.0
"""How long after a withdrawal something was still done, and how long before it the last thing.

Joined as of each entry's place in the log: an effect belongs to the basis of its own decision, so
what is done under a new yes does not count against the old no.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from consent.arrays import Flags, Numbers
from consent.replay.recorded import PURPOSES, Recorded
from consent.words import SECOND

_MINUTE = 60 * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """Each end with the effects around it. Shapes: all (m,), in log order."""

    at: Numbers
    last_at: Numbers  #: the last effect for this person and purpose before it, or -1
    late: Numbers  #: effects after it on a decision before it
    late_by: Numbers  #: microseconds from it to the last of those, or 0


def endings(recorded: Recorded) -> Endings:
    """Join effects and ends by person and purpose, each as of its own place in the log."""
    seq, at, key = _ends(recorded)
    m = len(seq)
    late, late_by = np.zeros(m, np.int64), np.zeros(m, np.int64)
    last_at = np.full(m, -1, np.int64)
    ending = np.zeros(len(recorded.tags) * len(PURPOSES), np.bool_)
    ending[key] = True
    rows = np.flatnonzero(recorded.spent & ending[_keys(recorded)])
    if m and len(rows):
        order = np.lexsort((seq, key))
        which, found = _next_end(recorded, rows, key[order], seq[order])
        rows, end = rows[found], order[which[found]]
        done_at = recorded.done_at[rows]
        before = recorded.done[rows] < seq[end]
        np.maximum.at(last_at, end[before], done_at[before])
        np.add.at(late, end[~before], 1)
        np.maximum.at(late_by, end[~before], (done_at - at[end])[~before])
    return Endings(at=at, last_at=last_at, late=late, late_by=late_by)


def _ends(recorded: Recorded) -> tuple[Numbers, Numbers, Numbers]:
    """Find the withdrawals and expiries that ended something: seq, time, person and purpose."""
    changes = recorded.changes
    key = changes.tag.astype(np.int64) * len(PURPOSES) + changes.purpose
    order = np.argsort(key, kind="stable")
    begins, grouped = changes.begins[order] == 1, key[order]
    held = np.zeros(len(key), np.bool_)
    held[1:] = begins[:-1] & (grouped[1:] == grouped[:-1])
    ended = np.sort(order[held & ~begins])
    return changes.seq[ended].astype(np.int64), changes.at[ended], key[ended]


def _keys(recorded: Recorded) -> Numbers:
    return recorded.tag.astype(np.int64) * len(PURPOSES) + recorded.purpose


def _next_end(
    recorded: Recorded, rows: Numbers, key: Numbers, seq: Numbers
) -> tuple[Numbers, Flags]:
    """Find the first end of the same person and purpose after each decision: an as-of join."""
    mine = _keys(recorded)[rows]
    decided = recorded.seq[rows].astype(np.int64)
    ours = np.searchsorted(_joined(key, seq), _joined(mine, decided))
    inside = np.minimum(ours, len(key) - 1)
    return inside, (ours < len(key)) & (key[inside] == mine)


def _joined(key: Numbers, seq: Numbers) -> Numbers:
    """Write key and place as one number that sorts as the pair does."""
    return key << 32 | seq


def summary(recorded: Recorded) -> dict[str, Any]:
    """Say in integers how withdrawals and expiries were kept to."""
    found = endings(recorded)
    worst = int(found.late_by.max()) if len(found.late_by) else 0
    return {
        "ends": len(found.at),
        "effects_after": int(found.late.sum()),
        "minutes_to_last_effect": -(-worst // _MINUTE),
    }
