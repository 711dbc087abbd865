# SPDX-License-Identifier: Apache-2.0
"""Effects over days: one panel an arm, all on one scale, the interval as a band about the line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from engine.experiments import figures
from engine.experiments.charts.scales import (
    LEFT,
    RIGHT,
    Scale,
    Tick,
    across,
    days,
    ink,
    path,
    ticks,
)
from feed.experiments.readings import Effect, Point

_HEAD: Final = 26.0
_SETTLED: Final = 0.25
_ROOM: Final = 1.08
_WITHIN: Final = 0.85
_TALL: Final = MappingProxyType({1: 152.0, 2: 116.0})
_LEAST: Final = 84.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One arm against the control."""

    title: str
    top: float
    ground: float
    ink: str
    ticks: tuple[Tick, ...]
    zero: float
    band: str
    line: str
    end: tuple[float, float]
    label: str
    label_at: tuple[float, float]
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Panels over one axis of days, in a drawing 350 wide."""

    height: float
    panels: tuple[Panel, ...]
    days: tuple[tuple[float, int], ...]


def bands(effects: Sequence[Effect], titles: Mapping[str, str], last: int) -> Bands:
    """Lay out one metric. `titles` by id, in the order of the plan, control first.

    What is wider than the axis in the first days runs off it. Effects without days are left out.
    """
    shown = [one for one in effects if one.series]
    low, high = _domain(shown)
    tall = _TALL.get(len(shown), _LEAST)
    order = list(titles)
    panels = []
    for place, one in enumerate(shown):
        top = place * (tall + _HEAD) + _HEAD
        scale = Scale(low=low, high=high, start=top + tall, end=top)
        panels.append(_panel(one, scale, ink(order.index(one.arm) - 1), titles[one.arm], last))
    return Bands(height=len(panels) * (tall + _HEAD) + 24, panels=tuple(panels), days=days(last))


def _domain(effects: Sequence[Effect]) -> tuple[float, float]:
    """Find an axis that shows every interval once people have come in, and zero."""
    seen: list[Point] = []
    for one in effects:
        first, last = one.series[0].day, one.series[-1].day
        seen += [point for point in one.series if point.day >= first + _SETTLED * (last - first)]
    low = min([0.0, *(one.low for one in seen)])
    high = max([0.0, *(one.high for one in seen)])
    return (low * _ROOM, high * _ROOM) if high > low else (-1.0, 1.0)


def _panel(one: Effect, scale: Scale, drawn: str, title: str, last: int) -> Panel:
    over = across(last)
    upper = [(over.at(point.day), scale.at(point.high)) for point in one.series]
    lower = [(over.at(point.day), scale.at(point.low)) for point in one.series]
    line = [(over.at(point.day), scale.at(point.estimate)) for point in one.series]
    decimals = figures.digits((one.high - one.low) / 2)
    x, y = line[-1]
    ends = x < LEFT + _WITHIN * (RIGHT - LEFT)
    above = max(scale.end + 10, min(y for _, y in upper[-max(1, len(upper) // 3) :]) - 6)
    return Panel(
        title=title,
        top=scale.end,
        ground=scale.start,
        ink=drawn,
        ticks=ticks(scale, sign=True),
        zero=scale.at(0.0),
        band=path([*upper, *reversed(lower)]) + "Z",
        line=path(line),
        end=line[-1],
        label=figures.signed(one.estimate, decimals),
        label_at=(x + 10, y + 4) if ends else (x, above),
        anchor="start" if ends else "end",
    )
