# SPDX-License-Identifier: Apache-2.0
from importlib.resources import files
from pathlib import Path

import pytest

from engine.cli import trials
from engine.simulation import keeping
from feed.experiments import records
from tests.engine.cli.conftest import Onlyou


def test_a_demo_has_the_cohort_test_of_the_articles_and_recalls_it(tmp_path: Path) -> None:
    told = trials.demonstrate(tmp_path, people=2_000, swept=0, seed=7)
    path = tmp_path / "experiments" / "cohort" / keeping.RECORD
    assert (told["id"], told["people"]) == ("cohort", 2_000)
    assert told["plan_sha256"] == records.plan_sha256(records.read(path.read_bytes()).experiment)
    written = path.stat().st_mtime_ns
    assert trials.demonstrate(tmp_path, people=2_000, swept=0, seed=7) == told
    assert path.stat().st_mtime_ns == written


def test_an_experiment_for_simulated_people_that_lacks_people_is_refused_in_a_sentence(
    onlyou: Onlyou, tmp_path: Path
) -> None:
    out = str(tmp_path / "run")
    refused = onlyou("simulate", "--experiment", "cohort", "--users", "300", "--out", out)
    assert refused.status == 2
    assert "needs 500" in refused.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "asked",
    [
        ("--users", "0"),
        ("--users", "-5"),
        ("--users", "9" * 30),
        ("--retrain", "-1"),
        ("--swept", "-1"),
    ],
)
def test_a_number_that_no_run_can_have_is_refused_in_a_sentence(
    onlyou: Onlyou, tmp_path: Path, asked: tuple[str, str]
) -> None:
    refused = onlyou("simulate", "--experiment", "cohort", *asked, "--out", str(tmp_path / "run"))
    assert refused.status == 2
    assert refused.err.strip().startswith("✗")
    assert not (tmp_path / "run").exists()


def test_any_experiment_can_be_run_among_simulated_people(onlyou: Onlyou, tmp_path: Path) -> None:
    shipped = (files("data") / "experiments" / "frequency.toml").read_text("utf-8")
    small = tmp_path / "frequency.toml"
    # fewer people, so all segments: a guardrail needs enough of them to be able to stop an arm
    shorter = {"days = 30": "days = 9", "needed = 500": "needed = 40", "[0, 334]": "[0, 1000]"}
    for here, there in shorter.items():
        assert here in shipped
        shipped = shipped.replace(here, there)
    small.write_text(shipped, "utf-8")
    order = ("simulate", "--experiment", str(small), "--users", "900", "--swept", "0")
    told = onlyou(*order, "--out", str(tmp_path / "run"), "--json").json
    assert (told["id"], told["people"], told["days"]) == ("frequency", 900, 9)
    written = (tmp_path / "run" / keeping.RECORD).read_bytes()
    assert onlyou(*order, "--out", str(tmp_path / "run")).status == 2
    assert (tmp_path / "run" / keeping.RECORD).read_bytes() == written
    said = onlyou(*order, "--days", "8", "--out", str(tmp_path / "short"))
    assert "simulated people; what they do is assumed" in said.out
    assert len(records.read((tmp_path / "short" / keeping.RECORD).read_bytes()).days) == 8
