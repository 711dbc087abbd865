# SPDX-License-Identifier: Apache-2.0
"""A simulated experiment in a folder: its record, its people, its days and every insert.

`record.json` is written last and put in its place whole: a folder that has it has all of a run.
`regime` in the tables is a place in the list of `run.json`; `arm` is one among the arms, -1 none.
"""

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np

from consent import policies
from engine.simulation import living, run
from engine.simulation.living import Columns
from engine.simulation.parquet import Table
from engine.simulation.recording import Order, Simulated, simulate
from engine.simulation.setup import Watch
from engine.simulation.trial import Group
from feed.experiments import records
from feed.experiments.plan import Experiment
from feed.experiments.record import Record

SCHEMA: Final = "onlyou-simulated-experiment/1"
RECORD: Final = "record.json"
TABLES: Final = ("inserts.parquet", "people.parquet", "days.parquet")


def carry_out(
    experiment: Experiment,
    folder: Path,
    order: Order,
    *,
    seed: int,
    watch: Watch = lambda *_: None,
) -> Record:
    """Run an experiment among simulated people and keep all of it in a folder.

    Errors: Misused(policy-forbids, unavailable) as `simulate`; nothing is written then.
    """
    terms = run.setup(policies.load(experiment.policy), seed)
    done = simulate(terms, experiment, order, watch)
    write(done, folder)
    return done.record


def write(done: Simulated, folder: Path) -> None:
    """Write a run into its folder, in the place of one that was there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RECORD).unlink(missing_ok=True)
    groups = done.course.groups
    _table(folder / "inserts.parquet", [living.finished(group.block) for group in groups])
    _table(folder / "people.parquet", [_people(group) for group in groups])
    _table(folder / "days.parquet", done.course.told)
    _put(folder / "run.json", json.dumps(_told(done, folder), indent=1).encode() + b"\n")
    _put(folder / RECORD, records.write(done.record))


def _table(path: Path, parts: Sequence[Columns]) -> None:
    with Table(path) as table:
        for part in parts:
            table.add(part)


def _people(group: Group) -> Columns:
    counts = group.counts
    return living.persons(group.block) | {
        "agreed": group.agreed,
        "arm": counts.arm.astype(np.int8),
        "exposed": counts.exposed,
        "left": counts.left,
    }


def _told(done: Simulated, folder: Path) -> dict[str, Any]:
    setup, plan = done.trial.setup, done.trial.experiment
    return {
        "schema": SCHEMA,
        "experiment": plan.id,
        "plan_sha256": records.plan_sha256(plan),
        "users": done.record.people,
        "days": len(done.record.days),
        "seed": setup.seed,
        "regimes": ["in no arm", "held out", *(arm.id for arm in plan.arms)],
        "policy_sha256": done.trial.policy.sha256,
        "model_sha256": setup.model.sha256,
        "scenarios_sha256": setup.catalogue.sha256,
        "coefficients_sha256": setup.coefficients.sha256,
        "first_day": setup.first_day,
        "versions": {name: version(name) for name in ("onlyou", "numpy", "pyarrow")},
        "files": {name: run.sha256(folder / name) for name in TABLES},
    }


def _put(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it, so that it is whole or not there."""
    draft = path.with_suffix(".new")
    draft.write_bytes(content)
    draft.replace(path)
