# SPDX-License-Identifier: Apache-2.0
"""Run an experiment among simulated people from the command line, and say what came of it."""

import os
from pathlib import Path
from typing import Any, Final

from rich.progress import Progress

from engine.cli.output import progress, say, say_json, say_table
from engine.experiments.records import FOLDER
from engine.simulation import keeping, sweep
from engine.simulation.recording import Order
from engine.simulation.setup import Watch
from feed.experiments import analysis, files, records
from feed.experiments.metrics import METRICS
from feed.experiments.plan import Experiment
from feed.experiments.readings import Analysis
from feed.experiments.record import Record

COHORT: Final = "cohort"
"""The test the articles tell of, which a demo shows."""


def carry_out(
    experiment: Experiment,
    folder: Path,
    *,
    people: int,
    swept: int,
    seed: int,
    retrain: int = 0,
    as_json: bool,
) -> None:
    """Run it, keep it in a folder, and tell it. `swept`: people of the sweep, 0 for none."""
    order = Order(people=people, swept=swept, retrain=retrain, processes=os.cpu_count() or 1)
    with progress() as bar:
        done = keeping.carry_out(experiment, folder, order, seed=seed, watch=_watching(bar))
    told = analysis.analyse(done)
    if as_json:
        say_json(described(done, told, folder))
    else:
        _say(done, told, folder)


def demonstrate(home: Path, *, people: int, swept: int, seed: int) -> dict[str, Any]:
    """Run the cohort test of the articles for a demo's pages, or recall what came of it."""
    chosen, folder = files.load(COHORT), home / FOLDER / COHORT
    if not (folder / keeping.RECORD).exists():
        order = Order(people=people, swept=swept, topics=sweep.NEAREST[chosen.primary])
        with progress() as bar:
            keeping.carry_out(chosen, folder, order, seed=seed, watch=_watching(bar))
    done = records.read((folder / keeping.RECORD).read_bytes())
    told = described(done, analysis.analyse(done), folder)
    return {key: told[key] for key in told if key != "folder"}


def described(done: Record, told: Analysis, folder: Path) -> dict[str, Any]:
    """Tell a simulated run in few words. What it found is `onlyou experiment report`'s to tell."""
    return {
        "id": told.experiment,
        "plan_sha256": records.plan_sha256(done.experiment),
        "seed": done.seed,
        "people": done.people,
        "days": len(done.days),
        "state": told.state,
        "stops": [{"arm": one.arm, "day": one.day, "why": one.why} for one in done.stops],
        "folder": str(folder),
    }


def _watching(bar: Progress) -> Watch:
    task = bar.add_task("", total=None)

    def watch(what: str, done: int, total: int) -> None:
        bar.update(task, description=f"{what:<28}", completed=done, total=total)

    return watch


def _say(done: Record, told: Analysis, folder: Path) -> None:
    rows = [(a.title, a.subjects, a.exposed, a.withdrew, _end(a.stopped_day)) for a in told.arms]
    say_table(done.experiment.title, ("arm", "people", "exposed", "turned off", "stopped"), rows)
    for one in told.effects:
        if one.metric == done.experiment.primary:
            metric = METRICS[one.metric]
            say(
                f"{metric.title}, {one.arm} against {one.against}: {one.estimate:+.2f} "
                f"({one.low:+.2f} to {one.high:+.2f}) {metric.unit}"
            )
    say(f"{done.people} simulated people; what they do is assumed, and swept in the report.")
    say(f"Kept in {folder}.")


def _end(day: int | None) -> str:
    return "" if day is None else f"day {day}"
