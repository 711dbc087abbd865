# SPDX-License-Identifier: Apache-2.0
"""What is too small to be told: a count of fewer than ten people says something about each.

Rules:
1. a count from 1 to 9 is told as `under 10`; nobody is told as 0
2. where what is shown would give such a count away by adding or subtracting, others are withheld
   too: as few and as small as will do (how many were counted in an arm goes last)
3. a rate, a difference, an interval made of such a count is withheld, on every day that it is so
4. an e-value made of such a count is told only as none, some, or past what stops an arm
It holds on pages, in files and in JSON alike (null there), for simulated people too: what reads a
run cannot tell them apart. The log's daily sums are exact: an auditor's bundle is no page.
Rule 2 is about sums. Bounds that follow from them are not hidden.
Source: complementary suppression, as in Hundepool and others, "Statistical Disclosure Control",
2012, chapter 4.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

LEAST: Final = 10
"""People below whom a count is not told."""
_DEAR: Final = 10.0
_MOVED: Final = 1e-6


class Hidden(StrEnum):
    """Why a count is not told."""

    UNDER = "under 10"
    WITHHELD = "withheld"


Cell = int | Hidden
"""A count as it is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A total that a reader knows to be made of these parts, and of a rest that stands nowhere."""

    total: str
    parts: tuple[str, ...]


def small(count: int) -> bool:
    """Say whether a count is too small to be told."""
    return 0 < count < LEAST


def told(
    counts: Mapping[str, int], sums: Sequence[Sum] = (), last: Set[str] = frozenset()
) -> Mapping[str, Cell]:
    """Hide what is small, and what would give it away; what is in `last` only if it must be.

    Errors: KeyError for a sum of what is not counted, the caller's fault.
    """
    under = frozenset(name for name, count in counts.items() if small(count))
    known = _Sums(counts, sums, last)
    hidden = set(under)
    for name in known.small:
        hidden |= known.cover(name, hidden)
    return {
        name: (Hidden.UNDER if name in under else Hidden.WITHHELD) if name in hidden else count
        for name, count in counts.items()
    }


class _Sums:
    """The sums as equations; the rest of each is one more unknown, unless nothing is left.

    A count cannot be derived where it could be one more with other hidden counts making up for
    that: whatever is moved by the cheapest way to do so is what has to be hidden beside it.
    """

    def __init__(self, counts: Mapping[str, int], sums: Sequence[Sum], last: Set[str]) -> None:
        left = [counts[one.total] - sum(counts[part] for part in one.parts) for one in sums]
        self._rests = {f"rest {place}" for place, rest in enumerate(left) if rest}
        rests = {f"rest {place}": rest for place, rest in enumerate(left) if rest}
        self._all = {**{name: count for name, count in counts.items() if count}, **rests}
        self._names = list(self._all)
        most = max(self._all.values(), default=1)
        self._cost = [
            0.0 if name in self._rests else 1.0 + count / most + _DEAR * (name in last)
            for name, count in self._all.items()
        ]
        rows = [
            {one.total: 1, **dict.fromkeys(one.parts, -1), f"rest {place}": -1}
            for place, one in enumerate(sums)
        ]
        self._table = np.array([[row.get(name, 0) for name in self._names] for row in rows])

    @property
    def small(self) -> Sequence[str]:
        """Name every count that must not follow from what is told, rests too."""
        return [name for name, count in self._all.items() if small(count)]

    def cover(self, name: str, hidden: Set[str]) -> Set[str]:
        """Choose what to hide, beside what is hidden, so that one count does not follow."""
        if not self._table.size:
            return set()
        free = [0.0 if one in hidden else cost for one, cost in self._priced()]
        from scipy.optimize import linprog  # noqa: PLC0415 - slow to load, and seldom needed

        bounds = [(float(one == name), None) for one in self._names] + [
            (0.0, 0.0 if one == name else None) for one in self._names
        ]
        both = np.hstack([self._table, -self._table])
        found = linprog(free * 2, A_eq=both, b_eq=np.zeros(len(both)), bounds=bounds)
        if not found.success:
            return set()
        moved = np.abs(found.x[: len(self._names)] - found.x[len(self._names) :]) > _MOVED
        chosen = {one for one, is_moved in zip(self._names, moved, strict=True) if is_moved}
        return chosen - self._rests

    def _priced(self) -> Iterator[tuple[str, float]]:
        return zip(self._names, self._cost, strict=True)
