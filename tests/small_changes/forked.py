# SPDX-License-Identifier: Apache-2.0
"""Run something in a forked process that may hang, end or eat memory, and hear what came of it.

A fork costs milliseconds and starts from all that its parent has imported.
"""

import contextlib
import json
import os
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.small_changes import servers

MEMORY: Final = 6 * 2**30
_PATIENCE: Final = 0.003
_OURS: Final = -1
_A_TEST: Final = 90
"""So many seconds may one test take, changed and beside others: three times the longest."""
WORDLESS: Final = "time, memory or a signal"
Ended = tuple[int, str | None]
"""pytest's exit code, and the test that failed first."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of some tests: `survived`, `killed`, `no test`, and which test was the first."""

    verdict: str
    by: str | None
    took: float


def tried(tests: Callable[[Path], Ended], expected: float, temporary: Path) -> Outcome:
    """Run tests in a process and a folder of their own; both are gone afterwards.

    Units: the time they take unchanged, in seconds.
    """
    reader, writer = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _in_child(writer, tests, temporary / str(os.getpid()), expected)
    os.close(writer)
    told = _waited(child, reader, patience=60 + 20 * expected)
    servers.end(temporary / str(child))
    shutil.rmtree(temporary / str(child), ignore_errors=True)
    return Outcome(**_read(told), took=round(time.monotonic() - began, 2))


def begin_test() -> None:
    """End this process unless it comes here again in time: who waits for ever costs a minute."""
    signal.alarm(_A_TEST)


def _read(told: str) -> dict[str, Any]:
    """Read what a child said. One that ended without a word was ended by the change."""
    if not told:
        return {"verdict": "killed", "by": WORDLESS}
    code, by = json.loads(told)
    if code == _OURS:
        return {"verdict": "not tried", "by": by}
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        return {"verdict": "no test", "by": None}
    if code == pytest.ExitCode.OK:
        return {"verdict": "survived", "by": None}
    return {"verdict": "killed", "by": by or "an import"}


def _in_child(
    writer: int, tests: Callable[[Path], Ended], temporary: Path, expected: float
) -> None:
    """Never return: what stands above this call is the parent's."""
    code, by = _OURS, None
    try:
        os.setsid()
        limit = int(20 + 5 * expected)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        _silence()
        servers.start_in(temporary)
        code, by = tests(temporary)
    except BaseException:  # noqa: BLE001 - a fault of ours is told, and is no find
        by = traceback.format_exc()[-400:]
    finally:
        os.write(writer, json.dumps([int(code), by]).encode())
        os._exit(0)


def _silence() -> None:
    sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nowhere, number)


def _waited(child: int, reader: int, *, patience: float) -> str:
    """Wait for a child, end all that it started, and return what it said."""
    until = time.monotonic() + patience
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        if time.monotonic() > until:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(_PATIENCE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    with os.fdopen(reader, "rb") as said:
        os.set_blocking(said.fileno(), False)
        return (said.read() or b"").decode()
