# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

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
