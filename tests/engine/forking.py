# SPDX-License-Identifier: Apache-2.0
"""Run a command of ours in a process of its own without starting Python each time.

`python -m tests.engine.forking` imports the engine once, reads lines of JSON
`[folder, arguments, code, out, err]` and answers each with the exit status of a forked child that
went to the folder, ran the code and then `onlyou` with the arguments. A child dies as any process
does: a signal leaves what is on the disk.
"""

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from engine import cli

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
        assert self._process.stdin
        assert self._process.stdout
        asked = [str(folder), list(arguments), code, str(out), str(err)]
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        return subprocess.CompletedProcess(arguments, status, out.read_text(), err.read_text())

    def close(self) -> None:
        """Let it end."""
        self._process.communicate(timeout=60)


def main() -> None:
    """Answer one line after the other."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(_acted(*json.loads(line)))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201


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
