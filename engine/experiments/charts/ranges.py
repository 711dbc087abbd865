# SPDX-License-Identifier: Apache-2.0
"""Estimates with their intervals, one below the other, and the truth where it is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.experiments.charts.scales import Scale, Tick, ticks
from feed.experiments.record import OffPolicy

_ROW: Final = 34.0
_TOP: Final = 6.0
_FROM: Final = 14.0
_TO: Final = 336.0
_ROOM: Final = 0.08


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """One estimate."""

    title: str
    text_y: float
    y: float
    low: float
    high: float
    at: float
    truth: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """Estimates over one axis, in a drawing 350 wide."""

    height: float
    ground: float
    ticks: tuple[Tick, ...]
    rows: tuple[Range, ...]


def ranges(found: Sequence[OffPolicy]) -> Ranges | None:
    """Lay out what could be estimated; None where nothing could."""
    shown = [
        (one, one.value, one.low, one.high)
        for one in found
        if one.value is not None and one.low is not None and one.high is not None
    ]
    if not shown:
        return None
    ends = [
        end for one, _, low, high in shown for end in (low, high, one.truth) if end is not None
    ]
    room = _ROOM * ((max(ends) - min(ends)) or 1.0)
    scale = Scale(low=min(ends) - room, high=max(ends) + room, start=_FROM, end=_TO)
    rows = tuple(
        _row(one, (low, value, high), scale, _TOP + _ROW * n)
        for n, (one, value, low, high) in enumerate(shown)
    )
    ground = _TOP + _ROW * len(rows)
    return Ranges(height=ground + 24, ground=ground, ticks=ticks(scale), rows=rows)


def _row(one: OffPolicy, ends: tuple[float, float, float], scale: Scale, top: float) -> Range:
    low, value, high = ends
    return Range(
        title=f"{one.target}, {one.estimator.upper()}",
        text_y=top + 12,
        y=top + 22,
        low=scale.at(low),
        high=scale.at(high),
        at=scale.at(value),
        truth=None if one.truth is None else scale.at(one.truth),
    )
