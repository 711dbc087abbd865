# SPDX-License-Identifier: Apache-2.0
"""What happened when: a log cut into equal spans of time, few enough to be drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from consent.arrays import Numbers
from consent.replay.recorded import Recorded
from consent.words import DAY, HOUR

MOST_SPANS: Final = 48
_WIDTHS: Final = (HOUR, 3 * HOUR, 6 * HOUR, DAY, 7 * DAY, 28 * DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Counts by span. Shapes: each of `counts` has one number a span. Units: microseconds."""

    start: int
    width: int
    spans: int
    counts: Mapping[str, tuple[int, ...]]


def timeline(recorded: Recorded) -> Timeline:
    """Count decisions, effects, yeses and ends by the smallest span that can still be drawn."""
    changes = recorded.changes
    when = {
        "allowed": recorded.at[recorded.allowed],
        "denied": recorded.at[~recorded.allowed],
        "effects": recorded.done_at[recorded.spent],
        "yeses": changes.at[changes.begins == 1],
        "ends": changes.at[changes.begins == 0],
    }
    every = np.concatenate(list(when.values()))
    first, last = (int(every.min()), int(every.max())) if len(every) else (0, 0)
    width = _width(last - first)
    start = first // width * width
    spans = (last - start) // width + 1
    return Timeline(
        start=start,
        width=width,
        spans=spans,
        counts={name: _count(at, start, width, spans) for name, at in when.items()},
    )


def _width(length: int) -> int:
    """Choose a span; histories of more than four years get one that still fits."""
    fitting = (width for width in _WIDTHS if length // width < MOST_SPANS - 1)
    return next(fitting, -(-length // (MOST_SPANS - 1) // DAY + 1) * DAY)


def _count(at: Numbers, start: int, width: int, spans: int) -> tuple[int, ...]:
    return tuple(np.bincount((at - start) // width, minlength=spans).tolist())
