# SPDX-License-Identifier: Apache-2.0
"""Key files: written whole or not at all, and destroyed so that no link to their bytes helps."""

import os
from pathlib import Path
from typing import Final

from consent import envelopes, faults
from consent.errors import Broken
from consent.words import Reason

OWNER_ONLY: Final = 0o600


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
