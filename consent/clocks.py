# SPDX-License-Identifier: Apache-2.0
"""The one place where time comes from. Everything else takes a `Clock`."""

import time
from typing import Protocol

from consent.words import SECOND, Micros


class Clock(Protocol):
    """Tell the time, once per transaction, so that all checks agree."""

    def now(self) -> Micros:
        """Return microseconds since 1970 UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> Micros:
        """Return the wall clock."""
        return Micros(time.time_ns() // 1_000)


def elapsed() -> Micros:
    """Return the time since some moment, by a clock that nobody sets: for how long ago it was."""
    return Micros(time.monotonic_ns() // 1_000)


class VirtualClock:
    """A hand-turned clock for the demo, simulations and tests."""

    def __init__(self, start: Micros) -> None:
        self._now = start

    def now(self) -> Micros:
        """Return the time it was last turned to."""
        return self._now

    def advance(self, seconds: float) -> Micros:
        """Turn forward by `seconds`; negative values model a clock set back."""
        self._now = Micros(self._now + round(seconds * SECOND))
        return self._now

    def turn_to(self, moment: Micros) -> None:
        """Turn forward to `moment`; never backwards."""
        self._now = max(self._now, moment)


class ContinuingClock:
    """Go on in real seconds from a given moment: what a demo home is served with."""

    def __init__(self, start: Micros) -> None:
        self._start = start
        self._since = time.monotonic_ns()

    def now(self) -> Micros:
        """Return the start plus the real time that has passed."""
        return Micros(self._start + (time.monotonic_ns() - self._since) // 1_000)
