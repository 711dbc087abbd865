# SPDX-License-Identifier: Apache-2.0
"""Run a command of ours in a process of its own without starting Python each time.

`python -m tests.engine.forking` imports the engine once and reads lines of JSON. It answers
`[folder, arguments, code, stays, out, err]` with the exit status of a forked child that went to
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

from engine import cli
from generation import inspection
from tests.children import Parent, write_to


class Forks(Parent):
    """This module's."""

    def __init__(self, folder: Path) -> None:
        super().__init__("tests.engine.forking", folder)

    def run(
        self, folder: Path, arguments: Sequence[str], code: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `onlyou` in a child; a negative status is the signal that ended it."""
        return self.ended(str(folder), list(arguments), code, False)

    def start(self, arguments: Sequence[str], out: Path) -> int:
        """Start `onlyou` in a child that stays; return its process id, for `end`."""
        return self.ask(str(out.parent), list(arguments), "", True, str(out), str(out))

    def end(self, process: int, by: signal.Signals) -> int:
        """Send one that stays a signal and wait for it, 20 seconds at most; return its status."""
        return self.ask(process, by.value)


def main() -> None:
    """Answer one line after the other; children have the face models from here."""
    _ = inspection.shipped().faces._models
    for line in sys.stdin:
        asked = json.loads(line)
        said = _ended(*asked) if isinstance(asked[0], int) else _begun(*asked)
        print(said, flush=True)  # noqa: T201


def _begun(folder: str, arguments: list[str], code: str, stays: bool, *files: str) -> int:
    child = os.fork()
    if child == 0:
        os._exit(_acted(folder, arguments, code, *files))
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
    write_to(out, err)
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
