# SPDX-License-Identifier: Apache-2.0
"""Evidence of harm over days: e-values on a log axis that always shows 1 and what stops an arm."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from engine.experiments import figures
from engine.experiments.charts.scales import (
    LEFT,
    RIGHT,
    Scale,
    Tick,
    across,
    apart,
    days,
    ink,
    path,
)
from engine.experiments.shapes import ClearedHarm, Zone

_TOP: Final = 26.0
_GROUND: Final = 190.0
_LOWEST: Final = -2.0
_HIGHEST: Final = 4.0
_ROOM: Final = 0.65
_NEAR: Final = 10.0
_MIDDLE: Final = (LEFT + RIGHT) / 2
_BESIDE: Final = 0.25
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One arm's evidence, its name beside its end, and where it was stopped."""

    ink: str
    path: str  #: steps between days that are told
    rough: str  #: steps to or from days of which only the zone is told
    end: tuple[float, float]
    label: str
    label_at: tuple[float, float]
    anchor: str
    stopped: bool
    past: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A drawing 350 wide and `height` tall."""

    height: int
    top: float
    ground: float
    ticks: tuple[Tick, ...]
    limit: Tick
    limit_left: bool  #: where what stops an arm is named: on the side on which no line passes it
    lines: tuple[Line, ...]
    after: float | None  #: from where on it is tinted, where one arm was stopped
    days: tuple[tuple[float, int], ...]


def evidence(harms: Sequence[ClearedHarm], titles: Mapping[str, str], last: int) -> Evidence:
    """Lay out one guardrail for all arms. `titles` by id, in the order of the plan, control first.

    Errors: IndexError without any, the caller's fault.
    """
    scale, ticks = _axis(harms)
    order = list(titles)
    drawn = [_drawn(one, scale, ink(order.index(one.arm) - 1), titles, last) for one in harms]
    lines = [one for one in drawn if one is not None]
    places = apart([one.label_at[1] for one in lines], _TOP + 6, _GROUND - 4)
    stops = [one.end[0] for one in lines if one.stopped]
    return Evidence(
        height=222,
        top=_TOP,
        ground=_GROUND,
        ticks=ticks,
        limit=Tick(
            at=scale.at(math.log10(harms[0].threshold)), text=f"stop at {harms[0].threshold:g}"
        ),
        limit_left=not any(one.end[0] < _MIDDLE for one in lines if one.stopped or one.past),
        lines=tuple(_moved(one, y) for one, y in zip(lines, places, strict=True)),
        after=stops[0] if len(stops) == 1 else None,
        days=days(last),
    )


def _axis(harms: Sequence[ClearedHarm]) -> tuple[Scale, tuple[Tick, ...]]:
    logs = [_log(value) for one in harms for _, value in one.series]
    limit = math.log10(harms[0].threshold)
    low = max(_LOWEST, min([-0.6, *logs]))
    high = min(_HIGHEST, max([limit + 0.5, *(one + 0.15 for one in logs)]))
    scale = Scale(low=low, high=high, start=_GROUND, end=_TOP)
    powers = range(math.ceil(low), math.floor(high) + 1)
    return scale, tuple(Tick(at=scale.at(one), text=f"{10.0**one:,g}") for one in powers)


def _drawn(
    one: ClearedHarm, scale: Scale, drawn: str, titles: Mapping[str, str], last: int
) -> Line | None:
    over, exact = across(last), dict(one.series)
    if not one.zones:
        return None
    heights = (
        (day, _log(exact[day]) if day in exact else _rough(zone, one)) for day, zone in one.zones
    )
    points = [(over.at(day), scale.at(height)) for day, height in heights]
    sure = [day in exact for day, _ in one.zones]
    x, y = points[-1]
    left = x < LEFT + _ROOM * (RIGHT - LEFT)
    return Line(
        ink=drawn,
        path=_parts(points, sure, sure=True),
        rough=_parts(points, sure, sure=False),
        end=(x, y),
        label=f"{titles[one.arm]}: {_how(one)}",
        label_at=(x + _NEAR if left else x, y - 2 if left else y - _NEAR),
        anchor="start" if left else "end",
        stopped=one.stopped_day is not None,
        past=one.past,
    )


def _parts(points: Sequence[tuple[float, float]], told: Sequence[bool], *, sure: bool) -> str:
    """Draw the steps whose both ends are told, or the others."""
    steps = zip(pairwise(points), pairwise(told), strict=True)
    return " ".join(path(ends) for ends, both in steps if all(both) is sure)


def _log(value: float) -> float:
    return math.log10(max(value, _TINY))


def _rough(zone: Zone, one: ClearedHarm) -> float:
    """Say where on a log axis evidence stands of which only the zone is told: in its middle."""
    limit = math.log10(one.threshold)
    return {"none": -_BESIDE, "some": limit / 2, "past": limit + _BESIDE}[zone]


def _how(one: ClearedHarm) -> str:
    if one.e_value is None:
        past = "past" if one.past else "below"
        return f"{'stopped, ' if one.stopped_day is not None else ''}{past} {one.threshold:g}"
    value = figures.e_value(one.e_value)
    return f"stopped at {value}" if one.stopped_day is not None else value


def _moved(one: Line, y: float) -> Line:
    return replace(one, label_at=(one.label_at[0], y))
