# SPDX-License-Identifier: Apache-2.0
"""What the log's own work took, counted where it is done: sizes and seconds, of nobody.

Rules:
1. a meter is added to and read; nothing is ever decided by it
2. it can be told in whole tens: as it stood when the last ten acts were full, so that no single
   act shows in it
"""

import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

TENS: Final = 10
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ACTS: Final = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How much was counted so far. `within` counts what each of `bounds` held, and the rest."""

    bounds: tuple[float, ...]
    within: tuple[int, ...]
    total: float

    @property
    def count(self) -> int:
        """Count all that was added."""
        return sum(self.within)


class Meter:
    """Add up one kind of figure; many threads may."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._within = [0] * (len(self._bounds) + 1)
        self._total = 0.0
        self._lock = threading.Lock()
        self._tens = self.read()

    def add(self, figure: float) -> None:
        """Count one figure."""
        with self._lock:
            self._within[bisect_left(self._bounds, figure)] += 1
            self._total += figure
            if sum(self._within) % TENS == 0:
                self._tens = self._read()

    @contextmanager
    def timing(self) -> Iterator[None]:
        """Count the seconds that a block takes; one that fails counts for nothing."""
        began = time.perf_counter()
        yield
        self.add(time.perf_counter() - began)

    def read(self, *, exact: bool = True) -> Reading:
        """Read it as it is, or as it stood when the last ten were full."""
        with self._lock:
            return self._read() if exact else self._tens

    def _read(self) -> Reading:
        return Reading(bounds=self._bounds, within=tuple(self._within), total=self._total)


class Meters:
    """What one ledger counts of its own work."""

    def __init__(self) -> None:
        self.withdrawals: Final = Meter(_SECONDS)  #: seconds from asking to the receipt
        self.groups: Final = Meter(_ACTS)  #: acts in one group commit
