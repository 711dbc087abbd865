# SPDX-License-Identifier: Apache-2.0
"""Rule 8, on caps: how much of what is capped was allowed, and how much of that was spent.

A permit that is given back unspent counts no more and leaves no entry. So the fewest uses that
there can have been are the spent ones, the most all of them.
"""

from collections.abc import Sequence
from typing import Final

from consent.verify.findings import Findings
from consent.verify.openings import Facts
from consent.verify.policy import DAY, Policy

Pair = tuple[int, int]
"""A count of the last day and one of the last week."""
Which = tuple[bytes, str, str]
"""Whose, of which step, for which purpose."""

_WEEK: Final = 7 * DAY
_PEOPLE: Final = 10_000
NOTHING: Final = (0, 0)


class Use:
    """An allowed decision that caps count, and how many others it may have had before it."""

    __slots__ = ("at", "most", "object", "seq", "spent")

    def __init__(self, at: int, seq: int, thing: bytes, most: Pair | None) -> None:
        self.at = at
        self.seq = seq
        self.object = thing
        self.most = most
        self.spent = False

    def spend(self, at: int) -> None:
        """Count as spent; what comes a week late was expired long since."""
        self.spent = self.spent or at < self.at + _WEEK


class Uses:
    """Count what was allowed of what is capped; what is older than it can matter is dropped."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._log: dict[Which, list[Use]] = {}
        self._room = _PEOPLE

    def add(self, which: Which, use: Use) -> None:
        """Take an allowed decision."""
        uses = self._log.setdefault(which, [])
        if uses and uses[0].at <= use.at - 4 * _WEEK:
            self._forget(uses, use.at)
        uses.append(use)
        if len(self._log) > self._room:
            self._sweep(use.at)

    def others(self, which: Which, at: int, thing: bytes) -> tuple[Pair, Pair]:
        """Count the other things of the last day and week: those spent, and all."""
        uses = self._log.get(which)
        if uses is None:
            return NOTHING, NOTHING
        spent = _count(uses, len(uses), at, thing, spent=True)
        return spent, _count(uses, len(uses), at, thing, spent=False)

    def _forget(self, uses: list[Use], now: int) -> None:
        """Judge what all earlier uses are known of, and drop what no later one looks back at."""
        old = now - 2 * _WEEK
        for place, use in enumerate(uses):
            if use.at > old:
                break
            self._judge(uses, place)
            use.most = None
        uses[:] = [use for use in uses if use.at > old - _WEEK]

    def _sweep(self, now: int) -> None:
        for which in list(self._log):
            self._forget(self._log[which], now)
            if not self._log[which]:
                del self._log[which]
        self._room = max(_PEOPLE, 2 * len(self._log))

    def _judge(self, uses: Sequence[Use], place: int) -> None:
        """Expect that no more was used before a decision than it, or its cap, says."""
        use = uses[place]
        if use.most is None:
            return
        used = _count(uses, place, use.at, use.object, spent=True)
        if used[0] > use.most[0] or used[1] > use.most[1]:
            told = f"in the last day and week {used} others were used before it"
            detail = f"{told}, which allows at most {use.most}"
            self._findings.add("verdict-mismatch", detail, seq=use.seq)

    def finish(self) -> None:
        """Judge what is left."""
        for uses in self._log.values():
            for place in range(len(uses)):
                self._judge(uses, place)


def _count(uses: Sequence[Use], end: int, at: int, thing: bytes, *, spent: bool) -> Pair:
    day, week = set(), set()
    for place in range(end - 1, -1, -1):
        use = uses[place]
        if use.at <= at - _WEEK:
            break
        if use.object != thing and (not spent or use.spent):
            week.add(use.object)
            if use.at > at - DAY:
                day.add(use.object)
    return len(day), len(week)


def most_uses(policy: Policy | None, purpose: str, opened: Facts | None) -> Pair | None:
    """Say how many others an allowed decision may have had: as its facts say, or below the cap."""
    if opened is not None:
        return opened.get("used_day", 0), opened.get("used_week", 0)
    if policy is None or purpose not in policy.caps:
        return None
    per_day, per_week = policy.caps[purpose]
    return per_day - 1, per_week - 1
