# SPDX-License-Identifier: Apache-2.0
"""Rule 4, on time: it never goes back from one entry to the next."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from consent.verify.findings import Findings
from consent.verify.grammar import read_entry
from consent.verify.tree import WIDTH

_AT: Final = re.compile(rb'\{(?:"actor":"[a-z]+",)?"at":([1-8][0-9]{15}),').match


class Span(NamedTuple):
    """The times of one tile: the first, the last, and whether each is after the one before."""

    number: int
    low: int
    high: int
    even: bool


def span(number: int, entries: Sequence[bytes]) -> Span:
    """Read the times of one tile."""
    try:
        found = [match[1] for match in map(_AT, entries)]  # type: ignore[index]
    except TypeError:
        return Span(number, 0, 0, even=False)
    even = found == sorted(found)
    return Span(number, int(found[0]), int(found[-1]), even)


def check_times(
    spans: Iterable[Span], read: Callable[[int], Sequence[bytes]], findings: Findings
) -> None:
    """Go over the spans of all tiles in order; read those again that are not plainly in order."""
    now = 0
    for one in spans:
        if one.even and one.low >= now:
            now = one.high
            continue
        for seq, raw in enumerate(read(one.number), one.number * WIDTH):
            at = _time_of(raw)
            if at is not None and at < now:
                detail = "its time is before that of the entry before"
                findings.add("time-reversed", detail, seq=seq)
            now = max(now, at or 0)


def _time_of(raw: bytes) -> int | None:
    """Return when an entry says it was written; None where it is malformed and says nothing."""
    found = _AT(raw)
    if found is not None:
        return int(found[1])
    entry = read_entry(raw)
    return None if isinstance(entry, str) else int(entry["at"])
