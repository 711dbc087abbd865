# SPDX-License-Identifier: Apache-2.0
"""Key files: written whole or not at all, and destroyed so that no link to their bytes helps.

The keys that a log has for good are made once, when it is founded. Whoever opens a log that has
entries finds them or is refused: a new key in the place of a lost one would sign another log.
"""

import os
from pathlib import Path
from typing import Final

from consent import envelopes, faults
from consent.chance import Chance
from consent.errors import Broken
from consent.words import Reason

OWNER_ONLY: Final = 0o600
ROOT: Final = "root.key"
LOG: Final = "log.key"
SECOND: Final = "log-mldsa.key"


def found(folder: Path, chance: Chance) -> None:
    """Make the keys of a log that has nothing yet; what an attempt before has made stays."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (ROOT, LOG, SECOND):
        keep(folder / name, chance)


def keep(path: Path, chance: Chance) -> bytes:
    """Read a key file, or make it whole or not at all."""
    if not path.exists():
        write(path, chance.token(envelopes.KEY_BYTES))
    return path.read_bytes()


def draft(path: Path) -> Path:
    """Name the file in which a key file begins."""
    return path.with_suffix(".new")


def write(path: Path, content: bytes) -> None:
    """Write a key file whole or not at all, for its owner alone."""
    faults.point("file.write.before")
    unfinished = draft(path)
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        faults.point("file.sync.before")
        os.fsync(file.fileno())
    faults.point("file.rename.before")
    unfinished.replace(path)
    faults.point("file.rename.after")


def read(path: Path, gone: str) -> bytes:
    """Read a key file. Errors: Broken(unavailable) where there is none, saying why."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise Broken(Reason.UNAVAILABLE, gone) from error


def destroy(path: Path) -> None:
    """Overwrite in place, reach the disk, then unlink; succeeds again when repeated."""
    try:
        handle = os.open(path, os.O_WRONLY)
    except FileNotFoundError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(bytes(envelopes.KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    path.unlink(missing_ok=True)
