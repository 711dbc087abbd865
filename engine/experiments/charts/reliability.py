# SPDX-License-Identifier: Apache-2.0
"""What was foretold against what came: a square a head, two in a row, the diagonal is perfect."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.experiments.charts.scales import Scale, Tick, path, ticks
from feed.experiments.record import Reliability

_SIDE: Final = 122.0
_COLUMN: Final = 178.0
_ROW: Final = 176.0
_LEFT: Final = 40.0
_TOP: Final = 26.0
_ROOM: Final = 1.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """One head. Places are those of the whole drawing."""

    title: str
    left: float
    top: float
    right: float
    ground: float
    marks: tuple[Tick, ...]  #: across
    ticks: tuple[Tick, ...]  #: upwards
    line: str
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Squares:
    """Squares in two columns, in a drawing 350 wide."""

    height: float
    squares: tuple[Square, ...]


def squares(heads: Sequence[Reliability]) -> Squares:
    """Lay out the heads that have anything to show."""
    shown = [one for one in heads if one.bins]
    made = (_square(one, n % 2 * _COLUMN, n // 2 * _ROW) for n, one in enumerate(shown))
    return Squares(height=-(-len(shown) // 2) * _ROW, squares=tuple(made))


def _square(one: Reliability, x: float, y: float) -> Square:
    most = max(max(bin_.predicted, bin_.observed) for bin_ in one.bins) * _ROOM or 1.0
    left, top = x + _LEFT, y + _TOP
    over = Scale(low=0, high=100 * most, start=left, end=left + _SIDE)
    up = Scale(low=0, high=100 * most, start=top + _SIDE, end=top)
    dots = [(over.at(100 * bin_.predicted), up.at(100 * bin_.observed)) for bin_ in one.bins]
    return Square(
        title=one.head,
        left=left,
        top=top,
        right=left + _SIDE,
        ground=top + _SIDE,
        marks=ticks(over, 3),
        ticks=ticks(up, 3),
        line=path(sorted(dots)),
        dots=tuple(dots),
    )
