# SPDX-License-Identifier: Apache-2.0
"""Die at a named point, as a power cut would: a forked child that ends itself by SIGKILL.

On SQLite a killed process leaves what is on the disk at that moment, so a copy of the home made
when a point is passed is what a kill there would have left; real kills show that this is so.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, event, select

from consent import database, faults
from consent.tables import metadata
from engine import choosing, settings
from tests.simulated import acts, village
from tests.simulated.village import Village

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """What a kill at the first pass of a point would have left."""

    point: str
    home: Path


def images(living: Village, act: Callable[[Village], object], folder: Path) -> Iterator[Image]:
    """Do an act, and keep the home as it was at the first pass of each point."""
    found: list[Image] = []

    def keep(name: str) -> None:
        if all(image.point != name for image in found):
            home = Path(shutil.copytree(living.home, folder / name))
            found.append(Image(point=name, home=home))

    folder.mkdir()
    with faults.injecting(keep):
        act(living)
    yield from found


class Killer:
    """A process that forks children and sees them killed: `python -m tests.simulated.kills`.

    It never touches a blob itself: what the store's own threads hold would be held in the child.
    """

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            (sys.executable, "-m", "tests.simulated.kills"),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def kill(self, home: Path, act: str, point: str, times: int = 1) -> bool:
        """Let a child do the act and die when it passes the point for the n-th time.

        Returns whether it came so far.
        """
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([str(home), act, point, times]) + "\n")
        self.process.stdin.flush()
        return bool(json.loads(self.process.stdout.readline()))


def serve() -> None:
    """Fork a child a line; say of each whether it was killed."""
    choosing.ranking.choose = village.always_something
    os.fsync = lambda _handle: None
    event.listen(Engine, "begin", _without_waiting)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _die_there(*json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        sys.stdout.write(json.dumps(killed) + "\n")
        sys.stdout.flush()


def _die_there(home: str, act: str, point: str, times: int) -> None:
    passed = [0]

    def stand(name: str) -> None:
        passed[0] += name == point
        if passed[0] == times and name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    with faults.injecting(stand):
        acts.ACTS[act](village.open_at(Path(home), village.morning()))


def _without_waiting(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA synchronous = OFF")


def state(home: Path, without: Collection[str] = ()) -> str:
    """Hash all that is there: every row of every table, every key, every blob."""
    seen = hashlib.sha256()
    engine = database.connect(settings.read(home).database)
    with database.reading(engine) as connection:
        for table in (one for one in metadata.sorted_tables if one.name not in without):
            rows = connection.execute(select(table)).all()
            seen.update(repr((table.name, sorted(map(repr, rows)))).encode())
    engine.dispose()
    inside = (file for part in ("keys", "blobs") for file in (home / part).rglob("*"))
    for file in sorted(file for file in inside if file.is_file()):
        seen.update(repr((file.relative_to(home), file.read_bytes())).encode())
    return seen.hexdigest()


if __name__ == "__main__":
    serve()
