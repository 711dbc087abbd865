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


class Parent:
    """A module that forks a child for each line of JSON, as a test sees it."""

    def __init__(self, module: str, folder: Path) -> None:
        self._out, self._err = folder / "out", folder / "err"
        self._process = subprocess.Popen(
            (sys.executable, "-m", module),
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ended(self, *asked: object) -> subprocess.CompletedProcess[str]:
        """Ask for a child that ends; a negative status is the signal that ended it."""
        status = self.ask(*asked, str(self._out), str(self._err))
        said = self._out.read_text(), self._err.read_text()
        return subprocess.CompletedProcess(str(asked), status, *said)

    def ask(self, *asked: object) -> int:
        """Say one line; return the number that answers it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """Let it end."""
        self._process.communicate(timeout=60)


class Children(Parent):
    """This module's."""

    def __init__(self, folder: Path) -> None:
        super().__init__("tests.children", folder)

    def run(self, module: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Call `main` of a module in a child; a negative status is the signal that ended it."""
        return self.ended(module, words)


def write_to(out: str, err: str) -> None:
    """Let what this process says go to two files."""
    for number, file in ((1, out), (2, err)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)


def main() -> None:
    """Answer one line after the other."""
    for line in sys.stdin:
        module, words, out, err = json.loads(line)
        act = import_module(module).main
        child = os.fork()
        if child == 0:
            signal.alarm(SECONDS)
            write_to(out, err)
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
