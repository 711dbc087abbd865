# SPDX-License-Identifier: Apache-2.0
"""A simulated experiment's folder: whole or not there, equal for equal seeds, tables as sums."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from consent.errors import Misused
from engine.simulation import keeping, parquet
from engine.simulation.recording import Order
from feed.experiments import records
from feed.experiments.record import Record
from tests.engine.simulation.trials import plan

PLAN = plan(days=3)
ORDER = Order(people=700, swept=0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("runs") / "cohort"
    keeping.carry_out(PLAN, found, ORDER, seed=3)
    return found


def record(folder: Path) -> Record:
    return records.read((folder / keeping.RECORD).read_bytes())


def test_the_tables_hold_the_people_that_the_record_counts(folder: Path) -> None:
    people, told = parquet.columns(folder / "people.parquet"), record(folder).days[-1]
    for at, one in enumerate(PLAN.arms):
        mine, arm = people["arm"] == at, told.arms[one.id]
        assert mine.sum() == arm.assigned
        assert (mine & people["exposed"]).sum() == arm.exposed
    inserts = parquet.columns(folder / "inserts.parquet")
    assert (inserts["seen"] >= 0).sum() == people["shown"].sum()


def test_days_and_regimes_are_told_from_the_first_day_to_the_last(folder: Path) -> None:
    days = parquet.columns(folder / "days.parquet")
    run = json.loads((folder / "run.json").read_text("utf-8"))
    assert sorted(set(days["day"].tolist())) == [1, 2, 3]
    assert len(run["regimes"]) == len(set(days["regime"].tolist())) == 4
    assert days["people"][days["day"] == 3].sum() == 700


def test_it_names_the_hash_of_what_it_rests_on_and_of_every_table(folder: Path) -> None:
    run = json.loads((folder / "run.json").read_text("utf-8"))
    assert run["plan_sha256"] == records.plan_sha256(PLAN)
    for name, sha256 in run["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256


def test_the_same_seed_writes_the_same_bytes_and_another_one_others(
    folder: Path, tmp_path: Path
) -> None:
    for seed, same in ((3, True), (4, False)):
        again = tmp_path / str(seed)
        keeping.carry_out(PLAN, again, ORDER, seed=seed)
        for name in (keeping.RECORD, *keeping.TABLES):
            assert ((again / name).read_bytes() == (folder / name).read_bytes()) == same, name


def test_an_experiment_that_cannot_start_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(Misused):
        keeping.carry_out(plan(needed=9_999), tmp_path / "run", ORDER, seed=3)
    assert not (tmp_path / "run").exists()


def test_people_in_the_tables_have_their_arm_or_none(folder: Path) -> None:
    people = parquet.columns(folder / "people.parquet")
    assert set(np.unique(people["arm"]).tolist()) == {-1, 0, 1}
    assert not people["exposed"][people["arm"] == -1].any()
    assert not people["agreed"][people["arm"] == -1].all()
