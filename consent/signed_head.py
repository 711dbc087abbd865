# SPDX-License-Identifier: Apache-2.0
"""The largest head of the log that was ever signed, beside the keys and outside of any database.

Rules:
1. it is written before the signature leaves, and never goes back
2. one signer at a time, in this process and in any other on this store
3. a head that is there and cannot be read is an error: nothing is signed on a guess
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from consent import key_files
from consent.errors import Broken
from consent.notes import Checkpoint, parse_checkpoint
from consent.words import Reason


class SignedHead:
    """Remember it in a file of its own, in a folder of keys."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "signed.head"
        self._lock = folder / "signed.lock"

    def advance(self, head: Checkpoint, continues: Callable[[Checkpoint], bool]) -> None:
        """Remember a head that is about to be signed, where it is the largest.

        `continues` says whether the log still holds what was signed last. Errors:
        Broken(unavailable) where it does not.
        """
        with self._alone():
            signed = self.read()
            if signed is not None and not continues(signed):
                raise Broken(
                    Reason.UNAVAILABLE,
                    f"the log does not continue the {signed.size} entries that were signed; "
                    "nothing is signed until they are back",
                )
            if signed is None or head.size > signed.size:
                key_files.write(self._path, head.text().encode())

    def size(self) -> int:
        """Return how many entries it has; 0 before anything was signed."""
        found = self.read()
        return 0 if found is None else found.size

    def read(self) -> Checkpoint | None:
        """Read it; None before anything was signed. Errors: Broken(unavailable) where spoilt."""
        if not self._path.exists():
            return None
        try:
            return parse_checkpoint(self._path.read_text("utf-8"))
        except ValueError as error:
            said = "the head that was signed last is unreadable"
            raise Broken(Reason.UNAVAILABLE, said) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        handle = os.open(self._lock, os.O_RDWR | os.O_CREAT, key_files.OWNER_ONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
