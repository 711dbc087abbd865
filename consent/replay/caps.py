# SPDX-License-Identifier: Apache-2.0
"""Count uses anew where another policy changed who used what: a day and a week before each ask.

The record says how many others had been used. From that, those which would not have been are
taken away, and those which would have been besides are added; distinct things count once.
"""

from collections import deque
from collections.abc import Iterator
from itertools import groupby
from typing import Final, NamedTuple

import numpy as np

from consent.arrays import VERDICTS, Flags, Numbers, Verdicts
from consent.policy import Caps, Policy
from consent.replay.recorded import PURPOSES, UNKNOWN, Recorded
from consent.words import DAY

_CAP: Final = VERDICTS.index("cap")
_WEEK: Final = 7 * DAY


def recount(
    recorded: Recorded, policy: Policy, verdict: Verdicts, level: Flags, free: Flags
) -> None:
    """Settle the caps of one step in place.

    `level` are its capped decisions, `free` those of them that nothing but a cap can deny.
    """
    rows = np.flatnonzero(level)
    was = (recorded.allowed & recorded.spent)[rows]
    now = (verdict[rows] == 0) & (recorded.spent | ~recorded.allowed)[rows]
    group = recorded.tag[rows].astype(np.int64) * len(PURPOSES) + recorded.purpose[rows]
    touched = np.intersect1d(group[was != now], group[free[rows]])
    inside = np.isin(group, touched)
    rows, group = rows[inside], group[inside]
    order = np.argsort(group, kind="stable")
    asks = _asks(recorded, verdict, rows[order], group[order], free)
    caps = [policy.caps.get(purpose) for purpose in PURPOSES]
    settled = [
        said
        for owner, mine in groupby(asks, key=lambda ask: ask.group)
        for said in _settled(mine, caps[owner % len(PURPOSES)])
    ]
    verdict[rows[order]] = settled


class _Ask(NamedTuple):
    """One capped decision: when, for what, on which counts, and what is said so far.

    A decision of a block that nothing was done on names no thing: each is one of its own.
    """

    group: int
    at: int
    thing: int
    day: int
    week: int
    free: bool
    was: bool  #: it was used
    counts: bool  #: if it is allowed, it is used
    said: int


def _asks(
    recorded: Recorded, verdict: Verdicts, rows: Numbers, group: Numbers, free: Flags
) -> Iterator[_Ask]:
    facts, spent, allowed = recorded.facts[rows], recorded.spent[rows], recorded.allowed[rows]
    used = [np.zeros(len(rows), np.int64)] * 2
    if len(recorded.vectors):
        counted = (recorded.vectors.used_day, recorded.vectors.used_week)
        used = [np.where(facts >= 0, column[facts], 0) for column in counted]
    thing = np.where(recorded.object[rows] == UNKNOWN, UNKNOWN - 1 - rows, recorded.object[rows])
    columns = (group, recorded.at[rows], thing, *used, free[rows])
    uses = (allowed & spent, spent | ~allowed, verdict[rows])
    return map(_Ask, *(column.tolist() for column in (*columns, *uses)))


def _settled(asks: Iterator[_Ask], caps: Caps | None) -> Iterator[int]:
    """Yield the verdict of each of one person's decisions, in log order."""
    window = _Window()
    for ask in asks:
        said = ask.said
        window.until(ask.at)
        if ask.free and caps is not None:
            day, week = window.difference(ask)
            reached = ask.day + day >= caps.per_day or ask.week + week >= caps.per_week
            said = _CAP if reached else 0
        window.add(ask, now=said == 0 and ask.counts)
        yield said


class _Window:
    """What one person used in the last week: as recorded, and under the other policy."""

    def __init__(self) -> None:
        self._uses: deque[tuple[int, int, bool, bool]] = deque()
        self._unlike = 0

    def until(self, now: int) -> None:
        """Forget what is a week old."""
        while self._uses and self._uses[0][0] <= now - _WEEK:
            _, _, was, is_now = self._uses.popleft()
            self._unlike -= was != is_now

    def add(self, ask: _Ask, *, now: bool) -> None:
        """Remember a use, unless it is none under either policy."""
        if ask.was or now:
            self._uses.append((ask.at, ask.thing, ask.was, now))
            self._unlike += ask.was != now

    def difference(self, ask: _Ask) -> tuple[int, int]:
        """Say how many more others were used in the day and the week than the record counted."""
        if not self._unlike:
            return 0, 0
        others = [use for use in self._uses if use[1] != ask.thing]
        return _more([use for use in others if use[0] > ask.at - DAY]), _more(others)


def _more(uses: list[tuple[int, int, bool, bool]]) -> int:
    now = {thing for _, thing, _, is_now in uses if is_now}
    return len(now) - len({thing for _, thing, was, _ in uses if was})
