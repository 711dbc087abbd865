# SPDX-License-Identifier: Apache-2.0
"""When each arm ended: its sums are read up to that day, and held against the control's then."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from feed.experiments.record import Stop
from feed.experiments.tallies import ArmTally, Moments, Tally

NOBODY: Final = ArmTally(assigned=0, exposed=0, withdrew=0, left=0, metrics=MappingProxyType({}))
"""An arm that nobody has come into."""
NONE: Final = Moments()
"""What nobody has done."""


def as_of(stops: Iterable[Stop], day: int) -> tuple[Stop, ...]:
    """Keep what was known at the end of a day: no later stop, and none lifted later."""
    known = (stop for stop in stops if stop.day <= day)
    return tuple(
        replace(stop, lifted_day=None, lifted_by=None) if (stop.lifted_day or 0) > day else stop
        for stop in known
    )


def ended(stops: Iterable[Stop], arm: str) -> int | None:
    """Name the day on which an arm was stopped, alone or with all; None while it runs."""
    standing = (stop for stop in stops if stop.lifted_day is None)
    return first_stopped(standing, arm)


def first_stopped(stops: Iterable[Stop], arm: str) -> int | None:
    """Name the first day on which an arm was stopped, whether or not it was let run again."""
    return min((stop.day for stop in stops if stop.arm in {arm, None}), default=None)


def lifted(stops: Iterable[Stop], arm: str) -> int:
    """Name the last day on which somebody let an arm run again; 0 for never."""
    return max((stop.lifted_day or 0 for stop in stops if stop.arm in {arm, None}), default=0)


def until(days: Sequence[Tally], day: int | None) -> tuple[Tally, ...]:
    """Keep the days up to one, that one included; all of them for None."""
    return tuple(one for one in days if day is None or one.day <= day)


def last(days: Sequence[Tally], arm: str) -> ArmTally:
    """Return an arm's sums at the end of the last day, nobody's where there is none."""
    return days[-1].arms.get(arm, NOBODY) if days else NOBODY
