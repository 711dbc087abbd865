# SPDX-License-Identifier: Apache-2.0
"""Text encoders that left after loading and come back when somebody's own words are to be drawn.

Rules:
1. They are loaded at the first such words, not before: whoever draws ideas alone never pays.
2. From then on they wait in the machine's own memory and are on the device only while they read.
3. Nothing that was read stays here: what comes out belongs to one pass.
One thread at a time: whoever asks holds the recipe's turn.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

_HOME: Final = "cpu"


class Recalled:
    """A pipeline's encoders, away until they are needed. `load` makes them, from files."""

    def __init__(self, load: Callable[[], Any], device: str) -> None:
        self._load = load
        self._device = device
        self._encoders: Any = None

    @contextmanager
    def at_work(self) -> Iterator[Any]:
        """Have the encoders on the device for as long as this lasts."""
        if self._encoders is None:
            self._encoders = self._load()
        self._encoders.to(self._device)
        try:
            yield self._encoders
        finally:
            self._encoders.to(_HOME)
