# SPDX-License-Identifier: Apache-2.0
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from consent import policies
from consent.errors import Misused
from engine.simulation import coefficients, parquet, run
from engine.simulation.rows import COLUMNS, FULL
from engine.simulation.run import FILES, Order

ORDER = Order(users=240, days=4, seed=3, full=True)


def made(out: Path, order: Order = ORDER) -> dict[str, Any]:
    terms = run.setup(policies.load("instagram-2025"), order.seed)
    return run.write(terms, order, "instagram-2025", out, lambda *_: None)


def contents(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in (*FILES, "run.json")}


def test_one_seed_gives_the_same_bytes_in_one_two_and_four_blocks_and_two_processes(
    tmp_path: Path,
) -> None:
    for blocks in (1, 2, 4):
        made(tmp_path / str(blocks), replace(ORDER, block=ORDER.users // blocks))
    made(tmp_path / "spread", replace(ORDER, block=ORDER.users // 4, processes=2))
    first, *others = (contents(tmp_path / name) for name in ("1", "2", "4", "spread"))
    assert all(other == first for other in others)
    made(tmp_path / "seed", replace(ORDER, seed=4))
    assert contents(tmp_path / "seed")["inserts.parquet"] != first["inserts.parquet"]


def test_a_run_names_all_that_it_rests_on(tmp_path: Path) -> None:
    told = made(tmp_path / "run")
    terms = run.setup(policies.load("instagram-2025"), 3)
    assert told == json.loads((tmp_path / "run" / "run.json").read_text("utf-8"))
    assert told["coefficients_sha256"] == coefficients.shipped().sha256
    assert told["model_sha256"] == terms.model.sha256
    assert told["assumed"] == len(coefficients.shipped().listed)
    assert set(told["files"]) == set(FILES)
    people = parquet.columns(tmp_path / "run" / "people.parquet")
    assert told["totals"]["shown"] == int(people["shown"].sum()) > 0
    assert told["totals"]["people"] == ORDER.users == len(people["person"])


def test_the_tables_have_the_columns_that_are_documented(tmp_path: Path) -> None:
    made(tmp_path / "run")
    inserts = parquet.columns(tmp_path / "run" / "inserts.parquet")
    assert list(inserts) == [*COLUMNS, *FULL]
    page = Path(__file__).parents[3] / "docs" / "simulation.md"
    told = page.read_text("utf-8")
    for name in FILES:
        for column in parquet.columns(tmp_path / "run" / name):
            assert f"`{column}`" in told, (name, column)


def test_the_eligible_set_and_the_features_of_a_choice_can_be_read_back(tmp_path: Path) -> None:
    made(tmp_path / "run")
    inserts = parquet.columns(tmp_path / "run" / "inserts.parquet")
    bits = np.unpackbits(inserts["eligible_bits"], axis=1)
    assert np.array_equal(bits.sum(axis=1), inserts["eligible"])
    assert bits[np.arange(len(bits)), inserts["scenario"] + 1].all()
    assert np.abs(inserts["features"]).max() <= 64


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"users": 0}, "1 to"),
        ({"days": 61}, "as far back"),
        ({"days": 0}, "1 to 60"),
        ({"processes": -3}, "at least one process"),
    ],
)
def test_a_run_that_cannot_be_writes_nothing(
    tmp_path: Path, wrong: dict[str, int], why: str
) -> None:
    with pytest.raises(Misused, match=why):
        made(tmp_path / "run", replace(ORDER, **wrong))
    assert not (tmp_path / "run").exists()


def test_a_folder_that_holds_a_run_is_left_alone(tmp_path: Path) -> None:
    made(tmp_path / "run", replace(ORDER, users=20))
    before = contents(tmp_path / "run")
    with pytest.raises(Misused, match="already holds a run"):
        made(tmp_path / "run", replace(ORDER, users=30))
    assert contents(tmp_path / "run") == before
