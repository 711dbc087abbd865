# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from engine.simulation.run import FILES
from tests.engine.cli.conftest import Onlyou


def test_a_simulated_run_is_written_and_told(onlyou: Onlyou, tmp_path: Path) -> None:
    size = ("--users", "150", "--days", "3", "--processes", "1", "--policy", "instagram-2025")
    said = onlyou("simulate", *size, "--out", str(tmp_path / "run")).out
    assert "150 people, 3 days under instagram-2025" in said
    assert "are assumptions" in said
    assert all((tmp_path / "run" / name).is_file() for name in FILES)
    told = onlyou("simulate", *size, "--out", str(tmp_path / "again"), "--json").json
    assert told["schema"] == "onlyou-simulation/1"
    assert told["totals"]["people"] == 150


def test_a_run_that_cannot_be_is_refused_in_a_sentence(onlyou: Onlyou, tmp_path: Path) -> None:
    out = str(tmp_path / "run")
    assert onlyou("simulate", "--days", "90", "--out", out).status == 2
    assert onlyou("simulate", "--policy", "none-such", "--out", out).status == 2
    assert not (tmp_path / "run").exists()


def test_an_experiment_keeps_its_policy_and_has_no_more_days_than_planned(
    onlyou: Onlyou, tmp_path: Path
) -> None:
    order = ("simulate", "--experiment", "cohort", "--out", str(tmp_path / "run"))
    assert onlyou(*order, "--days", "31").status == 2
    assert onlyou(*order, "--days", "0").status == 2
    assert onlyou(*order, "--policy", "instagram-2025").status == 2
    assert not (tmp_path / "run").exists()
