# SPDX-License-Identifier: Apache-2.0
"""Time the analysis of a log of exposures: `onlyou bench analysis`.

The log is a Parquet file of portraits shown, a row each, by person and time; the analysis reads
it, adds up what people come to at the end of each of 30 days, and judges the whole run: effects
with intervals for every day, evidence of harm, the split. The floor is reading the file's columns
and adding each of them up, nothing else.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.conditions import report, timed
from consent.words import Micros
from feed.experiments import tallying
from feed.experiments.analysis import analyse
from feed.experiments.plan import Arm, Experiment, Guardrail
from feed.experiments.readings import Analysis
from feed.experiments.record import Record
from feed.experiments.tallies import Tally
from feed.experiments.tallying import Exposures

DAYS = 30
SHOWN = 5.0
"""Portraits that a person is shown on average."""
RATES = {"engaged": 0.1, "hidden": 0.01, "fewer": 0.005, "reported": 0.001, "withdrew": 0.002}
PLAN = Experiment(
    id="gap",
    title="How far apart",
    question="Does a wider gap keep people?",
    where="simulation",
    policy="strict-opt-in",
    namespace="slots",
    segments=(0, 1_000),
    days=DAYS,
    needed=10_000,
    primary="engaged",
    metrics=("engaged", "shown", "hidden", "fewer", "reported", "withdrew"),
    arms=(Arm(id="as-is", title="As it is"), Arm(id="wider", title="Wider")),
    guardrails=(Guardrail(metric="withdrew", level=0.05), Guardrail(metric="hidden", level=0.01)),
)


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Analyse the exposures of `users` people: ten million rows by default."""
    count = users or (2_000 if smoke else 2_000_000)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "exposures.parquet"
        rows = write(path, count)
        floor = timed(f"floor: read {rows} exposures, add up", lambda: added_up(path), n=5)
        read = timed(f"read {rows} exposures", lambda: exposures(path), n=5)
        whole = timed(
            f"read {rows} exposures, {len(PLAN.metrics)} metrics, {DAYS} looks, and judge them",
            lambda: judged(path),
            n=5,
            floor=floor["value"],
        )
        days = tallying.tallies(PLAN, "0" * 64, exposures(path))
        last = timed(f"judge {DAYS} days of tallies", lambda: _analysis(days), n=5)
    return report(
        "analysis",
        smoke=smoke,
        packages=("numpy", "scipy", "pyarrow"),
        results=[floor, whole, read, last],
    )


def write(path: Path, people: int) -> int:
    """Write a log of people, half of them in each arm; returns how many rows it has."""
    generator = np.random.Generator(np.random.Philox(1))
    each = generator.binomial(9, SHOWN / 9, people).clip(1)
    rows = int(each.sum())
    along = np.arange(rows) - np.repeat(np.cumsum(each) - each, each)
    columns = {
        "person": np.repeat(np.arange(people, dtype=np.int32), each),
        "day": (np.repeat(generator.integers(1, DAYS - 8, people), each) + along).astype(np.int8),
        "arm": np.repeat(generator.integers(0, 2, people, dtype=np.int8), each),
    }
    columns |= {name: generator.random(rows) < rate for name, rate in RATES.items()}
    pq.write_table(pa.table(columns), path)
    return rows


def added_up(path: Path) -> dict[str, int]:
    """Read every column and add it up: what no analysis can go without."""
    table = pq.read_table(path)
    return {name: pc.sum(table[name]).as_py() for name in table.column_names}


def exposures(path: Path) -> Exposures:
    """Read the log into columns."""
    table = pq.read_table(path)
    columns = {name: table[name].to_numpy() for name in table.column_names}
    return Exposures(
        person=columns["person"],
        day=columns["day"],
        arm=columns["arm"],
        done={name: columns[name].view(np.int8) for name in RATES},
        before={},
    )


def judged(path: Path) -> Analysis:
    """Go all the way from the file to what the run says."""
    return _analysis(tallying.tallies(PLAN, "0" * 64, exposures(path)))


def _analysis(days: tuple[Tally, ...]) -> Analysis:
    return analyse(Record(experiment=PLAN, started_at=Micros(0), days=days))
