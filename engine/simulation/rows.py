# SPDX-License-Identifier: Apache-2.0
"""The log of a block: one row a choice, with its propensity and what became of it.

A choice of "no insert" is a row, and so is one whose portrait was refused: what is not in the log
cannot be weighed. Rows come out in the order of person and time, however they came in.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from feed.features import PERSON

Column = NDArray[Any]
UNSEEN: Final = -1
"""No scenario, no place, or a minute that never came."""

COLUMNS: Final[Mapping[str, tuple[type, tuple[int, ...]]]] = {
    "person": (np.int32, ()),
    "regime": (np.int8, ()),
    "minute": (np.int32, ()),
    "visit": (np.int8, ()),
    "scenario": (np.int16, ()),
    "propensity": (np.float32, ()),
    "value": (np.float32, ()),
    "eligible": (np.int16, ()),
    "personalised": (np.bool_, ()),
    "made": (np.bool_, ()),
    "listed": (np.int32, ()),
    "place": (np.int16, ()),
    "seen": (np.int32, ()),
    "engaged": (np.bool_, ()),
    "hidden": (np.bool_, ()),
    "fewer": (np.bool_, ()),
    "reported": (np.bool_, ()),
    "withdrew": (np.bool_, ()),
    "surprised": (np.bool_, ()),
    "knew_why": (np.bool_, ()),
    "taken_for_ad": (np.bool_, ()),
    "seconds": (np.float32, ()),
}
"""Columns of every log; those of a full one follow."""
FULL: Final[Mapping[str, tuple[type, tuple[int, ...]]]] = {
    "features": (np.int8, (len(PERSON),)),
    "eligible_bits": (np.uint8, (-1,)),
}
"""What a ranker is trained on and weighed by: features in 64ths, and the set as a bit mask."""
_UNSEEN: Final = ("scenario", "listed", "place", "seen")


class Rows:
    """A growing table. A row's number stays what it is until the rows are taken out."""

    def __init__(self, *, actions: int, full: bool = False, room: int = 4_096) -> None:
        """Begin with no rows. `actions` is how many bits an eligible set has."""
        bits = {"eligible_bits": -(-actions // 8)}
        kinds = {**COLUMNS, **FULL} if full else COLUMNS
        self.count = 0
        self._columns: dict[str, Column] = {
            name: np.zeros((room, *(bits.get(name, n) for n in shape)), kind)
            for name, (kind, shape) in kinds.items()
        }

    def add(self, given: Mapping[str, Column]) -> NDArray[np.int64]:
        """Add rows and return their numbers; columns not given stay empty, or unseen."""
        more = len(given["person"])
        numbers = np.arange(self.count, self.count + more)
        self._make_room(self.count + more)
        for name in _UNSEEN:
            self._columns[name][numbers] = UNSEEN
        for name, column in given.items():
            if name in self._columns:
                self._columns[name][numbers] = column
        self.count += more
        return numbers

    def set(self, name: str, rows: NDArray[np.int64], values: Column | bool) -> None:
        """Write what became of some rows."""
        self._columns[name][rows] = values

    def of(self, name: str) -> Column:
        """Read a column as it stands, in the order of coming in."""
        return self._columns[name][: self.count]

    def taken(self) -> dict[str, Column]:
        """Take all columns out, by person and time."""
        order = np.lexsort((self.of("minute"), self.of("person")))
        return {name: self.of(name)[order] for name in self._columns}

    def _make_room(self, needed: int) -> None:
        room = len(self._columns["person"])
        if needed <= room:
            return
        for name, column in self._columns.items():
            wider = np.zeros((max(needed, 2 * room), *column.shape[1:]), column.dtype)
            wider[: self.count] = column[: self.count]
            self._columns[name] = wider
