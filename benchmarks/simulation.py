# SPDX-License-Identifier: Apache-2.0
"""Time a simulated population: `onlyou bench simulation`, for 100,000 people and a million.

The floor is what no simulation of so many can go without: one number of chance a person and day,
one bare drawing by lot a choice (float32 matrix product, softmax, draw, chance of what was drawn),
and the same tables written; in one thread, of one process. The whole is everything: arms by hash
for everybody, then visits, choices by the real model, slot rules, what people do, and the tables,
in a process for each core. Processor time is that of all processes, which other work on the
machine moves less. Memory is that of all processes together, at its highest.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.conditions import Result, report
from consent import policies
from engine.simulation import assigning, parquet, people
from engine.simulation import run as runs
from engine.simulation.living import USUAL
from engine.simulation.parquet import Table
from engine.simulation.run import FILES, Order
from feed import draws
from feed.experiments import files

DAYS = 30
POLICY = "strict-opt-in"
EXPERIMENT = "label"
CHUNK = 2_000
COLUMNS = 26
EVERY = 0.1
"""Seconds between two looks at the memory."""


def of(users: int) -> list[Result]:
    """Simulate so many people, and what of it no simulation can go without."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        with watched() as peak:
            start, before = perf_counter(), processor()
            assigned(users)
            told = simulate(users, out)
            took, worked = perf_counter() - start, processor() - before
        floor = least(users, out)
    listed, who = told["totals"]["listed"], f"{users} people x {DAYS} days"
    return [
        result(f"floor: chance, a bare lot a choice and the tables, {who}", floor),
        result(f"simulate {who}, {listed} portraits listed, with arms and log", took, floor),
        result(f"processor time of that, {who}", worked, floor),
        {**result(f"peak memory of all processes, {who}", max(peak)), "unit": "MiB"},
    ]


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Simulate 100,000 people and a million, or as many as asked for."""
    sizes = (users,) if users else (2_000,) if smoke else (100_000, 1_000_000)
    return report(
        "simulation",
        smoke=smoke,
        packages=("numpy", "scipy", "pyarrow"),
        results=[one for size in sizes for one in of(size)],
    )


def result(what: str, value: float, floor: float | None = None) -> dict[str, Any]:
    """Report what was measured once: a run is long enough to be its own average."""
    return {
        "what": what,
        "value": round(value, 2),
        "unit": "s",
        "floor": None if floor is None else round(floor, 2),
        "ratio": None if floor is None else round(value / floor, 2),
        "n": 1,
        "spread": None,
    }


def simulate(users: int, out: Path) -> dict[str, Any]:
    """Run as `onlyou simulate` does."""
    order = Order(users=users, days=DAYS, seed=7, processes=os.cpu_count() or 1)
    terms = runs.setup(policies.load(POLICY), order.seed)
    return runs.write(terms, order, POLICY, out, lambda *_: None)


def assigned(users: int) -> None:
    """Put everybody into an arm by hash, a block at a time."""
    terms = runs.setup(policies.load(POLICY), 7)
    experiment = files.load(EXPERIMENT)
    for first in range(0, users, USUAL):
        names = people.named(terms, first, min(USUAL, users - first))
        assigning.places(experiment, 10, terms.seed, names)


# --- the floor


def least(users: int, out: Path) -> float:
    """Return the seconds of the floor, for as many choices as the run made."""
    tables = {name: parquet.columns(out / name) for name in FILES}
    choices = len(tables["inserts.parquet"]["person"])
    with threadpool_limits(1, "blas"):
        start = perf_counter()
        chance(users)
        for first in range(0, choices, CHUNK):
            lot(min(CHUNK, choices - first))
        for name, columns in tables.items():
            with Table(out / f"floor-{name}") as table:
                table.add(columns)
        return perf_counter() - start


def chance(users: int) -> None:
    """Draw one number a person and day."""
    names, key = np.arange(min(users, 20_000), dtype=np.uint64), draws.run_key(7)
    for day in range(DAYS):
        for _ in range(0, users, 20_000):
            draws.uniform(key, names, day)


def lot(count: int) -> None:
    """Draw one of 75 actions for some people, as barely as can be."""
    rng = np.random.default_rng(count)
    x = rng.random((count, COLUMNS), np.float32)
    worth = x @ rng.random((COLUMNS, 75), np.float32)
    weights = np.exp(worth - worth.max(axis=1, keepdims=True))
    ladder = np.cumsum(weights, axis=1)
    target = rng.random(count, np.float32) * ladder[:, -1]
    action = (ladder <= target[:, np.newaxis]).sum(axis=1)
    _ = weights[np.arange(count), np.minimum(action, 74)] / ladder[:, -1]


def processor() -> float:
    """Return the processor seconds of this process and of the children that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


# --- memory


@contextmanager
def watched() -> Iterator[list[int]]:
    """Look at the memory of this process and its children until the block ends. Units: MiB."""
    looks, over = [resident()], Event()

    def look() -> None:
        while not over.wait(EVERY):
            looks.append(resident())

    thread = Thread(target=look, daemon=True)
    thread.start()
    try:
        yield looks
    finally:
        over.set()
        thread.join()


def resident() -> int:
    """Add up the memory that this process and its children hold, what they share once."""
    own = os.getpid()
    return sum(proportional(pid) for pid in (own, *children(own))) >> 10


def children(pid: int) -> list[int]:
    """List a process's children."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(one) for task in tasks for one in task.read_text().split()]


def proportional(pid: int) -> int:
    """Read a process's share of memory, 0 if it has ended. Units: KiB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
