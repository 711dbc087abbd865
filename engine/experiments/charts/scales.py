# SPDX-License-Identifier: Apache-2.0
"""Values to places, ticks at round numbers, and labels that do not touch each other."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from engine.experiments import figures

WIDTH: Final = 350
LEFT: Final = 40
RIGHT: Final = 334
INKS: Final = ("a", "b", "c", "d")
"""How arms are drawn, in the order of the plan: solid, dashed, dotted, dash and dot."""
_ROUND: Final = (1.0, 2.0, 5.0, 10.0)
_APART: Final = 13.0
_MARKED: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A line of values laid on a line of places. What lies outside stands at its end."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Place a value."""
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return round(self.start + min(1.0, max(0.0, share)) * (self.end - self.start), 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A value that an axis names."""

    at: float
    text: str


def ink(place: int) -> str:
    """Say how the arm at a place among those that are compared is drawn."""
    return INKS[place % len(INKS)]


def rounded(low: float, high: float, parts: int = 4) -> tuple[float, ...]:
    """List round numbers between two values, about so many."""
    if not high > low:
        return (low,)
    raw = (high - low) / parts
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(one * power for one in _ROUND if one * power >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return tuple(round(number * step, 12) for number in range(first, last + 1))


def ticks(scale: Scale, parts: int = 4, *, sign: bool = False) -> tuple[Tick, ...]:
    """Name round numbers on an axis, with as many decimals as they have."""
    marks = rounded(scale.low, scale.high, parts)
    step = marks[1] - marks[0] if len(marks) > 1 else 1.0
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    write = figures.signed if sign else figures.plain
    return tuple(Tick(at=scale.at(mark), text=write(mark, decimals)) for mark in marks)


def days(last: int) -> tuple[tuple[float, int], ...]:
    """Place the days that an axis of time names: the first, the last, round ones between."""
    scale = across(last)
    between = [round(one) for one in rounded(1, last, _MARKED) if one == round(one)]
    gap = 0.12 * (last - 1)
    inner = [day for day in between if day - 1 > gap and last - day > gap]
    return tuple((scale.at(day), day) for day in dict.fromkeys([1, *inner, last]))


def across(last: int) -> Scale:
    """Lay days from the first to the last over the width of a drawing."""
    return Scale(low=1, high=max(2, last), start=LEFT, end=RIGHT)


def path(points: Iterable[tuple[float, float]]) -> str:
    """Draw a line through places."""
    return " ".join(f"{'L' if n else 'M'}{x:g} {y:g}" for n, (x, y) in enumerate(points))


def apart(places: Sequence[float], top: float, ground: float) -> tuple[float, ...]:
    """Move labels so that none touches another, in the order in which they were, within bounds."""
    order = sorted(range(len(places)), key=lambda one: (places[one], one))
    moved: list[float] = []
    for one in order:
        moved.append(max([places[one], top, *(place + _APART for place in moved[-1:])]))
    limit = ground
    for place in reversed(range(len(moved))):
        moved[place] = min(moved[place], limit)
        limit = moved[place] - _APART
    found = dict(zip(order, moved, strict=True))
    return tuple(round(found[one], 2) for one in range(len(places)))
