# SPDX-License-Identifier: Apache-2.0
"""Have rows drawn by a recipe in two halves, so that somebody may still leave between them.

Rules:
1. A recipe whose rows share passes is asked by one thread at a time: its pipeline holds state.
2. Any other gets one row a call, several at once: its rows never meet.
3. A row that cannot be drawn, or breaks the recipe, is `unavailable`; the others are drawn all the
   same.
Knows the recipe port; nothing here knows whose rows they are.
"""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from consent import faults
from consent.telling import told
from consent.words import Reason
from generation import frames, passes
from generation.passes import Begun, Drawn, Ended, Taken
from generation.recipes import CannotRender, Moves, Recipe, Row
from generation.recipes.batched import Batched, Machine

_ON_THE_CPU: Final = Machine(device="cpu", dtype="uint8", versions={})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """Pictures of rows that never met: drawn already, not yet given to anybody."""

    drawn: tuple[Drawn, ...]
    seconds: float


class Drawing:
    """One recipe, and how this process asks it."""

    def __init__(self, recipe: Recipe, *, workers: int) -> None:
        self._recipe = recipe
        self._workers = workers
        #: held by whoever asks a recipe whose pipeline holds state
        self.turn = threading.Lock()

    @cached_property
    def shared(self) -> Batched | None:
        """Return the recipe if rows of different people share its passes."""
        return self._recipe if isinstance(self._recipe, Batched) else None

    @cached_property
    def machine(self) -> Machine:
        """Say what the recipe runs on."""
        return self.shared.machine if self.shared else _ON_THE_CPU

    @property
    def rows(self) -> int | None:
        """Say how many rows share a pass at most; None where none do."""
        return self.shared.batches[-1] if self.shared else None

    def begin(self, rows: Sequence[Row]) -> Begun | Sketch:
        """Draw as far as nobody can see yet. Errors: OutOfMemory when not one row fits."""
        faults.point("render.load")
        if self.shared:
            with self.turn:
                return passes.begin(self.shared, rows)
        start = perf_counter()
        with ThreadPoolExecutor(max_workers=self._workers) as pool:
            drawn = tuple(pool.map(self._one, rows))
        return Sketch(drawn=drawn, seconds=perf_counter() - start)

    def finish(self, begun: Begun | Sketch, keep: Sequence[bool]) -> Ended:
        """Give out the pictures that are kept.

        Shapes: pictures (height, width, 3) uint8 RGB, of the recipe's size; of rows that move
        (frames, height, width, 3).
        Errors: OutOfMemory when not one row fits.
        """
        faults.point("render.picture")
        if isinstance(begun, Begun):
            with self.turn:
                return passes.finish(begun, keep)
        drawn = {at: one for at, one in enumerate(begun.drawn) if keep[at]}
        rows = len(begun.drawn)
        taken = Taken(places=tuple(drawn), size=1, rows=rows, seconds=begun.seconds)
        return Ended(drawn=drawn, taken=(taken,) if drawn else ())

    def _drawn(self, row: Row) -> tuple[NDArray[np.uint8], ...]:
        """Draw one row, as what it asks for. Errors: CannotRender."""
        if not row.moves:
            return self._recipe.render([row])
        if not isinstance(self._recipe, Moves):
            raise CannotRender(f"{self._recipe.id} draws no pictures that move")
        return self._recipe.frames([row])

    def _one(self, row: Row) -> Drawn:
        try:
            (picture,) = self._drawn(row)
        except CannotRender:
            return Reason.UNAVAILABLE
        except Exception:  # noqa: BLE001  # one bad row must not stop the rest, nor come back for ever
            _log.exception(
                "the recipe broke on a row",
                extra=told(recipe=self._recipe.id, scenario=row.scenario),
            )
            return Reason.UNAVAILABLE
        if not frames.fits(picture, self._recipe.size, moves=row.moves):
            _log.error("no picture of its size was drawn", extra=told(recipe=self._recipe.id))
            return Reason.UNAVAILABLE
        return picture
