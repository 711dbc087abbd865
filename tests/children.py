# SPDX-License-Identifier: Apache-2.0
"""Run a module of ours in a process of its own without starting Python each time.

`python -m tests.children` reads lines of JSON `[module, words, out, err]`, imports the module once
and answers each with the exit status of a forked child that called its `main(*words)`. A child
dies as any process does: a signal leaves what is on the disk.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECONDS = 120


class Children:
    """The process that forks, as a test sees it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            (sys.executable, "-m", "tests.children"),
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, module: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Call `main` of a module in a child; a negative status is the signal that ended it."""
        assert self._process.stdin
        assert self._process.stdout
        out, err = self._folder / "out", self._folder / "err"
        self._process.stdin.write(json.dumps([module, words, str(out), str(err)]) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        return subprocess.CompletedProcess(words, status, out.read_text(), err.read_text())

    def close(self) -> None:
        """Let it end."""
        self._process.communicate(timeout=60)


def main() -> None:
    """Answer one line after the other."""
    for line in sys.stdin:
        module, words, out, err = json.loads(line)
        act = import_module(module).main
        child = os.fork()
        if child == 0:
            signal.alarm(SECONDS)
            for number, file in ((1, out), (2, err)):
                os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
            os._exit(_acted(act, words))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201


def _acted(act: Callable[..., object], words: list[str]) -> int:
    """Do it, and wait for its threads as the interpreter does."""
    try:
        act(*words)
        for one in threading.enumerate():
            if one is not threading.main_thread() and not one.daemon:
                one.join()
    except BaseException:  # noqa: BLE001 - as the interpreter does
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    main()
