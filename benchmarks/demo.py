# SPDX-License-Identifier: Apache-2.0
"""Time the whole demo in a process of its own, its memory, and the size of what is installed.

The floor is what the same portraits cost when each is only drawn, its plates warm: what remains is
enrolment, checks, ledger, sealing, plates and start-up. `onlyou bench demo [--users PEOPLE]`.
"""

import json
import resource
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from benchmarks.conditions import Result, report
from benchmarks.portrait import TRUE, selfie
from consent import policies
from generation import inspection, selfies
from generation.recipes import Row
from generation.recipes.photobooth import Photobooth
from generation.selfies import Accepted

PACKAGES: Final = ("onlyou", "numpy", "opencv-python-headless", "scikit-learn", "sqlalchemy")
_MEBIBYTE: Final = 1 << 20


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Play the demo once and hold it to drawing alone."""
    people = users or (2 if smoke else 10)
    seconds, portraits = _demo(people)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    floor = portraits * _one_drawing()
    results = [
        _result(f"demo, {people} people, 2 days, {portraits} portraits", seconds, "s", floor),
        _result("peak memory of the demo", peak, "MiB"),
        _result("what is installed", _installed() / _MEBIBYTE, "MiB"),
    ]
    return report("demo", smoke=smoke, packages=PACKAGES, results=results)


def _demo(people: int) -> tuple[float, int]:
    with tempfile.TemporaryDirectory() as folder:
        words = [
            "demo",
            "--home",
            f"{folder}/home",
            "--people",
            str(people),
            "--no-serve",
            "--simulated",
            "0",
        ]
        program = f"import sys; from engine.cli import main; sys.argv[1:] = {words!r}; main()"
        start = perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
        took = perf_counter() - start
        summary = json.loads((Path(folder) / "home" / "summary.json").read_bytes())
    return took, summary["portraits"]


def _one_drawing() -> float:
    """Return the seconds that one portrait takes to be drawn once its plates are there."""
    models, rules = inspection.shipped(), policies.load("strict-opt-in").selfies
    (kept,) = selfies.examine([selfie()], TRUE, rules, faces=models.faces, scorer=models.scorer)
    assert isinstance(kept, Accepted)
    row = Row(likenesses=(kept.likeness,), scenario="astronaut", seed=1)
    booth = Photobooth()
    booth.render([row])
    start = perf_counter()
    for _ in range(5):
        booth.render([row])
    return (perf_counter() - start) / 5


def _installed() -> int:
    folder = Path(sysconfig.get_paths()["purelib"])
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _result(what: str, value: float, unit: str, floor: float | None = None) -> Result:
    return {
        "what": what,
        "value": round(value, 1),
        "unit": unit,
        "floor": None if floor is None else round(floor, 1),
        "ratio": None if floor is None else round(value / floor, 2),
        "n": 1,
        "spread": 0.0,
    }
