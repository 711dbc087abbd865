# SPDX-License-Identifier: Apache-2.0
"""Who ran when: a bar an arm from its first day to its last, and how many were let in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engine.experiments.charts.scales import RIGHT, across, days
from engine.experiments.shapes import ClearedArm
from feed.experiments.plan import Ramp

_ROW: Final = 38.0
_TOP: Final = 24.0
_THICK: Final = 10.0
_LABEL: Final = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One arm: its name above, its bar, and the place where it was stopped."""

    title: str
    text_y: float
    y: float
    x: float
    width: float
    rest: float  #: how much of the plan it did not run
    stopped: bool
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Widening:
    """From here on, this part of the people may come in."""

    x: float
    text_x: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Arms over one axis of days, in a drawing 350 wide."""

    height: float
    thick: float
    ground: float
    runs: tuple[Run, ...]
    ramp: tuple[Widening, ...]
    days: tuple[tuple[float, int], ...]


def history(
    arms: Sequence[ClearedArm], ramp: Sequence[Ramp], day: int, last: int, ended: int | None = None
) -> History:
    """Lay out what ran until `day` of `last`; `ended` is when all of it was stopped."""
    ground = _TOP + _ROW * len(arms)
    runs = (_run(one, _TOP + _ROW * n, day, last, ended) for n, one in enumerate(arms))
    return History(
        height=ground + 20,
        thick=_THICK,
        ground=ground,
        runs=tuple(runs),
        ramp=tuple(_steps(ramp, last)),
        days=days(last),
    )


def _steps(ramp: Sequence[Ramp], last: int) -> Iterator[Widening]:
    """Mark where more are let in; a label moves to the right of the one before it."""
    over, free = across(last), 0.0
    for one in ramp if len(ramp) > 1 else ():
        x = over.at(one.day)
        if one.day <= last:
            yield Widening(x=x, text_x=max(x, free), text=f"{one.percent} %")
            free = max(x, free) + _LABEL


def _run(one: ClearedArm, top: float, day: int, last: int, ended: int | None) -> Run:
    over = across(last)
    stop = one.stopped_day if one.stopped_day is not None else ended
    end = over.at(stop if stop is not None else day)
    return Run(
        title=one.title,
        text_y=top + 16,
        y=top + 22,
        x=over.at(1),
        width=round(max(2.0, end - over.at(1)), 2),
        rest=round(RIGHT - end, 2),
        stopped=stop is not None,
        told=f"stopped on day {stop}" if stop is not None else f"day {day}",
    )
