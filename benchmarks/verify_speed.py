# SPDX-License-Identifier: Apache-2.0
"""Time the offline verifier on synthetic honest logs: `onlyou bench verify_speed`.

Figures are entries a second, checkpoint to report, files in the page cache, in one process and in
two; `ratio` is the part of the floor that is reached. The floors read the same entries in one
process: the first only hashes the tree over them, the second also parses each with `json.loads`,
what no verifier written in Python that keeps to it can go without. Decisions in blocks are counted
by themselves. Memory is the sum of what all processes had at most, as the system says it.
"""

import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from benchmarks import long_log
from benchmarks.conditions import Result, report
from consent import tiles, verify
from consent.verify.tree import leaf_hash, tree_root

SIZES = (10_000, 100_000)
JOBS = (1, 2)
LONG = (250_000, 1_000_000)
"""Sizes at which memory is measured: from two of them one sees how it grows."""
BLOCKS = 100


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Measure all sizes, with and without openings; `users` sets one size by its people."""
    sizes = (1_000,) if smoke else SIZES
    sizes = sizes if users is None else (users * long_log.LIFE,)
    long = (1_000, 2_000) if smoke else LONG if users is None else ()
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            results += measured(Path(folder), size, 3)
        results += blocks(Path(folder) / "blocks", 1 if smoke else BLOCKS, 3)
        results += [memory(Path(folder) / f"long-{size}", size) for size in long]
    return report("verify_speed", smoke=smoke, packages=("cryptography",), results=results)


def measured(folder: Path, size: int, n: int) -> Iterator[Result]:
    """Time one size: both floors, the bundle without openings, the same with them."""
    closed, opened = folder / f"{size}", folder / f"{size}-opened"
    count = long_log.write(closed, size // long_log.LIFE)
    long_log.write(opened, size // long_log.LIFE, openings=True)
    hashed = rate(f"floor: hash the tree, {count} entries", lambda: bare(closed, count), count, n)
    parsed = rate(
        f"floor: hash and parse, {count} entries",
        lambda: bare(closed, count, parse=True),
        count,
        n,
    )
    yield hashed
    yield parsed
    for what, bundle in (("without openings", closed), ("with openings", opened)):
        for jobs in JOBS:
            said = f"verify {what}, {count} entries, {jobs} processes"
            yield rate(said, checked(bundle, jobs), count, n, floor=parsed["value"])


def rate(
    what: str,
    act: Callable[[], object],
    read: int,
    n: int,
    *,
    floor: float | None = None,
    unit: str = "entries/s",
) -> Result:
    """Run `act` once to warm up, then n times; report the median of what is read a second."""
    act()
    rates = sorted(read / took(act) for _ in range(n))
    value = statistics.median(rates)
    return {
        "what": what,
        "value": round(value),
        "unit": unit,
        "floor": None if floor is None else round(floor),
        "ratio": None if floor is None else round(value / floor, 2),
        "n": n,
        "spread": round(rates[-1] - rates[0]),
    }


def took(act: Callable[[], object]) -> float:
    """Return the seconds that one run takes."""
    start = perf_counter()
    act()
    return perf_counter() - start


def checked(bundle: Path, jobs: int) -> Callable[[], None]:
    """Return a run of the verifier that must find nothing."""

    def act() -> None:
        found = verify.verify(bundle, jobs=jobs)["findings"]
        assert not found, found[:3]

    return act


def bare(bundle: Path, size: int, *, parse: bool = False) -> bytes:
    """Do what every verifier must: read, hash into the tree, and parse if that is wanted."""
    leaves = []
    for number, width in tiles.spans(size):
        for raw in tiles.unpack((bundle / tiles.entries_path(number, width)).read_bytes()):
            leaves.append(hashlib.sha256(b"\x00" + raw).digest())
            if parse:
                json.loads(raw)
    return tree_root(leaves)


def blocks(folder: Path, n: int, runs: int) -> Iterator[Result]:
    """Time decisions in blocks of ten thousand beside the bare hashing of their records."""
    for what, openings in (("without openings", False), ("with openings", True)):
        bundle = folder / what.replace(" ", "-")
        decisions = long_log.write_blocks(bundle, n, openings=openings)
        records = [path.read_bytes() for path in (bundle / "blocks").iterdir()]
        floor = rate(
            f"floor: hash the inner trees, {decisions} decisions",
            lambda records=records: [inner(raw) for raw in records],  # type: ignore[misc]
            decisions,
            runs,
            unit="decisions/s",
        )
        yield floor
        for jobs in JOBS:
            said = f"verify blocks {what}, {decisions} decisions, {jobs} processes"
            act = checked(bundle, jobs)
            yield rate(said, act, decisions, runs, floor=floor["value"], unit="decisions/s")


def inner(raw: bytes) -> bytes:
    """Return the root over the records of a block."""
    return tree_root([leaf_hash(raw[i : i + 70]) for i in range(0, len(raw), 70)])


# --- memory


def memory(bundle: Path, size: int, jobs: int = 2) -> Result:
    """Verify a log in processes of their own and sum the most that each of them held."""
    count = long_log.write(bundle, size // long_log.LIFE)
    command = [sys.executable, "-m", "consent.verify", str(bundle), "--jobs", str(jobs)]
    peaks: dict[int, int] = {}
    start = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        while running.poll() is None:
            peaks |= {pid: held for pid in family(running.pid) if (held := peak(pid))}
            sleep(0.02)
    assert running.returncode == 0
    return {
        "what": f"memory of all processes at most, {count} entries, "
        f"{round(count / (perf_counter() - start))} entries/s meanwhile",
        "value": round(sum(peaks.values()) / 1024),
        "unit": "MiB",
        "floor": None,
        "ratio": None,
        "n": 1,
        "spread": 0,
    }


def family(pid: int) -> list[int]:
    """Return a process and its children."""
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return [pid]
    return [pid, *map(int, told.split())]


def peak(pid: int) -> int:
    """Return the most memory that a process held so far, in KiB; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


if __name__ == "__main__":
    print(json.dumps(run(smoke="--smoke" in sys.argv), indent=1))
