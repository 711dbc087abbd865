# SPDX-License-Identifier: Apache-2.0
"""What `/metrics` tells anybody: made by one thread, and told to all for a few seconds.

Rules:
1. it is made anew for whoever asks when the last one is old. Who asks meanwhile is told the last
   one for half a minute, and then waits: what hangs is no news that all is well
2. it has a thread of its own, and who waits for it waits on none: no crowd of lookers takes the
   threads by which people withdraw
3. what failed is told to whoever waited for it, and is not kept
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Final

from consent import clocks
from consent.words import SECOND, Micros

KEPT: Final = Micros(5 * SECOND)
"""How long a text is told: less than there is between two looks of any Prometheus."""
LATE: Final = Micros(30 * SECOND)
"""How long an old text is told while the next is being made."""


class Scrapes:
    """The last text and, where one is being made, the next."""

    def __init__(
        self,
        make: Callable[[], bytes],
        *,
        kept: Micros = KEPT,
        elapsed: Callable[[], Micros] = clocks.elapsed,
    ) -> None:
        self._make = make
        self._kept = kept
        self._elapsed = elapsed
        self._thread = ThreadPoolExecutor(1, "metrics")
        self._turn = Lock()
        self._last = b""
        self._old_at = elapsed()
        self._next: Future[bytes] | None = None

    async def text(self) -> bytes:
        """Return what is told now. Errors: those of making it."""
        told = self._asked()
        if isinstance(told, bytes):
            return told
        return await asyncio.shield(asyncio.wrap_future(told))  # others may wait for it as well

    def _asked(self) -> bytes | Future[bytes]:
        with self._turn:
            patience = 0 if self._next is None else LATE
            if self._last and self._elapsed() < self._old_at + patience:
                return self._last
            if self._next is None:
                self._next = self._thread.submit(self._made)
            return self._next

    def _made(self) -> bytes:
        try:
            made = self._make()
            with self._turn:
                self._last, self._old_at = made, Micros(self._elapsed() + self._kept)
            return made
        finally:
            with self._turn:
                self._next = None
