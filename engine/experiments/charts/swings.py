# SPDX-License-Identifier: Apache-2.0
"""An effect under other assumptions: a bar each, the widest first, about what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.experiments.charts.scales import Scale, Tick, ticks
from feed.experiments.record import Swing

MOST: Final = 12
_ROW: Final = 30.0
_TOP: Final = 6.0
_FROM: Final = 10.0
_TO: Final = 340.0
_ROOM: Final = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One assumption, from its low end to its high end."""

    title: str
    text_y: float
    y: float
    x: float
    width: float
    low_x: float
    high_x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Swings:
    """Bars over one axis, in a drawing 350 wide."""

    height: float
    ground: float
    ticks: tuple[Tick, ...]
    zero: float
    found: float | None  #: None where what was found is withheld
    bars: tuple[Bar, ...]


def widest(swings: Sequence[Swing]) -> tuple[Swing, ...]:
    """Put those first that move the effect most."""
    by_width = sorted(swings, key=lambda one: -abs(one.high_effect - one.low_effect))
    return tuple(by_width[:MOST])


def swings(rows: Sequence[Swing], found: float | None) -> Swings:
    """Lay out the assumptions of one arm about the effect that was found."""
    shown = widest(rows)
    ends = [end for one in shown for end in (one.low_effect, one.high_effect)]
    ends += [0.0] if found is None else [0.0, found]
    room = _ROOM * ((max(ends) - min(ends)) or 1.0)
    scale = Scale(low=min(ends) - room, high=max(ends) + room, start=_FROM, end=_TO)
    ground = _TOP + _ROW * len(shown)
    return Swings(
        height=ground + 24,
        ground=ground,
        ticks=ticks(scale, sign=True),
        zero=scale.at(0.0),
        found=None if found is None else scale.at(found),
        bars=tuple(_bar(one, scale, _TOP + _ROW * n) for n, one in enumerate(shown)),
    )


def _bar(one: Swing, scale: Scale, top: float) -> Bar:
    low, high = scale.at(one.low_effect), scale.at(one.high_effect)
    return Bar(
        title=one.coefficient,
        text_y=top + 11,
        y=top + 15,
        x=min(low, high),
        width=round(max(1.0, abs(high - low)), 2),
        low_x=low,
        high_x=high,
    )
