# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
from pathlib import Path

import orjson

from consent import bundle
from engine.experiments.records import from_folder
from engine.experiments.report import build
from engine.experiments.told import told
from engine.web.experiments import html
from feed.experiments.analysis import analyse
from feed.trials import daybook
from tests.engine.cli.conftest import Onlyou
from tests.engine.experiments import runs
from tests.engine.homes import Home


def test_a_run_is_told_from_its_folder_without_any_home(onlyou: Onlyou, tmp_path: Path) -> None:
    folder = runs.kept(tmp_path)
    said = onlyou("experiment", "report", "gap", "--from", str(folder))
    assert said.status == 0
    assert "One arm was stopped for harm" in said.out
    assert "Gap of 10 shows no sign of harm." in said.out


def test_as_json_it_is_what_http_answers(onlyou: Onlyou, town_home: Path) -> None:
    runs.kept(town_home)
    said = onlyou("experiment", "report", "gap", "--json", home=town_home)
    made = build(runs.guarded(), analyse(runs.guarded()))
    assert said.json == json.loads(orjson.dumps(told(made)))


def test_the_file_is_the_one_that_the_page_hands_out(onlyou: Onlyou, tmp_path: Path) -> None:
    folder, out = runs.kept(tmp_path), tmp_path / "gap.html"
    said = onlyou("experiment", "report", "gap", "--from", str(folder), "--out", str(out))
    assert said.status == 0
    record = from_folder(folder)
    assert out.read_text("utf-8") == html(build(record, analyse(record)))


def test_what_is_not_there_is_said_and_nothing_is_written(onlyou: Onlyou, tmp_path: Path) -> None:
    folder, out = runs.kept(tmp_path), tmp_path / "gap.html"
    words = ("experiment", "report", "other", "--from", str(folder), "--out", str(out), "--json")
    said = onlyou(*words)
    assert (said.status, said.json["reason"]) == (2, "unknown-key")
    assert not out.exists()


def test_a_bundle_is_verified_before_it_is_reported(
    onlyou: Onlyou, home: Home, tmp_path: Path
) -> None:
    folder = tmp_path / "bundle"
    bundle.export(home.rooms.consent, folder)
    words = ("experiment", "report", "gap", "--from", str(folder), "--json")
    said = onlyou(*words)
    assert (said.status, said.json["reason"]) == (2, "unknown-key")
    next((folder / "notices").iterdir()).write_text("something else")
    said = onlyou(*words)
    assert (said.status, said.json["reason"]) == (2, "unreadable")


def test_a_verified_bundle_whose_plan_is_none_is_refused_in_a_sentence(
    onlyou: Onlyou, home: Home, tmp_path: Path
) -> None:
    content = b'{"id":"gap","kind":"experiment-plan"}'
    with home.rooms.consent.ledger.write() as writing:
        daybook.file(writing, "gap", content)
        sha256 = hashlib.sha256(content).hexdigest()
        writing.append("experiment.start", content=sha256, experiment="gap", by="Ada")
    bundle.export(home.rooms.consent, tmp_path / "bundle")
    words = ("experiment", "report", "gap", "--from", str(tmp_path / "bundle"), "--json")
    said = onlyou(*words)
    assert (said.status, said.json["reason"]) == (2, "unreadable")
    assert "not an experiment's plan" in said.json["detail"]
