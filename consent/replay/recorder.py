# SPDX-License-Identifier: Apache-2.0
"""Write a history down as columns while the verifier reads it: an observer of that one pass.

Columns are typed arrays that NumPy takes over without a copy. What the verifier found wrong is its
own report's matter: nothing told here is an error, and whoever replays asks for that report first.
"""

from array import array
from bisect import bisect_left
from collections.abc import Mapping
from typing import Final

import numpy as np

from consent.arrays import KINDS, VERDICTS
from consent.replay.recorded import (
    GRANTED,
    NEVER,
    PURPOSES,
    STEPS,
    UNKNOWN,
    Changes,
    Recorded,
    Told,
)
from consent.replay.vectors import Vectors
from consent.verify import Changed, Decided, Done

_STEP: Final = {str(step): place for place, step in enumerate(STEPS)}
_PURPOSE: Final = {str(purpose): place for place, purpose in enumerate(PURPOSES)}
_VERDICT: Final = {name: place for place, name in enumerate(VERDICTS)} | {None: 0}
_KIND: Final = {None if kind is None else str(kind): n for n, kind in enumerate(KINDS)}
_COLUMNS: Final = {
    "seq": "I",
    "slot": "i",
    "at": "q",
    "tag": "i",
    "step": "B",
    "purpose": "B",
    "policy": "I",
    "verdict": "B",
    "basis": "B",
    "facts": "i",
    "object": "q",
    "life": "q",
    "done": "I",
    "done_at": "q",
}
_CHANGES: Final = {"seq": "I", "at": "q", "tag": "i", "purpose": "B", "begins": "B", "kind": "B"}


class Recorder:
    """Be told a history in the order of its log; `columns` gives it back."""

    def __init__(self) -> None:
        self._rows = {name: array(code) for name, code in _COLUMNS.items()}
        self._changes = {name: array(code) for name, code in _CHANGES.items()}
        self._append = tuple(column.append for column in self._rows.values())
        self._vectors = Vectors()
        self._tags: dict[str, int] = {}
        self._policies: dict[str, int] = {}

    def decision(self, told: Decided, /) -> None:
        """Take a decision; what it is about is known by a number that is the same for the same."""
        about = UNKNOWN if told.object is None else hash(told.object)
        row = (
            told.seq,
            UNKNOWN if told.slot is None else told.slot,
            told.at,
            self._tags.setdefault(told.tag, len(self._tags)),
            _STEP[told.step],
            _PURPOSE[told.purpose],
            self._policies.setdefault(told.policy, len(self._policies)),
            _VERDICT[told.reason],
            _KIND[told.basis],
            self._vectors.number(told.facts),
            about,
            about if told.request is None else hash(told.request),
            NEVER,
            0,
        )
        for append, value in zip(self._append, row, strict=True):
            append(value)

    def effect(self, told: Done, /) -> None:
        """Take an effect: its decision was spent, and in a block it says on what."""
        seq, slot = told.of
        rows = self._rows
        row = bisect_left(rows["seq"], seq) + (slot or 0)
        if row >= len(rows["seq"]) or rows["seq"][row] != seq:
            return
        rows["done"][row] = told.seq
        rows["done_at"][row] = told.at
        if slot is not None:
            rows["object"][row] = hash(told.object)
            rows["life"][row] = hash(told.object if told.request is None else told.request)

    def change(self, told: Changed, /) -> None:
        """Take a beginning or an end of what holds."""
        row = (
            told.seq,
            told.at,
            self._tags.setdefault(told.tag, len(self._tags)),
            _PURPOSE[told.purpose],
            told.t in GRANTED,
            _KIND[told.kind],
        )
        for column, value in zip(self._changes.values(), row, strict=True):
            column.append(value)

    def columns(self, told: Told, texts: Mapping[str, str]) -> Recorded:
        """Return the history as columns; afterwards nothing more can be taken."""
        taken = {name: np.frombuffer(c, c.typecode) for name, c in self._rows.items()}
        changes = {name: np.frombuffer(c, c.typecode) for name, c in self._changes.items()}
        return Recorded(
            told=told,
            texts=texts,
            vectors=self._vectors.columns(),
            tags=list(self._tags),
            policies=list(self._policies),
            changes=Changes(**changes),
            **taken,
        )
