# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from feed.experiments import files, records
from tests.engine.cli.conftest import Onlyou


def test_the_shipped_experiments_are_listed_with_their_hashes(onlyou: Onlyou) -> None:
    items = onlyou("experiment", "list", "--json").json["items"]
    assert {item["id"]: item["sha256"] for item in items} == {
        name: records.plan_sha256(files.load(name)) for name in files.names()
    }
    assert "frequency" in onlyou("experiment", "list").out


def test_an_experiment_is_shown_with_its_arms_and_what_stops_them(onlyou: Onlyou) -> None:
    shown = onlyou("experiment", "show", "label")
    assert shown.status == 0
    assert "visible_to" in shown.out
    assert "stops an arm   withdrew, falsely in at most 5.0% of sound arms" in shown.out
    assert "judged on      day 10, 20, 30" in shown.out
    plan = onlyou("experiment", "show", "label", "--json").json["plan"]
    assert plan == records.table(files.load("label"))


def test_a_title_is_printed_as_it_is(onlyou: Onlyou, tmp_path: Path) -> None:
    odd = tmp_path / "label.toml"
    odd.write_text(files.text("label").replace('title = "', 'title = "[/x] [red]', 1), "utf-8")
    assert "[/x] [red]" in onlyou("experiment", "show", str(odd)).out


def test_an_experiment_without_planned_looks_tells_of_none(onlyou: Onlyou) -> None:
    assert "judged on" not in onlyou("experiment", "show", "gap").out


@pytest.mark.parametrize("name", files.names())
def test_every_shipped_experiment_passes(onlyou: Onlyou, name: str) -> None:
    checked = onlyou("experiment", "check", name, "--json")
    assert (checked.status, checked.json["ok"], checked.json["refusals"]) == (0, True, [])


def test_an_arm_that_the_policy_does_not_allow_is_a_finding(
    onlyou: Onlyou, tmp_path: Path
) -> None:
    bold = tmp_path / "bold.toml"
    bold.write_text(files.text("first-slot").replace("{ first = 3 }", "{ first = 1 }"))
    checked = onlyou("experiment", "check", str(bold), "--json")
    assert (checked.status, checked.json["ok"]) == (1, False)
    assert checked.json["refusals"] == [
        "arm 'third': first 1 is below the 3 that strict-opt-in allows"
    ]
    told = onlyou("experiment", "check", str(bold))
    assert (told.status, "nothing would be started" in told.out) == (1, True)
    assert "first 1 is below the 3" in told.out


def test_a_file_that_is_not_understood_names_what_is_wrong(onlyou: Onlyou, tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.toml"
    faulty.write_text(files.text("label").replace("days = 30", "dayz = 30"))
    refused = onlyou("experiment", "check", str(faulty), "--json")
    assert (refused.status, refused.json["reason"]) == (2, "unknown-key")
    assert "unknown key 'dayz' in experiment" in refused.json["detail"]


def test_an_unknown_experiment_names_what_there_is(onlyou: Onlyou) -> None:
    refused = onlyou("experiment", "show", "colours")
    assert (refused.status, "shipped are cohort" in refused.err) == (2, True)
