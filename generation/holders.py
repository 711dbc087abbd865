# SPDX-License-Identifier: Apache-2.0
"""Who holds a lease: a process under a name of its own, and a lock that ends with the process.

Rules:
1. a name is never used twice, and says nothing about the machine it is on
2. a holder in a home keeps a file there locked for as long as it lives. The lock goes with the
   process however it ends, so that what a killed one held is taken up at once, not when its time
   is over
3. the file says which file it is, and on which machine: of a holder that has none here, or a copy
   of one (a home that was copied along with it), only its time says when it has let go
"""

import fcntl
import hashlib
import os
import platform
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

FOLDER: Final = "holders"
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_DAY: Final = 86_400
_numbers: Final = count()


@dataclass(slots=True, kw_only=True)
class Holder:
    """This process, or one part of it, as others see it. Without a folder it leaves no trace."""

    name: str
    folder: Path | None = None
    _handle: int | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def appear(self) -> None:
        """Lock a file under this name, once, before anything is held."""
        with self._turn:
            if self.folder is None or self._handle is not None:
                return
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._clear(self.folder)
            self._handle = os.open(self.folder / self.name, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.pwrite(self._handle, _place(self._handle), 0)  # nobody asks for its lock before

    def leave(self) -> None:
        """Let go: whatever this name still holds may be taken up by anybody here."""
        with self._turn:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None

    def dead(self, names: Iterable[str]) -> tuple[str, ...]:
        """Say which of these holders were processes of this home, and are no more."""
        return tuple(one for one in names if one != self.name and self._ended(one))

    def _clear(self, folder: Path) -> None:
        """Unlink what the dead left a day ago or earlier: whatever they held is over."""
        written = dict(_written(folder))
        newest = max(written.values(), default=0.0)
        for one, at in written.items():
            if at < newest - _DAY and self._ended(one.name):
                one.unlink(missing_ok=True)

    def _ended(self, name: str) -> bool:
        if self.folder is None:
            return False
        try:
            handle = os.open(self.folder / name, os.O_RDWR)
        except OSError:
            return False
        try:
            here = _place(handle)
            if os.pread(handle, len(here) + 1, 0) != here:
                return False
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(handle)
        return True


def _written(folder: Path) -> Iterator[tuple[Path, float]]:
    """Say when each file was written; what another process clears meanwhile is passed over."""
    for one in folder.iterdir():
        with suppress(FileNotFoundError):
            yield one, one.stat().st_mtime


def _place(handle: int) -> bytes:
    """Name an open file by its number on this machine since it was started, hashed."""
    found = os.fstat(handle)
    booted = _BOOT.read_text() if _BOOT.exists() else platform.node()
    said = f"{booted} {found.st_dev} {found.st_ino}"
    return hashlib.sha256(said.encode()).hexdigest().encode()


def unnamed() -> Holder:
    """Return a holder for whatever holds within one process and leaves no trace beyond it."""
    return Holder(name=f"{os.getpid()}.{next(_numbers)}")
