# SPDX-License-Identifier: Apache-2.0
"""Run a command of ours in a process of its own without starting Python each time.

`python -m tests.engine.forking` imports the engine once and reads lines of JSON. It answers
`[folder, arguments, code, out, err, stays]` with the exit status of a forked child that went to
the folder, ran the code and then `onlyou` with the arguments; for one that stays, as a server
does, with its process id at once. `[id, signal]` ends that one and is answered with its status. A
child dies as any process does: a signal leaves what is on the disk.
"""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine import cli
from generation import inspection

ROOT = Path(__file__).parents[2]


class Forks:
    """The process that forks, as a test sees it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            (sys.executable, "-m", "tests.engine.forking"),
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, folder: Path, arguments: Sequence[str], code: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `onlyou` in a child; a negative status is the signal that ended it."""
        out, err = self._folder / "out", self._folder / "err"
        status = self._ask(str(folder), list(arguments), code, str(out), str(err), False)
        return subprocess.CompletedProcess(arguments, status, out.read_text(), err.read_text())

    def start(self, arguments: Sequence[str], out: Path) -> int:
        """Start `onlyou` in a child that stays; return its process id, for `end`."""
        return self._ask(str(out.parent), list(arguments), "", str(out), str(out), True)

    def end(self, process: int, by: signal.Signals) -> int:
        """Send one that stays a signal and wait for it, 20 seconds at most; return its status."""
        return self._ask(process, by.value)

    def _ask(self, *asked: object) -> int:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """Let it end."""
        self._process.communicate(timeout=60)


def main() -> None:
    """Answer one line after the other; children have the face models from here."""
    _ = inspection.shipped().faces._models
    for line in sys.stdin:
        asked = json.loads(line)
        said = _ended(*asked) if isinstance(asked[0], int) else _begun(*asked)
        print(said, flush=True)  # noqa: T201


def _begun(*asked: Any) -> int:
    *words, stays = asked
    child = os.fork()
    if child == 0:
        os._exit(_acted(*words))
    return child if stays else os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _ended(child: int, by: int) -> int:
    os.kill(child, by)
    for _ in range(400):
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    return _ended(child, signal.SIGKILL)


def _acted(folder: str, arguments: list[str], code: str, out: str, err: str) -> int:
    """Run the command; its output goes to two files."""
    os.chdir(folder)
    for number, file in ((1, out), (2, err)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    try:
        exec(code, {})  # noqa: S102 - a test's own words
        sys.argv = ["onlyou", *arguments]
        cli.main()
    except SystemExit as left:
        return int(left.code or 0)
    except BaseException:  # noqa: BLE001 - as the interpreter does
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    main()
