# SPDX-License-Identifier: Apache-2.0
"""Move a shard in a process of its own, and be killed where it passes a point.

`python -m tests.engine.cells.killing` reads lines of JSON `[home, number, cell, point]`, answers
each with the status of a forked child, and opens nothing before the fork: the object store's
threads would not survive it.
"""

import json
import os
import signal
import sys
from pathlib import Path

from consent import faults
from engine import settings
from engine.cells import layout
from engine.cells.house import Cells
from engine.cells.moving import Moves


def move(home: str, number: int, cell: str, point: str) -> None:
    """Open the installation and move a shard until the point is passed."""
    cells = Cells(layout.read(settings.read(Path(home))))

    def deadly(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    with faults.injecting(deadly):
        Moves(layout=cells.layout, directory=cells.directory).move(number, cell)


def main() -> None:
    """Answer one line after the other."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            move(*json.loads(line))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
