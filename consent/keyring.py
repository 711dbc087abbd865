# SPDX-License-Identifier: Apache-2.0
"""Everybody's secret in one file of fixed places, so that a million are read at once.

Rules:
1. a place is 40 bytes: the subject, big-endian, and their secret; places are only ever added
2. a place is whole before anybody is told of it: one writer at a time, and it reaches the disk
3. destroying overwrites the place with zeros and reaches the disk; no copy of it is kept here,
   only where it stood: every read goes to the file
"""

import fcntl
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from consent import faults
from consent.words import Subject

_PLACE: Final = np.dtype([("subject", ">u8"), ("secret", "V32")])
_NOBODY: Final = bytes(_PLACE.itemsize)
_OWNER_ONLY: Final = 0o600
_Numbers = NDArray[np.uint64]


class Keyring:
    """Keep one 32-byte secret a person; destroy it for good."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._growing = threading.Lock()
        self._sorted: _Numbers = np.empty(0, np.uint64)
        self._places: NDArray[np.int64] = np.empty(0, np.int64)
        self._rows: NDArray[np.void] = np.empty(0, _PLACE)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY))

    def add(self, new: Mapping[Subject, bytes]) -> None:
        """Keep the secrets of people who have none here yet; all are on the disk on return."""
        faults.point("secret.add.before")
        with self._alone() as handle:
            whole = os.fstat(handle).st_size // _PLACE.itemsize * _PLACE.itemsize
            places = np.empty(len(new), _PLACE)
            places["subject"] = np.fromiter(new, np.uint64, len(new))
            places["secret"] = np.frombuffer(b"".join(new.values()), "V32")
            os.pwrite(handle, places.tobytes(), whole)
            os.fsync(handle)
        faults.point("secret.add.after")

    def find(self, subjects: Sequence[Subject]) -> dict[Subject, bytes]:
        """Read the secrets that exist; whoever has none is absent from the answer."""
        wanted = np.asarray(subjects, np.uint64)
        rows, places = self._where(wanted)
        read = rows[places]
        there = (read["subject"] == wanted[: len(read)]).tolist()
        found = read["secret"].tolist()
        return {who: one for who, one, here in zip(subjects, found, there, strict=False) if here}

    def people(self) -> tuple[Subject, ...]:
        """List everybody who has a secret here."""
        with self._growing:
            self._look()
            there = self._rows["subject"]
            return tuple(map(Subject, there[there != 0].tolist()))

    def destroy(self, subject: Subject) -> None:
        """Overwrite a person's place and reach the disk; succeeds again when repeated."""
        faults.point("secret.destroy.before")
        wanted = np.asarray([subject], np.uint64)
        with self._alone() as handle:
            rows, places = self._where(wanted)
            for place in places[rows[places]["subject"] == wanted].tolist():
                os.pwrite(handle, _NOBODY, place * _PLACE.itemsize)
            os.fsync(handle)
        faults.point("secret.destroy.after")

    def _where(self, wanted: _Numbers) -> tuple[NDArray[np.void], NDArray[np.int64]]:
        """Say where each of these would stand; the newest place, where there are two."""
        with self._growing:
            self._look()
            if not len(self._rows):
                return self._rows, self._places
            found = np.searchsorted(self._sorted, wanted, "right") - 1
            return self._rows, self._places[found.clip(0)]

    def _look(self) -> None:
        """Map what was added since. A place is never given to another, so it is remembered."""
        known = len(self._rows)
        count = self._path.stat().st_size // _PLACE.itemsize
        if count > known:
            self._rows = np.memmap(self._path, _PLACE, "r", shape=(count,))
            new = self._rows["subject"][known:].astype(np.uint64)
            order = np.argsort(new, kind="stable")
            between = np.searchsorted(self._sorted, new[order], "right")
            self._sorted = np.insert(self._sorted, between, new[order])
            self._places = np.insert(self._places, between, order + known)

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """Keep every other writer out, in this process and in any other on this file."""
        handle = os.open(self._path, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)
