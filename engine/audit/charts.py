# SPDX-License-Identifier: Apache-2.0
"""Where the marks of a chart stand: numbers only, in units of a drawing 350 wide."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from consent.replay.timeline import Timeline
from consent.words import DAY

WIDTH: Final = 350
_LEFT: Final = 34
_STRIP: Final = 58
_TALL: Final = 30
_TOP: Final = 22
_LABELS: Final = 4
_STRIPS: Final = (
    ("effects", "Done", "fme"),
    ("denied", "Denied", "fb"),
    ("yeses", "Yeses and renewals", "fa"),
    ("ends", "Withdrawals and expiries", "fno"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One row of bars with its own scale."""

    title: str
    ink: str
    most: int
    total: int
    top: int
    ground: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strips:
    """Rows of bars over one axis of time."""

    height: int
    strips: tuple[Strip, ...]
    marks: tuple[tuple[float, int], ...]  #: where a time is written, and which


def strips(line: Timeline) -> Strips:
    """Lay a timeline out as rows of bars, one row a kind of thing that happened."""
    step = (WIDTH - _LEFT) / line.spans
    made = tuple(
        _strip(number, title, ink, line.counts[name], step)
        for number, (name, title, ink) in enumerate(_STRIPS)
    )
    return Strips(height=len(_STRIPS) * _STRIP + 20, strips=made, marks=tuple(_marks(line, step)))


def _strip(number: int, title: str, ink: str, counts: tuple[int, ...], step: float) -> Strip:
    top = number * _STRIP
    most, ground = max(counts), top + _TOP + _TALL
    gap = min(2.0, step * 0.2)
    bars = (
        Bar(
            x=round(_LEFT + place * step + gap / 2, 2),
            y=round(ground - _TALL * count / most, 2),
            width=round(step - gap, 2),
            height=round(_TALL * count / most, 2),
        )
        for place, count in enumerate(counts)
        if count
    )
    return Strip(
        title=title,
        ink=ink,
        most=most,
        total=sum(counts),
        top=top,
        ground=ground,
        bars=tuple(bars),
    )


def _marks(line: Timeline, step: float) -> Iterator[tuple[float, int]]:
    """Write a handful of times, at the beginning of spans, not too near to the right edge."""
    every = max(1, -(-line.spans // _LABELS))
    for place in range(0, line.spans, every):
        x = _LEFT + place * step
        if x < WIDTH - 40:
            yield round(x, 2), line.start + place * line.width


def by_day(line: Timeline) -> bool:
    """Say whether times are written as days; else as hours."""
    return line.width >= DAY
