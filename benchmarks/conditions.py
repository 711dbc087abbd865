# SPDX-License-Identifier: Apache-2.0
"""What every benchmark states beside its figures: when, where, with which versions."""

import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

from consent.clocks import SystemClock
from consent.words import rfc3339

Result = Mapping[str, Any]


def report(
    name: str, *, smoke: bool, packages: Sequence[str], results: Sequence[Result]
) -> dict[str, Any]:
    """Put results into the shape that `onlyou bench --json` prints."""
    return {
        "name": name,
        "at": rfc3339(SystemClock().now()),
        "git": _commit(),
        "hardware": {"cpu": _processor(), "cores": os.cpu_count(), "gpu": None},
        "versions": {package: version(package) for package in packages},
        "size": "smoke" if smoke else "full",
        "results": list(results),
        "skipped": None,
    }


def timed(what: str, act: Callable[[], object], *, n: int, floor: float | None = None) -> Result:
    """Run `act` once to warm up, then n times; report the median and the spread in ms."""
    act()
    took = sorted(_once(act) for _ in range(n))
    value = statistics.median(took)
    return {
        "what": what,
        "value": round(value, 1),
        "unit": "ms",
        "floor": None if floor is None else round(floor, 1),
        "ratio": None if floor is None else round(value / floor, 2),
        "n": n,
        "spread": round(took[-1] - took[0], 1),
    }


def _once(act: Callable[[], object]) -> float:
    start = perf_counter()
    act()
    return (perf_counter() - start) * 1_000


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.is_file() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())
