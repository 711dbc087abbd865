# SPDX-License-Identifier: Apache-2.0
"""The database servers of trials: one that is ended from outside leaves its own running."""

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

FOLDER: Final = "ONLYOU_TEST_POSTGRES_FOLDER"
"""As `tests.postgres` calls it, which a trial is still to import."""
_MEMORY: Final = Path("/dev/shm")
_PATIENCE: Final = 0.003


def start_in(temporary: Path) -> None:
    """Let this process start its servers where `end` finds them, in memory if there is some."""
    folder = _folder(temporary)
    folder.mkdir(parents=True)
    os.environ[FOLDER] = str(folder)


def end(temporary: Path) -> None:
    """End what another process started so and did not end itself."""
    for file in _folder(temporary).glob("*/postmaster.pid"):
        with suppress(OSError, ValueError, IndexError):
            number = int(file.read_text("utf-8").splitlines()[0])
            os.kill(number, signal.SIGQUIT)
            while file.exists():
                os.kill(number, 0)
                time.sleep(_PATIENCE)
    shutil.rmtree(_folder(temporary), ignore_errors=True)


def _folder(temporary: Path) -> Path:
    usable = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK)
    return (_MEMORY if usable else temporary) / f"onlyou-trial-{temporary.name}"
