# SPDX-License-Identifier: Apache-2.0
"""What is too small to be told: a count of fewer than ten people says something about each.

Rules:
1. a count from 1 to 9 is told as `under 10`; nobody is told as 0
2. where what is shown would give such a count away by adding or subtracting, another count is
   withheld too, the smallest that will do (how many were counted in an arm goes last)
3. a rate, a difference, an interval made of such a count is withheld, on every day that it is so
4. an e-value made of such a count is told only as below or past what stops an arm
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
    hidden = {name for name, count in counts.items() if small(count)}
    under = frozenset(hidden)
    known = _Sums(counts, sums)
    while (given := known.derivable(hidden)) is not None:
        beside = known.beside(given) - hidden or counts.keys() - hidden
        cover = sorted((name in last, counts[name], name) for name in beside if counts[name])
        if not cover:
            break
        hidden.add(cover[0][2])
    return {
        name: (Hidden.UNDER if name in under else Hidden.WITHHELD) if name in hidden else count
        for name, count in counts.items()
    }


class _Sums:
    """The sums as equations; the rest of each is one more unknown, unless nothing is left."""

    def __init__(self, counts: Mapping[str, int], sums: Sequence[Sum]) -> None:
        self._sums = sums
        left = [counts[one.total] - sum(counts[part] for part in one.parts) for one in sums]
        self._rests = {f"rest {place}": rest for place, rest in enumerate(left) if rest}
        self._counts = {**counts, **self._rests}
        self._rows = [{one.total: 1, **dict.fromkeys(one.parts, -1)} for one in sums]
        for place, row in enumerate(self._rows):
            row[f"rest {place}"] = -1

    def derivable(self, hidden: Set[str]) -> str | None:
        """Find a small count that follows from what is not hidden."""
        unknown = [name for name in self._counts if name in hidden or name in self._rests]
        rows = [[row.get(name, 0) for name in unknown] for row in self._rows]
        if not unknown or not rows:
            return None
        before = np.linalg.matrix_rank(np.array(rows))
        return next((name for name in self._follow(unknown, rows, int(before))), None)

    def _follow(self, unknown: Sequence[str], rows: list[list[int]], rank: int) -> Iterator[str]:
        for place, name in enumerate(unknown):
            if small(self._counts[name]):
                alone = [int(place == other) for other in range(len(unknown))]
                if np.linalg.matrix_rank(np.array([*rows, alone])) == rank:
                    yield name

    def beside(self, name: str) -> Set[str]:
        """Name what stands in one sum with a count."""
        rows = [row.keys() for row in self._rows if name in row]
        return {other for row in rows for other in row if not other.startswith("rest ")} - {name}
