# SPDX-License-Identifier: Apache-2.0
"""Try seeds that nobody has tried: `python -m tests.simulated --first 1000 --count 200`.

Each is a line: what came of it, how long it took, what happened in it. What is found is printed
with its options, and the end is 1: put the seed among those of `test_simulation.REGRESSIONS`.
"""

import argparse
import logging
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from engine import choosing
from tests import compiling  # noqa: F401 - shares what it compiles
from tests.simulated import village
from tests.simulated.simulation import Simulation
from tests.simulated.weather import Options


def main() -> int:
    """Run seeds one after the other."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--first", type=int, default=1_000)
    said.add_argument("--count", type=int, default=100)
    said.add_argument("--hours", type=float, default=30.0)
    said.add_argument("--clients", type=int, default=6)
    given = said.parse_args()
    options = Options(hours=given.hours, clients=given.clients, fail=0.008, crash=0.003)
    _quickly()
    with tempfile.TemporaryDirectory(prefix="onlyou-seeds-") as folder:
        made = Path(folder) / "made"
        village.make(made)
        seeds = range(given.first, given.first + given.count)
        found = [seed for seed in seeds if not _run(made, Path(folder) / "home", seed, options)]
    _say(f"{given.count} seeds, {len(found)} found something: {found}")
    return 1 if found else 0


def _run(made: Path, home: Path, seed: int, options: Options) -> bool:
    """Run one; say whether all held."""
    began, error = time.process_time(), ""
    simulation = Simulation(home=village.copy(made, home), seed=seed, options=options)
    try:
        simulation.run()
    except AssertionError as found:
        error = str(found)
    shutil.rmtree(home)
    took = time.process_time() - began
    happened = dict(sorted(simulation.weather.done.items()))
    _say(
        f"{seed}: {error or 'held'}; {took:.1f} s, {simulation.scheduler.switches} switches, "
        f"{simulation.truth.looks} looks, {len(simulation.history.events)} acts, {happened}"
    )
    return not error


def _quickly() -> None:
    """Wait for no disk, and let the ranking find an idea for everybody."""
    logging.disable(logging.CRITICAL)
    choosing.ranking.choose = village.always_something
    os.fsync = lambda _handle: None
    event.listen(Engine, "begin", _without_waiting)


def _without_waiting(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA synchronous = OFF")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
